/** What must hold after every event, whatever happened. Names are those of SPEC.md. */
import { codedRuns } from "../../../server/coded/core/run-job.ts";
import { homeOf } from "../../../server/coordinator/homes.ts";
import { probeTimerOf } from "../../../server/coordinator/idle-sessions.ts";
import type { Assignment, CoordinatorState, Session } from "../../../server/coordinator/state.ts";
import { wronglyKept } from "../../../server/coordinator/testing/walked-crowd.ts";
import { countRecord, noVerifiedWork } from "../../../server/coordinator/verified-work.ts";
import { INFERENCE } from "../../../server/kinds/inference/core/work.ts";
import { rowsJob, rowsJobs } from "../../../server/kinds/inference/rows/core/rows-job.ts";
import type { RowClaim } from "../../../server/kinds/inference/rows/work.ts";
import { NUMERICS_PENDING_MAX } from "../../../shared/protocol/limits.ts";

/** @returns one sentence for each rule that is broken */
export function violations(state: CoordinatorState): string[] {
  return [...crowdRules(state), ...violationsOfWork(state)];
}

/** What must hold of jobs and their work, whoever does it. */
export function violationsOfWork(state: CoordinatorState): string[] {
  return [...numericsRules(state), ...codedRules(state), ...suspensionRules(state)];
}

/** What must hold of these sessions; those that are gone are passed over. */
export function violationsOfSessions(state: CoordinatorState, sessionIds: Iterable<string>): string[] {
  return [...sessionIds].flatMap((sessionId) => [...sessionRules(state, sessionId)]);
}

function* crowdRules(state: CoordinatorState): Generator<string> {
  let quarantined = 0;
  let audited = 0;
  const counted = noVerifiedWork();
  for (const volunteer of state.volunteers.values()) {
    const { quarantine, auditsPassed, auditsFailed } = volunteer;
    countRecord(counted, volunteer, 1);
    if (quarantine !== null) quarantined++;
    if (auditsPassed + auditsFailed > 0) audited++;
  }
  if (JSON.stringify(counted) !== JSON.stringify(state.verifiedWork))
    yield `[VF13] records make ${JSON.stringify(counted)}, ${JSON.stringify(state.verifiedWork)} is counted`;
  if (quarantined !== state.quarantinedCount)
    yield `[VF11] ${quarantined} are quarantined, ${state.quarantinedCount} are counted`;
  if (audited > state.auditedVolunteers) yield `[VF9] ${audited} were audited, ${state.auditedVolunteers} are counted`;
  yield* wronglyKept(state);
  for (const sessionId of state.sessions.keys()) yield* sessionRules(state, sessionId);
}

function* sessionRules(state: CoordinatorState, sessionId: string): Generator<string> {
  const session = state.sessions.get(sessionId);
  if (session === undefined) return;
  const { volunteerId } = session;
  yield* handRules(state, session);
  const isQuarantined = state.volunteers.get(volunteerId)?.quarantine != null;
  if (isQuarantined && session.state !== "quarantined")
    yield `[VF3] ${volunteerId} is quarantined, its session is ${session.state}`;
  for (const assignmentId of session.holds) {
    const assignment = state.assignments.get(assignmentId);
    if (assignment === undefined) yield `[AS3] session ${sessionId} holds void assignment ${assignmentId}`;
    if (
      isQuarantined &&
      assignment?.check === "rows" &&
      assignment.state !== "dropped" &&
      !isWithdrawn(state, assignment)
    )
      yield `[VF3] quarantined ${volunteerId} still holds assignment ${assignmentId}`;
  }
  const isAsked = probeTimerOf(session) !== null;
  const chosen = state.volunteers.get(volunteerId)?.choice?.projects ?? null;
  const isStray = !isAtHome(state, session);
  if (isStray !== (session.home !== null) && session.state !== "quarantined")
    yield `[CE8] session ${sessionId} is not at home where it is taken to be`;
  if (isStray && state.crowd.impartial.has(sessionId))
    yield `[CE8] session ${sessionId} may check, and is not at home here`;
  const isOpen = session.state === "ready" && !isAsked && session.available && (!isStray || chosen !== null);
  const shouldBeIdle = isOpen && session.holds.size === 0;
  if (shouldBeIdle !== state.crowd.turns.idle.has(sessionId))
    yield `[DP1] session ${sessionId} is wrongly ${shouldBeIdle ? "not " : ""}idle`;
  if (state.crowd.turns.soonIdle.has(sessionId) && !(isOpen && session.holds.size === 1))
    yield `[DP10] session ${sessionId} is wrongly among those who may be sent a batch ahead`;
}

/** Is it a claim that the ledger has taken back? Its tab hears of that as its session is closed. */
function isWithdrawn(state: CoordinatorState, { kind, jobId, payload }: Assignment): boolean {
  if (kind !== INFERENCE) return false;
  return rowsJob(state, jobId)?.ledger?.claimOf((payload as RowClaim).claimId) == null;
}

function isAtHome({ placing }: CoordinatorState, { homePoint }: Session): boolean {
  return placing === null || homePoint === null || homeOf(homePoint, placing.cells) === placing.own;
}

/** What a session holds: one batch that it is at, and at most one that was sent ahead and waits behind it. */
function* handRules(state: CoordinatorState, session: Session): Generator<string> {
  const { sessionId, volunteerId } = session;
  const all = [...session.holds].flatMap((assignmentId) => state.assignments.get(assignmentId) ?? []);
  const held = all.filter((assignment) => assignment.queueing === "alone" && assignment.state !== "dropped");
  const [begun, waiting] = [held.filter(hasBegun), held.filter((assignment) => !hasBegun(assignment))];
  if (begun.length > 1) yield `[DP7] session ${sessionId} is at ${begun.length} assignments at once`;
  if (waiting.length > 1) yield `[DP7] ${waiting.length} assignments wait at session ${sessionId}`;
  const [ahead] = waiting;
  if (ahead === undefined) return;
  if (ahead.state !== "outstanding")
    yield `[AS9] assignment ${ahead.assignmentId} has not begun, and is ${ahead.state}`;
  if (begun[0]?.state !== "outstanding")
    yield `[AS10] assignment ${ahead.assignmentId} was sent ahead to ${sessionId}, and waits for nothing that is in time`;
  const isResting = (state.volunteers.get(volunteerId)?.restsUntilMs ?? 0) > state.nowMs;
  if (session.state !== "ready" || !session.available || isResting || all.some(({ queueing }) => queueing === "beside"))
    yield `[AS10] session ${sessionId} takes no batches, and keeps one that was sent ahead`;
}

/** [VF14] Nobody is named by a suspended job. */
function* suspensionRules(state: CoordinatorState): Generator<string> {
  const suspended = new Set(rowsJobs(state).flatMap(({ stored }) => (stored.suspended === null ? [] : [stored.jobId])));
  if (suspended.size === 0) return;
  for (const { volunteerId, quarantine } of state.volunteers.values())
    if (quarantine !== null && suspended.has(quarantine.jobId))
      yield `[VF14] ${volunteerId} is named by ${quarantine.jobId}, which is suspended`;
}

function hasBegun({ startedMs }: Assignment): boolean {
  return startedMs !== null;
}

function* numericsRules(state: CoordinatorState): Generator<string> {
  // Work under way when the limit is reached still comes in: one audit for each batch that was out, two of a session.
  const most = NUMERICS_PENDING_MAX + 2 * state.sessions.size;
  if (state.numericsPending.size > most)
    yield `[DP1] ${state.numericsPending.size} numerics tasks are pending, expected at most ${most}`;
}

function* codedRules(state: CoordinatorState): Generator<string> {
  for (const { run, plan, seats, stored } of codedRuns(state)) {
    const { jobId } = stored;
    if (run === null) continue;
    for (const [volunteerId, sessionId] of seats) {
      const session = state.sessions.get(sessionId);
      if (session?.state !== "ready" && run.phase !== "ended") yield `[GJ1] ${sessionId} sits in ${jobId}`;
      const isPresent = run.volunteers.get(volunteerId)?.isPresent;
      if (isPresent !== true && run.phase !== "ended") yield `[GJ1] ${volunteerId} sits in ${jobId} unheard`;
    }
    for (const { volunteerId } of run.liars) {
      const volunteer = state.volunteers.get(volunteerId);
      if (volunteer?.quarantine == null && volunteer?.released == null)
        yield `[GJ4] ${volunteerId} lied in ${jobId} and is free`;
      if (seats.has(volunteerId)) yield `[VF11] ${volunteerId} lied in ${jobId} and sits in it again`;
    }
    for (const code of [run.active, run.coming]) {
      for (const shard of code?.shards ?? []) {
        const isInvited = stored.invitations.some(({ volunteerId }) => volunteerId === shard.volunteerId);
        if (plan.maskCount > 0 && shard.volunteerId !== null && !isInvited)
          yield `[GJ7] ${shard.volunteerId} holds a shard of ${jobId} uninvited`;
      }
    }
    const isDone = stored.state === "done";
    if (isDone && stored.endKind === "done" && stored.weightsOf === null)
      yield `[GJ6] ${jobId} is done without weights`;
  }
  for (const { assignmentId, queueing, sessionId } of state.assignments.values()) {
    if (queueing === "alone") continue;
    const session = state.sessions.get(sessionId);
    if (session === undefined) yield `[GJ2] share ${assignmentId} is at a session that is gone`;
    else if (!session.holds.has(assignmentId))
      yield `[GJ2] session ${sessionId} does not know of share ${assignmentId}`;
  }
}
