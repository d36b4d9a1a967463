/**
 * Route 1 beside the certificate: after a finding each volunteer whose own rows were computed often enough, and were right, has a bound for the others. It
 * spends a part of eps of its own, settled with the terms of the block, before its first row goes out.
 */
import { shuffle } from "../../../../../shared/random/draws.ts";
import { leastTrusted } from "../../../../checks/route-one.ts";
import type { Step } from "../../../../coordinator/core-kind.ts";
import type { CoordinatorState } from "../../../../coordinator/state.ts";
import { certify } from "./certificates.ts";
import { blocksOpened } from "./job-blocks.ts";
import { rowsMaxLeft, rowsMaxOf } from "./price-cap.ts";
import { coalitionOf } from "./route-one-share.ts";
import { drawsOf, type RowsJob } from "./rows-job.ts";

/** Of the rows that a volunteer gave so many may be computed for route 1, all in all: more is not cheaper than asking again. */
const OWN_ROWS_SHARE_MAX = 0.5;

/**
 * After a finding: the rows that are still wanted of each volunteer are drawn and computed; when they are there, what has a bound by then is final.
 * @returns whether rows are being computed for it
 */
export function settleByRouteOne(step: Step, job: RowsJob): boolean {
  const { block, checked } = job;
  if (block === null || checked === null || block.block.terms.routeOneShare === 0) return false;
  if (job.recomputing.size > 0) return true;
  const own = ownOf(step.state, job, block.block.terms.routeOneShare);
  const isAsked = job.routeOneOf === block.blockId;
  job.routeOneOf = block.blockId;
  const wanted = own.reduce((sum, { needed }) => sum + needed, 0);
  if (!isAsked && wanted > 0 && isWorthIt(step.state, job, own, wanted)) {
    const random = drawsOf(job).source(`route ${block.blockId}`);
    const drawn = own.flatMap(({ places, needed }) => shuffle([...places], random).slice(0, needed));
    job.said.push(...checked.recompute(drawn, step.nowMs));
    return true;
  }
  const bound = own.flatMap(({ places, needed }) => (needed === 0 ? places : []));
  if (bound.length === 0) return false;
  job.said.push(...checked.settle(bound, step.nowMs));
  certify(step, job, bound);
  return false;
}

interface OwnRows {
  /** Its answers that nobody else has made final. */
  readonly places: readonly number[];
  /** So many more of them are to be computed. */
  readonly needed: number;
}

/** By volunteer; whoever was once wrong in the job has no bound. */
function ownOf(state: CoordinatorState, job: RowsJob, share: number): OwnRows[] {
  const { ledger, checked, contributions, stored } = job;
  if (ledger === null || checked === null) return [];
  const places = new Map<string, number[]>();
  for (let place = 0; place < ledger.counts.rows; place++) {
    const author = ledger.stateOf(place) === "answered" ? ledger.authorOf(place) : null;
    if (author === null) continue;
    const own = places.get(author);
    if (own === undefined) places.set(author, [place]);
    else own.push(place);
  }
  const coalition = coalitionOf(state);
  const bound = share * stored.submission.answerBound;
  const all: OwnRows[] = [];
  for (const [volunteerId, own] of places) {
    if ((contributions.get(volunteerId)?.failedRows ?? 0) > 0) continue;
    const { trustedRight } = checked.factsOf(volunteerId);
    const least = leastTrusted(own.length + trustedRight, coalition, bound);
    all.push({ places: own, needed: Math.max(0, least - trustedRight) });
  }
  return all;
}

function isWorthIt(state: CoordinatorState, job: RowsJob, own: readonly OwnRows[], wanted: number): boolean {
  const { submission, queryCount } = job.stored;
  const rows = own.reduce((sum, { places }) => sum + places.length, 0);
  const rowsMax = rowsMaxLeft(rowsMaxOf(submission, queryCount, state.settings), blocksOpened(job));
  return wanted <= OWN_ROWS_SHARE_MAX * rows && wanted <= (rowsMax ?? wanted);
}
