/** What must hold after every event, whatever happened. Names are those of SPEC.md. */
import { codedRuns } from "../../../server/coded/core/run-job.ts";
import { homeOf } from "../../../server/coordinator/homes.ts";
import { probeTimerOf } from "../../../server/coordinator/idle-sessions.ts";
import type { Assignment, CoordinatorState, Session } from "../../../server/coordinator/state.ts";
import { wronglyKept } from "../../../server/coordinator/testing/walked-crowd.ts";
import { countRecord, noVerifiedWork } from "../../../server/coordinator/verified-work.ts";
import { isChecked } from "../../../server/kinds/inference/core/batch-source.ts";
import { auditRowsLeft } from "../../../server/kinds/inference/core/batches.ts";
import { duplicatesWith } from "../../../server/kinds/inference/core/cross-checks/batch-checks.ts";
import type { JobChecks } from "../../../server/kinds/inference/core/cross-checks/job-checks.ts";
import {
  type Batch,
  type BatchAssignment,
  type InferenceJob,
  inferenceJobs,
} from "../../../server/kinds/inference/core/job.ts";
import { bytesInFlight } from "../../../server/kinds/inference/core/queue.ts";
import { usesQuarantined } from "../../../server/kinds/inference/core/rounds.ts";
import type { StoredCrossChecks } from "../../../server/kinds/inference/records.ts";
import { rowsJob } from "../../../server/kinds/inference/rows/core/rows-job.ts";
import { isClaim } from "../../../server/kinds/inference/rows/on-either.ts";
import { wronglyKeptDurable } from "../../../server/kinds/inference/testing/walked-durable.ts";
import { wronglyKeptRounds } from "../../../server/kinds/inference/testing/walked-rounds.ts";
import {
  BYTES_IN_FLIGHT_PER_JOB_MAX,
  BYTES_IN_FLIGHT_TOTAL_MAX,
  NUMERICS_PENDING_MAX,
  ROUNDS_IN_FLIGHT_MAX,
} from "../../../shared/protocol/limits.ts";
import { ledgerOf, WINDOWS_PER_LEDGER } from "../../../shared/verify/cross-checks/ledger.ts";
import { BATCH_DUPLICATE_SHARE_MAX } from "../../../shared/verify/cross-checks/parameters.ts";

/** @returns one sentence for each rule that is broken */
export function violations(state: CoordinatorState): string[] {
  return [...crowdRules(state), ...violationsOfWork(state)];
}

/** What must hold of jobs and their work, whoever does it. */
export function violationsOfWork(state: CoordinatorState): string[] {
  return [
    ...roundRules(state),
    ...limitRules(state),
    ...codedRules(state),
    ...suspensionRules(state),
    ...inferenceJobs(state).flatMap((job) => [
      ...crossCheckRules(state, job),
      ...wronglyKeptRounds(state, job),
      // As it is asked for: a walk over all durable rounds after every happening would take most of a run.
      ...(job.stored.state === "auditing" ? wronglyKeptDurable(state, job) : []),
    ]),
  ];
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
function isWithdrawn(state: CoordinatorState, { jobId, payload }: Assignment): boolean {
  return isClaim(payload) && rowsJob(state, jobId)?.ledger?.claimOf(payload.claimId) == null;
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

/** [VF14] Nothing of a suspended job is out, and nobody is named by it. */
function* suspensionRules(state: CoordinatorState): Generator<string> {
  const suspended = inferenceJobs(state).filter(({ stored }) => stored.suspended !== null);
  for (const { openRounds, stored } of suspended) {
    for (const { slots } of openRounds.values()) {
      for (const assignmentId of slots.flatMap(({ attempts }) => [...attempts])) {
        if (state.assignments.get(assignmentId)?.state !== "checking")
          yield `[VF14] ${stored.jobId} is suspended, and assignment ${assignmentId} of it is out`;
      }
    }
    for (const { volunteerId, quarantine } of state.volunteers.values())
      if (quarantine?.jobId === stored.jobId)
        yield `[VF14] ${volunteerId} is named by ${stored.jobId}, which is suspended`;
  }
}

/** What must hold of a job that is cross-checked, and of one that is not. */
function* crossCheckRules(state: CoordinatorState, job: InferenceJob): Generator<string> {
  const { stored, checks, openRounds, finishedRounds } = job;
  const { jobId, crossChecks } = stored;
  const accepted = [...openRounds.values()].flatMap(({ slots }) => slots.flatMap((slot) => slot.accepted ?? []));
  const hasCoins = [...accepted, ...[...finishedRounds.values()].flatMap(({ sources }) => sources)].some(
    (source) => source?.coins !== undefined,
  );
  if (hasCoins && (crossChecks?.terms ?? null) === null) yield `[CC1] ${jobId} has coins, and no terms for them`;
  if (checks === null || crossChecks === null) return;
  for (const row of checks.pool.values()) {
    if (row.at !== null && "queueOf" in row.at && row.at.queueOf === row.author)
      yield `[CC5] ${row.author} is to check its own row ${row.place} of ${jobId}`;
  }
  for (const assignment of state.assignments.values()) {
    const { kind, jobId: of, payload, addressGroup, volunteerId, state: stage } = assignment;
    if (kind !== "inference" || of !== jobId) continue;
    // Whose duplicate named its author may do the row again.
    if (stage === "accepted") continue;
    const { duplicates, isCheckBatch } = payload as Batch;
    // Of an answer that was taken out meanwhile nothing is compared with the one that came in its place.
    for (const row of duplicatesWith(state, job, assignment as BatchAssignment)) {
      if (row === null) continue;
      const { roundIndex, workerIndex } = row;
      const source = openRounds.get(roundIndex)?.slots[workerIndex]?.accepted;
      if (source?.volunteerId === volunteerId) yield `[CC5] ${volunteerId} is at a duplicate of its own row`;
      if (source?.addressGroup != null && source.addressGroup === addressGroup)
        yield `[CC5] ${volunteerId} is at a duplicate of a row from its own address`;
    }
    const share = isCheckBatch ? 1 : BATCH_DUPLICATE_SHARE_MAX;
    const most = Math.ceil(share * job.plan.groupsPerRound);
    if (duplicates.length > most) yield `[CC4] ${duplicates.length} duplicates travel with one batch of ${jobId}`;
  }
  yield* ledgerRules(job, checks, crossChecks);
  if (stored.state !== "done" || stored.unchecked !== null || crossChecks.terms === null) return;
  if (crossChecks.certificate === null) yield `[CC9] ${jobId} is done, and nothing says how sure its answers are`;
  if (checks.pool.size > 0 && auditRowsLeft(state, job) > 0)
    yield `[CC8] ${jobId} is done, and ${checks.pool.size} coins are not answered`;
}

/** [CC12] What is certified has had every coin answered, by few enough namings for the job's bound. */
function* ledgerRules(
  { stored }: InferenceJob,
  { pool, ledgersDurable }: JobChecks,
  { terms, ledgers = [] }: StoredCrossChecks,
): Generator<string> {
  const { jobId, submission } = stored;
  const cut = terms?.ledger;
  if (cut === undefined && ledgers.length > 0)
    yield `[CC12] ${jobId} is certified while it runs, by terms without windows`;
  if (cut === undefined || stored.state === "done") return;
  for (const { place, window } of pool.values()) {
    const ledger = window === null ? undefined : ledgers[ledgerOf(window, cut)];
    if (ledger !== undefined && window !== null && window < ledger.below)
      yield `[CC12] row ${place} of ${jobId} is certified, and its coin is not answered`;
  }
  for (const [l, { below, bound }] of ledgers.entries()) {
    const isAny = below > l * WINDOWS_PER_LEDGER;
    if (isAny && bound > submission.answerBound) yield `[CC12] ${jobId} is certified above its bound`;
    if ((ledgersDurable[l]?.below ?? 0) > below) yield `[CC12] ${jobId} is less certified than it was told to be`;
  }
}

function hasBegun({ startedMs }: Assignment): boolean {
  return startedMs !== null;
}

function* roundRules(state: CoordinatorState): Generator<string> {
  const acceptedBy = new Map<number, string>();
  for (const job of inferenceJobs(state)) {
    const { jobId } = job.stored;
    for (const round of job.openRounds.values()) {
      const name = `${jobId} round ${round.roundIndex}`;
      if (job.finishedRounds.has(round.roundIndex)) yield `[RD1] ${name} is open and finished`;
      const voters = round.slots.flatMap(({ accepted }) => (accepted === null ? [] : [accepted.volunteerId]));
      if (round.plan.needsDistinctVolunteers && new Set(voters).size < voters.length)
        yield `[DP6] ${name} counts somebody twice: ${voters.join(", ")}`;
      for (const slot of round.slots) {
        if (slot.accepted === null) continue;
        const { assignmentId, volunteerId } = slot.accepted;
        const liar = state.volunteers.get(volunteerId)?.quarantine != null;
        if (liar && job.plan.verification === "audits" && round.phase === "gathering") {
          yield `[VF4] ${name} still counts a result of quarantined ${volunteerId}`;
        }
        if (slot.accepted.opinionBy === volunteerId) yield `[VF8] ${name}: ${volunteerId} vouches for itself`;
        // [VF12] Where its submitter takes answers as they come, nothing is audited.
        const isAudited = job.plan.verification === "audits" && job.stored.unchecked === null;
        const needsAudit = isAudited && !isChecked(slot.accepted);
        // The cap of a stream rises with its queries: event-rules.ts looks at it when a result is taken in.
        if (needsAudit && job.stream === null && auditRowsLeft(state, job) > 0)
          yield `[VF10] ${name} holds an unchecked result, and the cap is not reached`;
        if (assignmentId === null) continue;
        const other = acceptedBy.get(assignmentId);
        if (other !== undefined) yield `[AS1] assignment ${assignmentId} is applied in ${other} and in ${name}`;
        acceptedBy.set(assignmentId, name);
      }
    }
    for (const round of job.openRounds.values()) {
      const name = `${jobId} round ${round.roundIndex}`;
      if (round.phase === "finishing" && round.opinionsWanted.size > 0)
        yield `[VF7] ${name} is being stored while opinions are wanted`;
      const isAllChecked = round.slots.every(({ accepted }) => accepted === null || isChecked(accepted));
      if (round.phase === "finishing" && job.plan.endsExact && isAllChecked && round.exactMs === null)
        yield `[RD7] ${name} is being stored, and nobody knows since when its answers are the model's own`;
      for (const workerIndex of round.opinionsWanted) {
        if (round.slots[workerIndex]!.accepted === null)
          yield `[VF7] ${name} wants an opinion on worker index ${workerIndex}, whose result it does not have`;
      }
    }
    const { submission, codes } = job.stored;
    const asked = Math.max(submission.roundsInFlight, ...codes.map((code) => code.roundsInFlight));
    // Of a crowd that was larger when they were opened.
    const roundsInFlightMax = asked || ROUNDS_IN_FLIGHT_MAX;
    if (job.openRounds.size > roundsInFlightMax)
      yield `[DP3] ${jobId} has ${job.openRounds.size} open rounds, more than it may`;
    // Every durable round after every happening is much to look at: not where nobody was ever quarantined.
    const isAtWork = job.plan.verification === "audits" && ["running", "auditing"].includes(job.stored.state);
    if (isAtWork && hasMetLiars(state)) {
      for (const [roundIndex, { sources }] of job.finishedRounds) {
        if (usesQuarantined(state, sources) && !job.toRedo.has(roundIndex))
          yield `[VF5] ${jobId} round ${roundIndex} stands on a quarantined volunteer`;
      }
    }
    if (job.stored.state === "done" && job.finishedRounds.size !== job.schedule.roundCount)
      yield `[JB3] ${jobId} is done with rounds missing`;
  }
}

function hasMetLiars(state: CoordinatorState): boolean {
  for (const { quarantine, released } of state.volunteers.values())
    if (quarantine !== null || released !== null) return true;
  return false;
}

function* limitRules(state: CoordinatorState): Generator<string> {
  let bytes = 0;
  for (const job of inferenceJobs(state)) {
    const { jobId } = job.stored;
    bytes += bytesInFlight(job);
    const isSingle = job.openRounds.size <= 1;
    if (!isSingle && bytesInFlight(job) > BYTES_IN_FLIGHT_PER_JOB_MAX)
      yield `[DP3] ${jobId} holds ${bytesInFlight(job)} bytes`;
  }
  if (bytes > BYTES_IN_FLIGHT_TOTAL_MAX) yield `[DP3] ${bytes} bytes are in flight`;
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
