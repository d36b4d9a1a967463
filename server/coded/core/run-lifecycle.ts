/** A gradient job from submission to its end, and over restarts. SPEC.md GJ rules. */
import { GRADIENT_CHECKPOINTS_MAX, GRADIENT_ITERATIONS_PER_CHECKPOINT_MIN } from "../../../shared/protocol/limits.ts";
import { bookCredits } from "../../coordinator/credits.ts";
import type { CoreRecord } from "../../coordinator/effects.ts";
import { forgetOldJobs } from "../../coordinator/job-lifecycle.ts";
import { persist, storedVolunteer } from "../../coordinator/persistence.ts";
import { emit, type Step, tell } from "../../coordinator/step-context.ts";
import type { RunProgress, RunRecord } from "../records.ts";
import type { RunEnd } from "./run-effects.ts";
import type { GradientJob } from "./run-job.ts";
import { planRun, type RunPlan } from "./run-plan.ts";
import type { RunSettings } from "./run-settings.ts";
import { resumedRunState } from "./run-state.ts";
import { endAllTasks } from "./shares.ts";

export function isGradientActive({ stored }: GradientJob): boolean {
  return stored.state !== "done" && stored.state !== "failed" && stored.state !== "cancelled";
}

/** @throws CodingError where the submission's numbers make no code */
export function planOf({ submission }: Pick<RunRecord, "submission">): RunPlan {
  const { scheme, dataVolunteers, stragglers, liars, colluders, shardsPerVolunteer, volunteers } = submission;
  const code = { scheme, dataVolunteers, stragglers, liars, colluders, shardsPerVolunteer };
  return planRun(volunteers === undefined ? code : { ...code, volunteers });
}

/** [JB1] As of inference jobs: nothing begins before it is durable. */
export function submitGradient(step: Step, stored: RunRecord): void {
  step.state.gradientJobs.set(stored.jobId, newGradientJob(stored));
  const job: RunRecord = { ...stored, state: "preparing" };
  persist(step, { kind: "submission", jobId: stored.jobId }, [
    { kind: "gradientJob", job, weightsOf: null, bestOf: null },
  ]);
}

export function gradientAccepted(step: Step, jobId: string): void {
  const job = step.state.gradientJobs.get(jobId);
  if (job === undefined || job.stored.state !== "accepting") return;
  job.stored.state = "preparing";
  emit(step, { type: "answerSubmission", jobId, problem: null });
  begin(step, job);
}

/** [GJ6] [RS3] A job that was at work goes on from its durable weights; its points, liars and history stand. */
export function restoreGradient(step: Step, stored: RunRecord): void {
  const job = newGradientJob(stored);
  step.state.gradientJobs.set(stored.jobId, job);
  if (!isGradientActive(job)) return;
  job.stored.state = "preparing";
  begin(step, job);
}

function begin(step: Step, job: GradientJob): void {
  const { stored, plan } = job;
  const settings = settingsOf(stored);
  job.training = resumedRunState(plan, settings, stored.progress, stored.weightsOf);
  step.state.seatsStale = true;
  tell(step, job, { type: "started" });
}

function settingsOf({ submission, settings }: RunRecord): Partial<RunSettings> {
  const { iterations } = settings;
  const { spareShards } = submission;
  const checkpointEvery = Math.max(
    GRADIENT_ITERATIONS_PER_CHECKPOINT_MIN,
    Math.ceil(iterations / GRADIENT_CHECKPOINTS_MAX),
  );
  return { ...settings, spareShards, checkpointEvery };
}

/** At rest: nothing of it is at work. */
export function newGradientJob(stored: RunRecord): GradientJob {
  return {
    stored: { ...stored },
    plan: planOf(stored),
    training: null,
    seats: new Map(),
    verifying: new Map(),
    decoding: null,
    credits: new Map(),
    resultsChecked: stored.progress.resultsChecked,
    resultsRejected: stored.progress.resultsRejected,
  };
}

/** A session came with an invitation: whoever comes first with it is the one who was invited (GJ7). */
export function takeInvitation(step: Step, volunteerId: string, invitationSha256: string): void {
  for (const job of step.state.gradientJobs.values()) {
    const invitation = job.stored.invitations.find(({ sha256 }) => sha256 === invitationSha256);
    if (invitation === undefined || invitation.volunteerId !== null) continue;
    invitation.volunteerId = volunteerId;
    if (isGradientActive(job)) persistCheckpoint(step, job, false);
  }
}

export function cancelGradient(step: Step, jobId: string): void {
  const job = step.state.gradientJobs.get(jobId);
  if (job !== undefined) tell(step, job, { type: "cancelled" });
}

export function stopGradient(step: Step, jobId: string): void {
  const job = step.state.gradientJobs.get(jobId);
  if (job !== undefined) tell(step, job, { type: "stopRequested" });
}

/**
 * [GJ6] Weights, history and credit become durable together.
 * @param withWeights false: what was durable stays, and credit waits: work that a crash would have done again is not counted twice
 */
export function persistCheckpoint(step: Step, job: GradientJob, withWeights = true): void {
  const { stored } = job;
  const { training } = job;
  // [JB2] Its end is the last that is written of a job.
  if (stored.state === "finishing") return;
  if (withWeights && training !== null) {
    stored.progress = progressOf(step, job);
    stored.weightsOf = training.iteration;
  }
  const weightsOf = withWeights ? stored.weightsOf : null;
  const bestOf = withWeights ? (training?.best?.iteration ?? null) : null;
  const { credited, records } = withWeights ? takeCredits(step, job) : { credited: [], records: [] };
  persist(step, { kind: "gradientCheckpoint", jobId: stored.jobId, credited }, [
    { kind: "gradientJob", job: snapshot(stored), weightsOf, bestOf },
    ...records,
  ]);
}

/** [JB2] Until its end is durable a job is finishing. */
export function endGradient(step: Step, job: GradientJob, end: RunEnd): void {
  const { stored } = job;
  endAllTasks(step, stored.jobId);
  stored.progress = progressOf(step, job);
  // Without weights to end with, those of the last checkpoint are still there.
  stored.weightsOf = end.weightsOf ?? stored.weightsOf;
  stored.endKind = end.kind;
  stored.endReason = end.reason;
  stored.error = end.kind === "failed" ? end.reason : null;
  stored.finishedMs = Math.round(step.nowMs);
  stored.state = "finishing";
  const state = end.kind === "failed" || end.kind === "cancelled" ? end.kind : "done";
  const { credited, records } = takeCredits(step, job);
  persist(step, { kind: "gradientEnd", jobId: stored.jobId, credited }, [
    { kind: "gradientJob", job: { ...snapshot(stored), state }, weightsOf: end.weightsOf, bestOf: null },
    ...records,
  ]);
}

export function gradientEndPersisted(step: Step, jobId: string): void {
  const job = step.state.gradientJobs.get(jobId);
  if (job === undefined) return;
  const { endKind } = job.stored;
  job.stored.state = endKind === "failed" || endKind === "cancelled" ? endKind : "done";
  job.seats.clear();
  emit(step, { type: "releaseJob", jobId });
  forgetOldJobs(step.state.gradientJobs, (other) => !isGradientActive(other));
}

/** [CR1] Credit is part of the totals in the transaction that makes it durable. */
function takeCredits(step: Step, job: GradientJob): { credited: string[]; records: CoreRecord[] } {
  const volunteers = bookCredits(step.state, job.credits);
  job.credits.clear();
  const records = volunteers.map(
    (volunteer) => ({ kind: "volunteer", volunteer: storedVolunteer(volunteer) }) as const,
  );
  return { credited: volunteers.map(({ volunteerId }) => volunteerId), records };
}

/** What the record holds must not change while it waits to be written. */
function snapshot(stored: RunRecord): RunRecord {
  return { ...stored, invitations: stored.invitations.map((invitation) => ({ ...invitation })) };
}

export function progressOf(step: Step, job: GradientJob): RunProgress {
  const { training, resultsChecked, resultsRejected } = job;
  if (training === null) return job.stored.progress;
  const { iteration, best, undecodedRounds, correctedResults, nextGeneration } = training;
  return {
    iteration,
    history: training.history.map((entry) => ({ ...entry })),
    best: best === null ? null : { ...best },
    codeChanges: training.codeChanges.map((change) => ({ ...change })),
    liars: training.liars.map((liar) => ({ ...liar })),
    volunteers: [...training.volunteers.values()].map((volunteer) => ({
      volunteerId: volunteer.volunteerId,
      nickname: step.state.volunteers.get(volunteer.volunteerId)?.nickname ?? "",
      isSlow: volunteer.pace.isSlow,
      isLiar: volunteer.isLiar,
      pointsIssued: volunteer.pointsIssued,
      acceptedResults: volunteer.acceptedResults,
    })),
    resultsChecked,
    resultsRejected,
    undecodedRounds,
    correctedResults,
    nextGeneration,
  };
}
