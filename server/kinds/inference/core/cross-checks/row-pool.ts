/**
 * Rows that wait for a second answer. A partner is drawn in secret when a row comes in, and the row waits in that one's queue, until it
 * travels among the rows of an ordinary batch. SPEC.md CC4, CC5.
 */
import { PartnerDraw } from "../../../../../shared/verify/cross-checks/partner-draw.ts";
import { sessionsOf } from "../../../../coordinator/sessions-of.ts";
import type { CoordinatorState, Session } from "../../../../coordinator/state.ts";
import { standsOnLiar } from "../batch-bounds.ts";
import type { InferenceJob } from "../job.ts";
import { standingAt } from "./checked-job.ts";
import { areComingBack } from "./come-back.ts";
import type { JobChecks, PooledRow } from "./job-checks.ts";
import { areMostEstablished, mayAnswerNow, mayCheckOthers, mayCheckRow, rowsToBeEstablished } from "./who-checks.ts";

/** Results between two looks at rows whose partner has gone, or let them fall. */
const RESULTS_PER_SWEEP = 16;
/** In a larger pool more results, so that a result has at most so many rows looked through. */
const ROWS_SWEPT_PER_RESULT_MAX = 8;
/** Among so many ready sessions all who may check are looked at for each draw; among more a partner is found by tries. */
const ALL_LOOKED_AT_MAX = 32;
/** Partners that are drawn in one look: where nobody may check, rows would be drawn for again and again. */
const DRAWS_PER_SWEEP_MAX = 64;
/** [CC5] Rows that were held whose partner is drawn after each result. */
const HELD_DRAWN_PER_RESULT = 8;

/**
 * [CC5] The row waits for somebody from now on: its partner is drawn, once the crowd is established; where nobody may be, it is drawn when the
 * pool is looked through again.
 * @param partners of all rows of its result, where these are put there together
 */
export function putInPool(
  state: CoordinatorState,
  job: InferenceJob,
  checks: JobChecks,
  row: PooledRow,
  partners: PartnersOfResult = {},
): void {
  checks.pool.set(row.place, row);
  if (!arePartnersDrawn(state, job, checks)) {
    row.at = null;
    row.wasHeld = true;
    checks.held.add(row.place);
    return;
  }
  const partner = drawPartner(state, job, checks, row, partners);
  row.at = partner === null ? null : { queueOf: partner };
  if (partner !== null) checks.queues.wait(partner, row.place);
}

/**
 * [CC5] Whoever has a record before the others have one may be one party: while fewer than most of those who may be drawn are established
 * nobody is drawn, as when a crowd begins, and when many newcomers come to it.
 */
function arePartnersDrawn(state: CoordinatorState, job: InferenceJob, checks: JobChecks): boolean {
  if (areComingBack(state, checks)) return false;
  return checks.drawsAnyway || areMostEstablished(state, job);
}

/** [CC5] Nothing is left of the job in which its volunteers could become established: partners are drawn now. */
export function drawWithoutMore(state: CoordinatorState, job: InferenceJob, checks: JobChecks, most: number): void {
  checks.drawsAnyway = true;
  drawForHeld(state, job, checks, most);
}

function drawForHeld(state: CoordinatorState, job: InferenceJob, checks: JobChecks, most: number): void {
  if (checks.held.size === 0 || !arePartnersDrawn(state, job, checks)) return;
  let draws = 0;
  for (const place of checks.held) {
    if (draws++ === most) return;
    checks.held.delete(place);
    const row = checks.pool.get(place);
    if (row !== undefined && row.at === null && row.wasHeld) putInPool(state, job, checks, row);
  }
}

/** Who may check the rows of one result, at one moment: the same for each of them that nobody was drawn for yet. */
export interface PartnersOfResult {
  fresh?: Candidates;
}

interface Candidates {
  /** [CC5] Nobody, where the few who are established may be one party. */
  readonly established: PartnerDraw;
  readonly all: PartnerDraw;
}

function drawPartner(
  state: CoordinatorState,
  job: InferenceJob,
  checks: JobChecks,
  row: PooledRow,
  partners: PartnersOfResult,
): string | null {
  if (state.crowd.ready.size > ALL_LOOKED_AT_MAX) return drawByTries(state, job, checks, row);
  const isFresh = row.draws === 0;
  const candidates = (isFresh ? partners.fresh : undefined) ?? candidatesFor(state, job, checks, row);
  if (isFresh) partners.fresh = candidates;
  const random = checks.draws.partner(row, row.draws++);
  return candidates.established.draw(random) ?? candidates.all.draw(random);
}

/**
 * Established volunteers first. Where a few tries met nobody who may check the row it waits, and is drawn for again when the pool is looked
 * through: hardly anybody may then.
 */
function drawByTries(state: CoordinatorState, job: InferenceJob, checks: JobChecks, row: PooledRow): string | null {
  const rowsNeeded = rowsToBeEstablished(state, job);
  const except = row.draws === 0 ? null : checks.lastAsked;
  const random = checks.draws.partner(row, row.draws++);
  const isEstablished = (volunteerId: string) => (state.volunteers.get(volunteerId)?.rowsTaken ?? 0) >= rowsNeeded;
  const isAllowed = (volunteerId: string) =>
    volunteerId !== except &&
    sessionsOf(state, volunteerId).some((session) => mayCheckRow(state, job, checks, row, session));
  const { partners } = state.crowd;
  const established = areMostEstablished(state, job)
    ? partners.tryDraw(random, (volunteerId) => isEstablished(volunteerId) && isAllowed(volunteerId))
    : null;
  return established ?? partners.tryDraw(random, isAllowed);
}

function candidatesFor(state: CoordinatorState, job: InferenceJob, checks: JobChecks, row: PooledRow): Candidates {
  const rowsNeeded = rowsToBeEstablished(state, job);
  const { partners } = state.crowd;
  const isEstablishedFirst = areMostEstablished(state, job);
  const [established, all] = [new PartnerDraw(), new PartnerDraw()];
  const seen = new Set<string>();
  // Who asked most lately could have made itself the next: it is passed over where a row lost its partner.
  const except = row.draws === 0 ? null : checks.lastAsked;
  for (const session of state.sessions.values()) {
    const { volunteerId } = session;
    if (seen.has(volunteerId) || volunteerId === except || !mayCheckRow(state, job, checks, row, session)) continue;
    seen.add(volunteerId);
    const part = partners.partOf(volunteerId);
    if (part === 0) continue;
    all.add(volunteerId, part);
    const { rowsTaken = 0 } = state.volunteers.get(volunteerId) ?? {};
    if (isEstablishedFirst && rowsTaken >= rowsNeeded) established.add(volunteerId, part);
  }
  return { established, all };
}

/** Does the answer still stand that the row was pooled with? */
export function stillStands(state: CoordinatorState, job: InferenceJob, row: PooledRow): boolean {
  const standing = standingAt(job, row);
  if (standing === null || standing.volunteerId !== row.author || standing.coins?.attempt !== row.attempt) return false;
  return !standsOnLiar(state, standing);
}

/** [CC4] Rows of its queue that go to this session, of those that have waited longest. @param most so many */
export function takeDuplicates(
  state: CoordinatorState,
  job: InferenceJob,
  checks: JobChecks,
  session: Session,
  most: number,
): PooledRow[] {
  const { volunteerId } = session;
  checks.lastAsked = volunteerId;
  // What it answers before it is measured is looked at as half precision.
  if (!mayAnswerNow(state, job, checks, session)) return [];
  const taken: PooledRow[] = [];
  for (const place of checks.queues.take(volunteerId, most)) {
    const row = checks.pool.get(place);
    if (row === undefined || !isInQueueOf(row, volunteerId)) continue;
    if (!stillStands(state, job, row)) checks.pool.delete(place);
    else if (!mayCheckRow(state, job, checks, row, session)) putInPool(state, job, checks, row);
    else taken.push(row);
  }
  return taken;
}

/** They left with this assignment. */
export function areOut(checks: JobChecks, rows: readonly PooledRow[], assignmentId: number): void {
  checks.duplicatesSent += rows.length;
  for (const row of rows) row.at = { assignmentId };
}

export function isOutWith({ at }: PooledRow, assignmentId: number): boolean {
  return at !== null && "assignmentId" in at && at.assignmentId === assignmentId;
}

function isInQueueOf({ at }: PooledRow, volunteerId: string): boolean {
  return at !== null && "queueOf" in at && at.queueOf === volunteerId;
}

/** Now and then, and when volunteers come and go. */
export function sweepNowAndThen(state: CoordinatorState, job: InferenceJob, checks: JobChecks): void {
  drawForHeld(state, job, checks, HELD_DRAWN_PER_RESULT);
  checks.sinceSweep++;
  const results = Math.max(RESULTS_PER_SWEEP, checks.pool.size / ROWS_SWEPT_PER_RESULT_MAX);
  if (checks.sinceSweep >= results) sweep(state, job, checks);
}

/** Rows whose answer stands no more are let go of; those that nobody has any more get another partner. */
export function sweep(
  state: CoordinatorState,
  job: InferenceJob,
  checks: JobChecks,
  drawsMax: number = DRAWS_PER_SWEEP_MAX,
): void {
  checks.sinceSweep = 0;
  checks.mustSweep = false;
  const there = new Set<string>();
  for (const partner of checks.queues.partners()) {
    if (sessionsOf(state, partner).some((session) => mayCheckOthers(state, job, checks, session))) there.add(partner);
    else checks.queues.giveUp(partner);
  }
  let draws = 0;
  for (const row of [...checks.pool.values()]) {
    if (!stillStands(state, job, row)) checks.pool.delete(row.place);
    else if (isInHands(state, row, there) || checks.held.has(row.place)) continue;
    else if (draws++ < drawsMax) {
      // Behind the others: where nobody may have it, it is not drawn for again before they are.
      checks.pool.delete(row.place);
      putInPool(state, job, checks, row);
    } else row.at = null;
  }
}

function isInHands(state: CoordinatorState, { at }: PooledRow, there: ReadonlySet<string>): boolean {
  if (at === null) return false;
  if ("queueOf" in at) return there.has(at.queueOf);
  const assignment = state.assignments.get(at.assignmentId);
  return assignment !== undefined && assignment.state !== "dropped" && assignment.state !== "accepted";
}
