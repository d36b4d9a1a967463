/** What an inference job is made of, and how it goes on once its rounds are durable. SPEC.md JB rules. */
import type { Step } from "../../../coordinator/core-kind.ts";
import { bookCredits } from "../../../coordinator/credits.ts";
import type { CoreRecord } from "../../../coordinator/effects.ts";
import { endJob } from "../../../coordinator/jobs.ts";
import { persistOwn, recordOfVolunteer } from "../../../coordinator/persistence.ts";
import { liarShares } from "../../../coordinator/reputation-bounds.ts";
import { emitNumerics } from "../../../coordinator/step-context.ts";
import type { StoredJob } from "../records.ts";
import { isStrict } from "./batch-bounds.ts";
import type { BatchSource } from "./batch-source.ts";
import { tellAllCards } from "./cards.ts";
import { freezeRecords, takeChangedContributions } from "./contributions.ts";
import { lookAtLedgers } from "./cross-checks/certify-ledgers.ts";
import { voidCheckBatches } from "./cross-checks/check-batches.ts";
import { mayBeCrossChecked, termsFor } from "./cross-checks/check-terms.ts";
import { closeChecks, freezeBounds, waitsForPartners } from "./cross-checks/closing.ts";
import { tossCoins } from "./cross-checks/coins.ts";
import { waitForVolunteers } from "./cross-checks/come-back.ts";
import { countsOf, newChecks } from "./cross-checks/job-checks.ts";
import { goOnWithLedgers, startLedgers } from "./cross-checks/stream-ledgers.ts";
import { streamTerms, takesCrossChecks } from "./cross-checks/stream-terms.ts";
import { goOnWithWindows, isCertified } from "./cross-checks/windows.ts";
import { DurableRounds } from "./durable-rounds.ts";
import { nothingFailed } from "./failures.ts";
import { batchRowsOf, isRawWorker } from "./inference-plan.ts";
import type { InferenceJob } from "./job.ts";
import { KeptRounds } from "./kept-rounds.ts";
import { withdrawLies } from "./redo.ts";
import { FixedSchedule, fixedSchedule, restoredWindows, StreamSchedule, type StreamWindow } from "./round-schedule.ts";
import { dropRound, jobRecord } from "./rounds.ts";
import { endStream, mayGrow, newStream, startStream } from "./streams.ts";
import { requestTopUps } from "./top-ups.ts";
import {
  INFERENCE,
  type InferencePurpose,
  type InferenceWork,
  type RestoredInference,
  type RestoredRound,
} from "./work.ts";

/** @param windows of a stream that goes on after a restart */
export function newJob(stored: StoredJob, windows: readonly StreamWindow[] = []): InferenceJob {
  const isStream = stored.submission.source.kind === "stream";
  const schedule = isStream ? new StreamSchedule(stored, windows) : fixedSchedule(stored);
  const job: InferenceJob = {
    kind: INFERENCE,
    stored: { ...stored },
    plan: schedule.inForce,
    schedule,
    stream: isStream ? newStream(stored) : null,
    nextRounds: schedule.parts.map(({ firstRound }) => firstRound),
    rests: new Set(),
    pace: null,
    openRounds: new KeptRounds(),
    finishedRounds: new DurableRounds((roundIndex, workerIndex) => rowsAsTheyAre(job, roundIndex, workerIndex)),
    toRedo: new Set(),
    turns: { served: 0 },
    sentWork: 0,
    failing: nothingFailed(),
    unfit: new Set(),
    auditsPending: new Map(),
    confirmations: new Map(),
    confirmationsWaiting: [],
    refusesHalf: false,
    decodesPending: new Map(),
    toppedUp: new Set(),
    topUps: new Map(),
    topUpRows: 0,
    auditRowsAsked: stored.auditedRows,
    checks: newChecks(stored.crossChecks, stored.jobId, isStream),
    better: null,
    topUpExhausted: new Set(),
    contributions: new Map(),
    contributionsChanged: new Set(),
  };
  return job;
}

function rowsAsTheyAre({ schedule }: InferenceJob, roundIndex: number, workerIndex: number): number | null {
  const plan = schedule.planOf(roundIndex);
  // What votes decide, or nothing, has no record of audits to go by.
  const isAudited = plan.verification === "audits" && isRawWorker(plan, workerIndex);
  return isAudited ? batchRowsOf(plan, roundIndex, workerIndex) : null;
}

/** [RS1] With what is durable of it; what was sent and never answered is forgotten. */
export function restoredJob({ job: stored, rounds, contributions }: RestoredInference, nowMs: number): InferenceJob {
  const job = newJob(stored, restoredWindows(rounds.flatMap(durableWindow)));
  const { schedule } = job;
  if (schedule instanceof FixedSchedule)
    for (const { roundIndex, splits } of rounds) if (splits !== undefined) schedule.split(roundIndex, splits);
  for (const contribution of contributions) {
    job.contributions.set(contribution.volunteerId, { ...contribution });
    job.sentWork += contribution.rows * stored.macsPerQuery;
    if (job.checks !== null) countsOf(job.checks, contribution.volunteerId).trusted = contribution.trustedRows ?? 0;
  }
  for (const { roundIndex, window: _window, splits: _splits, ...round } of rounds) {
    const sources = stored.fixedOnly === undefined ? round.sources : round.sources.map(withoutCard);
    job.finishedRounds.set(roundIndex, { ...round, sources, openedMs: nowMs });
  }
  addRests(job);
  goOnWithWindows(job);
  goOnWithLedgers(job);
  return job;
}

/** [PC11] Cards were left out before a restart: what they gave is done again. */
function withoutCard(source: BatchSource | null): BatchSource | null {
  return source?.card === undefined ? source : { ...source, isWithdrawn: true };
}

/** [SL3] Rounds of the codes that are not durable are opened in their order, rests before them. */
function addRests({ schedule, finishedRounds, rests }: InferenceJob): void {
  if (!(schedule instanceof FixedSchedule)) return;
  for (let roundIndex = schedule.wholeRounds; roundIndex < schedule.roundCount; roundIndex++) {
    if (!finishedRounds.has(roundIndex)) rests.add(roundIndex);
  }
}

function durableWindow({ roundIndex, window }: RestoredRound): ({ roundIndex: number } & StreamWindow)[] {
  return window === undefined ? [] : [{ roundIndex, ...window }];
}

/** [RS1] Its data is loaded; an order that is durable makes the rounds the same as before. [RS3] Lies that are known are out. */
export function beginJob(step: Step, job: InferenceJob): void {
  if (beginRun(job)) persistOwn<InferencePurpose>(step, job, { type: "runBegun" }, [jobRecord(job)]);
  else prepare(step, job);
  for (const roundIndex of job.finishedRounds.keys()) withdrawLies(step, job, roundIndex);
  waitForVolunteers(step, job);
  tossAgain(step, job);
  tellAllCards(step, job);
}

/** [CC2] Once that is durable. */
export function runBegun(step: Step, job: InferenceJob): void {
  if (job.stored.state === "preparing") prepare(step, job);
}

function prepare(step: Step, job: InferenceJob): void {
  emitNumerics<InferenceWork>(step, job, { type: "prepare" });
}

/** [CC2] Answers of this run have other coins than those of the one before. @returns whether there was one */
function beginRun({ stored }: InferenceJob): boolean {
  const { crossChecks } = stored;
  if (crossChecks === null || crossChecks.terms === null) return false;
  stored.crossChecks = { ...crossChecks, run: (crossChecks.run ?? 0) + 1 };
  return true;
}

/** [CC7] Coins of durable rows are what they were; who answered them before the restart is not known any more. */
function tossAgain({ state }: Step, job: InferenceJob): void {
  for (const [roundIndex, { sources }] of job.finishedRounds) {
    sources.forEach((source, workerIndex) => {
      // [CC12] All coins of what is certified were answered.
      if (isCertified(job.stored.crossChecks, source?.coins)) return;
      tossCoins(state, job, { roundIndex, workerIndex, addressGroup: null, measured: null });
    });
  }
}

export function prepared(step: Step, job: InferenceJob, orderSha256: string | null): void {
  if (job.stored.state !== "preparing") return;
  job.stored.orderSha256 = orderSha256;
  settleTerms(step, job);
  job.stored.state = "running";
  startStream(step, job);
  startLedgers(step, job);
  persistOwn<InferencePurpose>(step, job, { type: "prepared" }, [jobRecord(job)]);
}

/** [CC1] Once: what a job began with it ends with. */
function settleTerms({ state }: Step, job: InferenceJob): void {
  const { crossChecks } = job.stored;
  if (crossChecks === null || crossChecks.terms !== null) return;
  const { queryCount, submission } = job.stored;
  const { answerBound } = submission;
  const priced = { queryCount, answerBound, isStrict: isStrict(job.stored) };
  const terms = !mayBeCrossChecked(job.plan, job.stored)
    ? null
    : takesCrossChecks(submission)
      ? streamTerms(state, answerBound)
      : termsFor(state, priced);
  job.stored.crossChecks = terms && { ...crossChecks, terms };
}

/** @returns what is written with its end */
export function endRounds(step: Step, job: InferenceJob): CoreRecord[] {
  for (const round of [...job.openRounds.values()]) dropRound(step, job, round);
  voidCheckBatches(step, job);
  endStream(step, job);
  job.toRedo.clear();
  job.topUps.clear();
  const shares = liarShares(step.state);
  job.stored.liarShare = shares.established;
  job.stored.newcomerLiarShare = shares.newcomers;
  const records = [...job.toppedUp].flatMap((volunteerId) => {
    const volunteer = step.state.volunteers.get(volunteerId);
    return volunteer === undefined ? [] : [recordOfVolunteer(volunteer)];
  });
  const credited = bookCredits(step.state, job.checks?.credits ?? new Map()).map(recordOfVolunteer);
  freezeRecords(step.state, job);
  freezeBounds(step, job);
  return [...records, ...credited, ...takeChangedContributions(job)];
}

/** [JB4] When every round is durable, records that are too short for the job's bound are filled up, then it ends. */
export function advanceJob(step: Step, job: InferenceJob): void {
  const { stored, plan, schedule } = job;
  if (stored.state !== "running" && stored.state !== "auditing") return;
  if (stored.suspended !== null || job.confirmations.size > 0) return;
  if (mayGrow(job)) return lookAtLedgers(step, job);
  if (job.finishedRounds.size < schedule.roundCount || job.openRounds.size > 0 || job.toRedo.size > 0) return;
  if (waitsForPartners(step, job)) {
    stored.state = "running";
    return;
  }
  stored.state = "auditing";
  if (plan.verification === "audits" && stored.unchecked === null) requestTopUps(step, job);
  if (closeChecks(step, job)) return;
  if (job.topUps.size === 0) endJob(step, job, "done", null);
}
