/** A claim of rows at a session: sent as one assignment, answered in parts or at once, or given up. SPEC.md AS, RW and DP rules. */
import type { RandomSource } from "../../../../../shared/random/random.ts";
import { CLASS_ROWS_MIN, isFineClass } from "../../../../../shared/verify/model-class.ts";
import type { CheckedBlock } from "../../../../checks/checked-rows.ts";
import { must } from "../../../../coordinator/assert.ts";
import { beginAhead, giveUp, sendAssignment, voidAssignment } from "../../../../coordinator/assignments.ts";
import { closeSessionFor } from "../../../../coordinator/close-session.ts";
import type { Freed, Sending, Step } from "../../../../coordinator/core-kind.ts";
import { sawSilence } from "../../../../coordinator/crowd-seen.ts";
import { restVolunteer } from "../../../../coordinator/reputation.ts";
import { paceMsOf, usualRatio } from "../../../../coordinator/response-times.ts";
import type { Session } from "../../../../coordinator/state.ts";
import { levelWith } from "../../../../coordinator/turns.ts";
import type { ClaimItem, LedgerClaim, MayHave } from "../../../../rows/words.ts";
import type { Measured } from "../../core/measured.ts";
import {
  backendOf,
  classKeyFor,
  classOf,
  fetchedFirst,
  isFixedBackend,
  isOneTooMany,
  isOtherThanFixed,
  measuredIn,
  probedOn,
  rowsLookedAt,
} from "../../core/model-classes.ts";
import type { HeldRows, RowClaim, RowDoubts } from "../work.ts";
import { computeRest } from "./blocks.ts";
import { wordOf } from "./devices.ts";
import { rowsAnswered, rowsFailed } from "./failures.ts";
import { decodeDue } from "./groups.ts";
import { leftOut } from "./leaving-out.ts";
import { mixtureOf, modelOfRow } from "./recompute.ts";
import {
  type ClaimOut,
  drawsOf,
  isRowsJob,
  putOut,
  type RowAssignment,
  type RowsJob,
  rowsJob,
  takeOff,
} from "./rows-job.ts";
import { mayHaveOf, mayWorkFor, nextTaker } from "./takers.ts";
import { lacksVoters } from "./waits.ts";

const UNRESPONSIVE = "Your device took work and did not answer in time.";
/** Idle sessions that are asked in vain before the job is for nobody now. */
const ASKED_IN_VAIN_MAX = 32;

/** [DP5] Sends one claim, to whoever is expected to answer first and finds something to take. @returns false where nobody does */
export function sendClaim(step: Step, job: RowsJob, sending: Sending): boolean {
  const { state, nowMs } = step;
  if (job.checked === null || !job.isOpen || job.stored.suspended !== null) return false;
  // Nothing is begun that those who are here could not end.
  if (job.groups.voters !== null && job.sentWork === 0 && lacksVoters(state, job, sending.crowd())) return false;
  joinIdle(step, job, sending);
  const inVain = new Set<string>();
  while (inVain.size < ASKED_IN_VAIN_MAX) {
    const session = nextTaker(state, job, sending, inVain);
    if (session === null) return false;
    join(step, job, session);
    if (job.checked === null) return false;
    const { claim, effects } = takeOf(job, job.checked, session.sessionId, nowMs, mayHaveOf(state, job, session));
    if (claim !== null) send(step, job, session, claim);
    job.said.push(...effects);
    if (claim !== null) return true;
    inVain.add(session.sessionId);
  }
  return false;
}

/** Of what waits again a ledger looks at some at a time: of a code whose members are apart it is asked until it has looked at all. */
function takeOf(job: RowsJob, checked: CheckedBlock, sessionId: string, nowMs: number, mayHave: MayHave) {
  let taken = checked.take(sessionId, nowMs, mayHave);
  const looks = job.groups.way === "rows" ? 0 : Math.ceil(checked.ledger.counts.again / LOOKED_AT);
  for (let more = Math.min(looks, LOOKS_MAX); more > 0 && taken.claim === null; more--) {
    const { claim, effects } = checked.take(sessionId, nowMs, mayHave);
    taken = { claim, effects: [...taken.effects, ...effects] };
  }
  return taken;
}
const LOOKED_AT = 8;
const LOOKS_MAX = 64;

/** [DP5] Shares are measured by who is there: before one of them is sent its claim, all that idle are entered. Once each time that work is sent out. */
function joinIdle(step: Step, job: RowsJob, { crowd }: Sending): void {
  const { state } = step;
  if (job.enteredFor === crowd) return;
  job.enteredFor = crowd;
  for (const sessionId of state.crowd.turns.idle.keys()) {
    const session = state.sessions.get(sessionId);
    if (session !== undefined && mayWorkFor(state, job, session)) join(step, job, session);
  }
}

/** The ledger learns of a session when it is asked for the first time, and anew where it computes on something else than what was wrong. */
function join(step: Step, job: RowsJob, session: Session): void {
  const { sessionId, volunteerId } = session;
  const measured = measuredIn(job, session);
  if (isElsewhereNow(job, session, measured)) leave(step, job, volunteerId, sessionId);
  const own = job.joined.get(volunteerId) ?? new Set();
  if (own.has(sessionId)) return;
  job.joined.set(volunteerId, own.add(sessionId));
  const { state } = step;
  job.devices.set(volunteerId, { measured, isFine: isFineClass(classOf(state, measured)) });
  const looked = rowsLookedAt(state, measured);
  const paceMs = paceMsOf(session) * job.stored.macsPerQuery;
  const { checked } = job;
  if (checked === null) return;
  const device = {
    sessionId,
    volunteerId,
    rowsPerMs: Number.isFinite(paceMs) ? 1 / paceMs : null,
    latenessQuartile: usualRatio(state.crowdSeen.ratios),
    // [PC3] It is measured by then: how closely its rows are looked at is settled before one of them counts.
    knownNeeded: Math.max(0, CLASS_ROWS_MIN - looked.fine - looked.coarse),
    isCoarse: !isFineClass(classOf(state, measured)),
  };
  job.said.push(...checked.join(device, step.nowMs));
}

/** [PC7] The block refuses it for a known row that was wrong, and its tab has taken another back-end since. */
function isElsewhereNow({ checked, devices }: RowsJob, session: Session, now: Measured): boolean {
  if (checked?.refuses(session.sessionId) !== true) return false;
  return devices.get(session.volunteerId)?.measured.classKey !== now.classKey;
}

function send(step: Step, job: RowsJob, session: Session, claim: LedgerClaim): void {
  if (job.claims.size === 0) levelWith(step.state, job, othersServed(step, job));
  const rows = mixed(
    claim.items.map(({ item, attempt, reason }) => ({
      ...{ place: item, attempt, as: AS[reason] },
      ...mixtureOf(job, item),
    })),
    () => drawsOf(job).source(`rows of ${job.stored.crossChecks?.run ?? 0} ${claim.claimId}`),
  );
  const { modelSha256, macsPerQuery } = modelOfRow(job, rows[0]!);
  // [PC13] As it has said: of what it is only asked to compute on, its rows would be believed to be of fixed arithmetic.
  const payload: RowClaim = {
    isRows: true,
    claimId: claim.claimId,
    ...{ rows, modelSha256, backend: backendOf(session, modelSha256) },
  };
  const { assignmentId } = sendAssignment<RowClaim>(step, job, session, {
    ...{ roundIndex: claim.claimId, workerIndex: 0, payload, work: rows.length * macsPerQuery },
    ...fetchedFirst(job, modelSha256, session),
    ...{ queueing: "alone", check: "rows", limitMs: null },
  });
  const { claimId, sessionId, volunteerId } = claim;
  const places = rows.map(({ place }) => place);
  putOut(job, {
    ...{ claimId, assignmentId, sessionId, volunteerId },
    indexOf: new Map(places.map((place, index) => [place, index])),
    ...{ unanswered: new Set(places), held: new Set(), notNeeded: new Set(), rowsOwed: rows.length, isCounted: false },
  });
}

/** Known rows and second words at drawn places among the others, which keep their order: where a row stands says nothing of what it is for. */
function mixed(rows: RowClaim["rows"], drawn: () => RandomSource): RowClaim["rows"] {
  const own = rows.filter(({ as }) => as === "answer");
  const others = rows.filter(({ as }) => as !== "answer");
  if (own.length === 0 || others.length === 0) return rows;
  const random = drawn();
  const mix: RowClaim["rows"][number][] = [];
  while (own.length + others.length > 0) {
    const from = random.integer(own.length + others.length) < others.length ? others : own;
    mix.push(must(from.shift(), "RW1: a row is drawn of those that are left"));
  }
  return mix;
}

const AS: Readonly<Record<ClaimItem["reason"], RowClaim["rows"][number]["as"]>> = {
  ...{ fresh: "answer", again: "answer", beside: "answer", spare: "answer" },
  ...{ check: "word", known: "known" },
};

function othersServed({ state }: Step, job: RowsJob) {
  return [...state.jobsAtWork.values()].filter(
    (other) => other !== job && other.sentWork > 0 && (!isRowsJob(other) || other.claims.size > 0),
  );
}

/** Rows of it are held, and its tab is still at it: they count at once. */
export function partArrived(step: Step, assignment: RowAssignment, { rows, doubts }: HeldRows): void {
  const found = claimOf(step, assignment);
  // [PC13] Its tab says where it computes before it hands over the first of them.
  if (found === null || isOtherThanFixed(found.job, assignment.payload.backend)) return;
  takeIn(step, found.job, found.claim, assignment, placesOf(assignment, { type: "rows", rows }), doubts);
}

function placesOf({ payload }: RowAssignment, { rows }: HeldRows): number[] {
  return rows.flatMap((index) => payload.rows[index]?.place ?? []);
}

/** All that its tab had not answered is answered now, but for what it was told to leave out. */
export function claimAnswered(step: Step, assignment: RowAssignment, came?: HeldRows): void {
  const found = claimOf(step, assignment);
  if (found === null) return voidAssignment(step, assignment, false);
  const { job, claim } = found;
  const session = step.state.sessions.get(assignment.sessionId);
  if (session !== undefined) session.verifiedAssignments++;
  if (isOtherThanFixed(job, assignment.payload.backend)) return saysElsewhere(step, job, claim, assignment, session);
  const places = came === undefined ? [...claim.unanswered] : placesOf(assignment, came);
  takeIn(step, job, claim, assignment, places, came?.doubts);
  leftOut(step, job, claim);
  letGoWhereDone(step, job, claim);
}

/** [PC13] It was asked for fixed arithmetic, and has not said that it computed with that: its rows are for others. */
function saysElsewhere(
  step: Step,
  job: RowsJob,
  claim: ClaimOut,
  { payload }: RowAssignment,
  session: Session | undefined,
): void {
  if (session !== undefined)
    session.modelBackends = new Map([...session.modelBackends, [payload.modelSha256, payload.backend]]);
  const { checked } = job;
  forgetClaim(step, job, claim, false);
  if (checked !== null) job.said.push(...checked.release(claim.claimId, step.nowMs));
}

function takeIn(
  step: Step,
  job: RowsJob,
  claim: ClaimOut,
  assignment: RowAssignment,
  places: readonly number[],
  doubts: RowDoubts = {},
): void {
  const news = places.filter((place) => claim.unanswered.delete(place));
  if (news.length === 0 || job.checked === null) return;
  for (const place of news) claim.held.add(place);
  noteDevice(step, job, assignment);
  rowsAnswered(step, job);
  // [AS3] What the ledger has taken back from it counts for nothing.
  if (job.ledger?.claimOf(claim.claimId) == null) claim.held.clear();
  // [PC1] [VF16] As what its device is taken for now: so the answer is stored.
  const { precision, isFine } = wordOf(step.state, job, claim.volunteerId);
  job.checked.measured(claim.sessionId, !isFine);
  const doubtful = (doubts[precision] ?? []).flatMap((index) => assignment.payload.rows[index]?.place ?? []);
  job.said.push(...job.checked.answer(claim.claimId, news, step.nowMs, doubtful));
}

/** What its tab is taken for now: that is what its rows are looked at as, and mixtures for another model too. */
function noteDevice({ state }: Step, job: RowsJob, { volunteerId, payload, precision }: RowAssignment): void {
  const { backend, modelSha256 } = payload;
  if (!isFixedBackend(backend)) job.onCards.add(volunteerId);
  if (modelSha256 !== job.stored.modelSha256) return;
  const classKey = classKeyFor(job.stored.modelSha256, backend);
  const measured: Measured = { volunteerId, classKey, probed: probedOn(backend, precision) };
  job.devices.set(volunteerId, { measured, isFine: isFineClass(classOf(state, measured)) });
}

/** Its tab has answered all of it, and nothing of it waits for a word of the block: its bytes are let go. */
export function letGoWhereDone(step: Step, job: RowsJob, claim: ClaimOut): void {
  if (claim.unanswered.size > 0 || claim.held.size > 0 || !job.claims.has(claim.assignmentId)) return;
  forgetClaim(step, job, claim, false);
}

/** Nothing of it is waited for any more. @param tell whether its tab should hear that */
export function forgetClaim(step: Step, job: RowsJob, claim: ClaimOut, tell: boolean): void {
  // [AS8] With the one before it what was sent ahead was taken back: its tab has not let go of that.
  if (!job.claims.has(claim.assignmentId)) return;
  takeOff(job, claim);
  const assignment = step.state.assignments.get(claim.assignmentId);
  if (assignment !== undefined) voidAssignment(step, assignment, tell);
}

/** [SE3] [AS4] Its session holds it no longer, and has not answered all of it: the rest is for others at once. */
export function claimFreed(step: Step, assignment: RowAssignment, freed: Freed): void {
  const found = claimOf(step, assignment);
  if (found === null) return;
  const { job, claim } = found;
  const rest = [...claim.unanswered];
  takeOff(job, claim);
  const isOwnWish = freed.why !== "taken back";
  if (job.checked !== null) job.said.push(...job.checked.release(claim.claimId, step.nowMs, isOwnWish));
  // [PR113] It has left out what it was told to, and is at the next one.
  const session = step.state.sessions.get(assignment.sessionId);
  if (freed.why === "returned" && claim.notNeeded.size > 0 && session !== undefined) beginAhead(step, session);
  if (freed.why === "failed") rowsFailed(step, job, assignment, rest, freed.message);
}

/** [AS6] [AS7] Ten times over: its session is closed, its volunteer rests. */
export function claimIsVoid(step: Step, job: RowsJob, claimId: number, sessionId: string): void {
  const { state } = step;
  const assignment = state.assignments.get(job.assignmentOf.get(claimId) ?? -1);
  if (assignment !== undefined) giveUp(step, assignment, { why: "silent" }, true);
  sawSilence(state);
  const session = state.sessions.get(sessionId);
  if (session === undefined) return;
  restVolunteer(step, session.volunteerId);
  closeSessionFor(step, session, "unresponsive", UNRESPONSIVE);
}

/** [PC7] What it has not answered yet is computed on another back-end than was known, if it is of that model. */
export function claimComputedOn(
  step: Step,
  job: RowsJob,
  assignment: RowAssignment,
  modelSha256: string,
  backend: string,
): void {
  if (modelSha256 !== assignment.payload.modelSha256) return;
  const named = { volunteerId: assignment.volunteerId, classKey: classKeyFor(modelSha256, backend) };
  const isOfNoUse = isOneTooMany(step.state, named) || isOtherThanFixed(job, backend);
  if (assignment.state !== "dropped" && isOfNoUse) return giveUp(step, assignment, { why: "taken back" }, true);
  assignment.payload.backend = backend;
}

/** Sessions that have gone leave the ledgers that knew them. */
export function leaveWhereGone(step: Step, job: RowsJob): void {
  const { sessions, crowd } = step.state;
  for (const volunteerId of crowd.changed) {
    for (const sessionId of job.joined.get(volunteerId) ?? [])
      if (!sessions.has(sessionId)) leave(step, job, volunteerId, sessionId);
  }
}

function leave(step: Step, job: RowsJob, volunteerId: string, sessionId: string): void {
  const own = job.joined.get(volunteerId);
  if (own?.delete(sessionId) !== true) return;
  if (own.size === 0) job.joined.delete(volunteerId);
  if (job.checked !== null) job.said.push(...job.checked.leave(sessionId, step.nowMs));
}

/** All that is out of the job is needed no more. */
export function voidClaims(step: Step, job: RowsJob): void {
  for (const claim of [...job.claims.values()]) forgetClaim(step, job, claim, true);
}

function claimOf({ state }: Step, { jobId, assignmentId }: RowAssignment): { job: RowsJob; claim: ClaimOut } | null {
  const job = rowsJob(state, jobId);
  const claim = job?.claims.get(assignmentId);
  return job === undefined || claim === undefined ? null : { job, claim };
}

/** What is late waits for others from now on. */
export function ledgerTick(step: Step, job: RowsJob): void {
  job.timer = null;
  decodeDue(step, job);
  computeRest(step, job);
  if (job.checked !== null) job.said.push(...job.checked.tick(step.nowMs));
}
