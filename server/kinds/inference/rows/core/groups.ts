/** Groups of a code: their mixtures are kept as they come, and rows that have no answer of their own are answered by the code, or by a majority. */

import { AUDIT_ROW_SHARE } from "../../../../../shared/protocol/limits.ts";
import type { Step } from "../../../../coordinator/core-kind.ts";
import { failJob } from "../../../../coordinator/jobs.ts";
import { ownRecord, persistOwn } from "../../../../coordinator/persistence.ts";
import { graceMs } from "../../../../coordinator/response-times.ts";
import { emitNumerics, emitWork } from "../../../../coordinator/step-context.ts";
import { groupOfMixture, mixtureItem } from "../../../../rows/words.ts";
import { contributionOf, takeChangedContributions } from "../../core/contributions.ts";
import { COORDINATOR } from "../../core/job.ts";
import type { DecodedRows, RowEntry, RowsOutcome, RowsPurpose, RowsRecord, RowsWork } from "../work.ts";
import { askToRecompute } from "./recompute.ts";
import { drawsOf, type RowsJob } from "./rows-job.ts";

type OutcomeOf<T extends RowsOutcome["type"]> = Extract<RowsOutcome, { type: T }>;

/**
 * Enough of the group is answered. Rows that go out as they are may be a moment away: estimates are told after half a median response. Where mixtures or
 * copies alone go out nothing else will come.
 */
export function groupDecodable(step: Step, job: RowsJob, group: number, missing: readonly number[]): void {
  if (missing.length === 0) return;
  if (job.groups.way !== "beside") return void job.groups.toDecode.add(group);
  const rows = Math.max(1, ...[...job.claims.values()].map(({ indexOf }) => indexOf.size));
  job.groups.due.set(group, step.nowMs + graceMs(step.state, rows * job.stored.macsPerQuery));
}

/** Groups that can be decoded by now go together: each call of the numerics costs as much, whatever is in it. */
export function decodeTogether(step: Step, job: RowsJob): void {
  const { toDecode } = job.groups;
  if (toDecode.size === 0) return;
  const groups = [...toDecode];
  toDecode.clear();
  decode(step, job, groups);
}

/** Their time has come, and some of their rows have no answer yet. */
export function decodeDue(step: Step, job: RowsJob): void {
  const { ledger, groups } = job;
  const due = [...groups.due].filter(([, dueMs]) => dueMs <= step.nowMs).map(([group]) => group);
  for (const group of due) groups.due.delete(group);
  const open = due.filter((group) => ledger?.placesOf(group).some((place) => !isStanding(job, place)) === true);
  if (open.length > 0) decode(step, job, open);
}

function isStanding({ ledger }: RowsJob, place: number): boolean {
  const state = ledger?.stateOf(place);
  return state === "answered" || state === "final";
}

/** When `decodeDue` has something to do, ms; null: nothing waits for time. */
export function decodeDueMs({ groups }: RowsJob): number | null {
  return groups.due.size === 0 ? null : Math.min(...groups.due.values());
}

function decode(step: Step, job: RowsJob, groups: readonly number[]): void {
  const { ledger } = job;
  if (ledger === null) return;
  const asked = groups.map((group) => ({ group, places: ledger.placesOf(group) }));
  const had = new Map(groups.map((group) => [group, mixturesOf(job, group)]));
  job.groups.decoding.set(emitNumerics<RowsWork>(step, job, { type: "decodeGroups", groups: asked }), had);
}

function mixturesOf({ groups }: RowsJob, group: number): number {
  return groups.came.get(group)?.count ?? 0;
}

/**
 * What the code says of rows without an answer of their own is told. Of a vote without a majority one more volunteer is asked, until all that the code
 * has copies for have voted: then its row has no answer.
 */
export function groupsDecoded(
  step: Step,
  job: RowsJob,
  effectId: number,
  { groups }: OutcomeOf<"groupsDecoded">,
): void {
  const { checked, ledger } = job;
  const had = job.groups.decoding.get(effectId);
  if (!job.groups.decoding.delete(effectId) || ledger === null || checked === null) return;
  const { votesMax, way, estimated } = job.groups;
  const isPlain = way === "beside";
  const entries: RowEntry[] = [];
  for (const decoded of groups) {
    entries.push(...tellDecoded(job, decoded, isPlain));
    const { group, undecided, rejected } = decoded;
    for (const volunteerId of rejected) contributionOf(job, volunteerId).rejectedRows += 1;
    // A vote that came meanwhile may be the one that decides, and the ledger tells of a group that has enough once.
    if (undecided !== null && mixturesOf(job, group) > (had?.get(group) ?? 0)) {
      job.groups.toDecode.add(group);
      continue;
    }
    const latest = job.groups.came.get(group)?.latest;
    const doubted = undecided !== null && undecided < votesMax && latest !== undefined ? [latest] : [];
    if (!isPlain) job.said.push(...checked.decoded(group, doubted, step.nowMs));
  }
  const rows = entries.map(({ place, attempt }) => ({ place, attempt }));
  if (rows.length === 0) return;
  if (job.groups.estimatesStay) {
    const places = entries.map(({ place }) => place);
    for (const place of places) estimated.add(place);
    job.said.push(...checked.estimated(places, step.nowMs));
  }
  emitWork<RowsWork>(step, job, { type: "takeDecoded", rows });
  askToRecompute(step, job, drawnToMeasure(job, entries), "estimate");
  askToRecompute(step, job, ownOf(job, entries), "own");
  const record: RowsRecord = { type: "rows", rows: entries };
  persistOwn<RowsPurpose>(step, job, { type: "rowsTaken", credited: [] }, [
    ownRecord(job, record),
    ...takeChangedContributions(job),
  ]);
}

/** [CK11] Rows of a job that the coordinator computes itself, which tabs have first: no code makes them final. An estimate of a fast job is its end. */
function ownOf({ tabsFirstUntilMs }: RowsJob, entries: readonly RowEntry[]): number[] {
  if (tabsFirstUntilMs === null) return [];
  return entries.filter(({ mark }) => mark !== "estimated").map(({ place }) => place);
}

/**
 * [SC3] Where mixtures alone go out no row has an answer of its own, and nothing else tells what estimates are worth.
 * @returns places that the coordinator computes for that, drawn in secret: AUDIT_ROW_SHARE of them, and one at least of the job
 */
function drawnToMeasure(job: RowsJob, entries: readonly RowEntry[]): number[] {
  if (job.groups.way !== "mixtures") return [];
  const estimated = entries.filter(({ mark }) => mark === "estimated");
  const draws = estimated.map((row) => ({ place: row.place, draw: drawsOf(job).anchor(row) }));
  const drawn = draws.filter(({ draw }) => draw < AUDIT_ROW_SHARE).map(({ place }) => place);
  if (drawn.length > 0 || job.stored.heldOutTotal > 0 || isMeasuring(job)) return drawn;
  return draws
    .sort((a, b) => a.draw - b.draw)
    .slice(0, 1)
    .map(({ place }) => place);
}

function isMeasuring({ recomputing }: RowsJob): boolean {
  return [...recomputing.values()].some((rows) => rows.some(({ why }) => why === "estimate"));
}

/** @param isPlain do its rows go out as they are? Then a row that has its own answer by now keeps it, and else the code answers it in the ledger too */
function tellDecoded({ ledger }: RowsJob, { answered }: DecodedRows, isPlain: boolean): RowEntry[] {
  return answered.flatMap(({ place, mark, by }) => {
    const state = ledger!.stateOf(place);
    const isStanding = state === "answered" || state === "final";
    if (isStanding === isPlain || ledger!.authorOf(place) !== null || state === "final") return [];
    return [{ place, attempt: ledger!.attemptOf(place), author: by ?? COORDINATOR, mark }];
  });
}

/** [JB7] What was asked had failed alone, in a fresh process, before it was told. */
export function groupsNotDecoded(
  step: Step,
  job: RowsJob,
  effectId: number,
  { message, isOver }: OutcomeOf<"decodeFailed">,
): void {
  if (!job.groups.decoding.delete(effectId) || isOver === true) return;
  failJob(step, job, `answers of this model could not be decoded: ${message}`);
}

/**
 * Rows and mixtures that do not stand any more.
 * @returns other places, which the code answered with them, and which have no answer now
 */
export function membersOut(
  step: Step,
  job: RowsJob,
  { places, mixtures }: { readonly places: readonly number[]; readonly mixtures: readonly number[] },
): number[] {
  if (mixtures.length > 0) emitWork<RowsWork>(step, job, { type: "dropMixtures", items: mixtures });
  const { ledger, groups } = job;
  if (ledger === null || (groups.way === "beside" && !groups.estimatesStay)) return [];
  const rows = groups.estimatesStay ? places.flatMap((place) => ledger.groupOf(place) ?? []) : [];
  const touched = new Set([...mixtures.map(groupOfMixture), ...rows]);
  const open = [...touched].flatMap((group) => ledger.placesOf(group)).filter((place) => !isStanding(job, place));
  return groups.estimatesStay ? open.filter((place) => groups.estimated.delete(place)) : open;
}

export function mixtureCame(job: RowsJob, group: number, index: number): void {
  job.groups.came.set(group, { count: mixturesOf(job, group) + 1, latest: mixtureItem(group, index) });
}
