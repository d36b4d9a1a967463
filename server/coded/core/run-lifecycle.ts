/** A coded run from its beginning to its end, and over restarts. SPEC.md GJ rules. */

import { CODED_CHECKPOINTS_MAX, CODED_ITERATIONS_PER_CHECKPOINT_MIN } from "../../../shared/coded/limits.ts";
import type { InvitationStanding } from "../../../shared/protocol/messages.ts";
import type { Step } from "../../coordinator/core-kind.ts";
import { bookCredits } from "../../coordinator/credits.ts";
import type { CoreRecord } from "../../coordinator/effects.ts";
import { endJob, isActive } from "../../coordinator/jobs.ts";
import { ownRecord, persistOwn, recordOfVolunteer } from "../../coordinator/persistence.ts";
import type { RunProgress, RunRecord } from "../records.ts";
import { RESIDUE_BYTES } from "./run-cost.ts";
import type { RunEnd } from "./run-effects.ts";
import type { CodedRunJob } from "./run-job.ts";
import { planRun, type RunPlan } from "./run-plan.ts";
import type { RunSettings } from "./run-settings.ts";
import { resumedRunState } from "./run-state.ts";
import type { RunPurpose, WrittenRun } from "./run-work.ts";
import { endAllShares } from "./shares.ts";
import { tellRun } from "./tell-run.ts";

/** @throws CodingError where the submission's numbers make no code */
export function runPlanOf({ submission }: Pick<RunRecord, "submission">): RunPlan {
  const { scheme, dataVolunteers, stragglers, liars, colluders, shardsPerVolunteer, volunteers } = submission;
  const code = { scheme, dataVolunteers, stragglers, liars, colluders, shardsPerVolunteer };
  return planRun(volunteers === undefined ? code : { ...code, volunteers });
}

/** At rest: nothing of it is at work. @throws CodingError as planOf does */
export function newRunJob(stored: RunRecord): CodedRunJob {
  return {
    kind: stored.submission.kind,
    stored: { ...stored },
    plan: runPlanOf(stored),
    turns: { served: 0 },
    sentWork: 0,
    run: null,
    seats: new Map(),
    isSeated: false,
    turnedAway: new Set(),
    verifying: new Map(),
    decoding: null,
    credits: new Map(),
    resultsChecked: stored.progress.resultsChecked,
    resultsRejected: stored.progress.resultsRejected,
  };
}

/** [GJ6] [RS1] A job that was at work goes on from its durable weights; its points, liars and history stand. */
export function beginRun(step: Step, job: CodedRunJob): void {
  const { stored, plan } = job;
  job.run = resumedRunState(plan, settingsOf(job), stored.progress, stored.weightsOf);
  step.state.isCrowdChanged = true;
  tellRun(step, job, { type: "started" });
}

function settingsOf({ stored }: CodedRunJob): Partial<RunSettings> {
  const { settings, submission, shape } = stored;
  const { spareShards } = submission;
  const codedBytes = 2 * RESIDUE_BYTES * (shape.parts?.matrix ?? 1) * shape.rows * shape.columns;
  const checkpointEvery = Math.max(
    CODED_ITERATIONS_PER_CHECKPOINT_MIN,
    Math.ceil(settings.iterations / CODED_CHECKPOINTS_MAX),
  );
  return { ...settings, spareShards, codedBytes, checkpointEvery };
}

/** Keys cost nothing: more of them say nothing more. */
const TURNED_AWAY_COUNTED_MAX = 1_000;

/** A session came with an invitation: whoever comes first with it is the one who was invited (GJ7). */
export function takeInvitation(
  step: Step,
  job: CodedRunJob,
  volunteerId: string,
  invitationSha256: string,
): InvitationStanding | null {
  const invitation = job.stored.invitations.find(({ sha256 }) => sha256 === invitationSha256);
  if (invitation === undefined) return null;
  if (!isActive(job)) return "ended";
  if (invitation.volunteerId === volunteerId) return "yours";
  if (invitation.volunteerId !== null) {
    if (job.turnedAway.size < TURNED_AWAY_COUNTED_MAX) job.turnedAway.add(volunteerId);
    return "taken";
  }
  invitation.volunteerId = volunteerId;
  persistCheckpoint(step, job, false);
  return "yours";
}

/**
 * [GJ6] Weights, history and credit become durable together.
 * @param withWeights false: what was durable stays, and credit waits: work that a crash would have done again is not counted twice
 */
export function persistCheckpoint(step: Step, job: CodedRunJob, withWeights = true): void {
  const { stored, run } = job;
  // [JB2] Its end is the last that is written of a job.
  if (stored.state === "finishing") return;
  if (withWeights && run !== null) {
    stored.progress = progressOf(step, job);
    stored.weightsOf = run.iteration;
  }
  const weightsOf = withWeights ? stored.weightsOf : null;
  const bestOf = withWeights ? (run?.best?.iteration ?? null) : null;
  const { credited, records } = withWeights ? takeCredits(step, job) : { credited: [], records: [] };
  persistOwn<RunPurpose>(step, job, { type: "checkpoint", credited }, [
    runRecord(job, {}, weightsOf, bestOf),
    ...records,
  ]);
}

/** The machine has come to its end. */
export function endRun(step: Step, job: CodedRunJob, end: RunEnd): void {
  const { stored } = job;
  const isBad = end.kind === "failed" || end.kind === "cancelled";
  stored.endKind = end.kind;
  stored.endReason = end.reason;
  // Without weights to end with, those of the last checkpoint are still there.
  stored.weightsOf = end.weightsOf ?? stored.weightsOf;
  endJob(step, job, isBad ? end.kind : "done", end.kind === "failed" ? end.reason : null);
}

/** @returns what is written with its end, and whose credit becomes durable with it */
export function endShares(
  step: Step,
  job: CodedRunJob,
): { records: readonly CoreRecord[]; credited: readonly string[] } {
  endAllShares(step, job);
  job.stored.progress = progressOf(step, job);
  return takeCredits(step, job);
}

/** [CR1] Credit is part of the totals in the transaction that makes it durable. */
function takeCredits(step: Step, job: CodedRunJob): { credited: readonly string[]; records: readonly CoreRecord[] } {
  const volunteers = bookCredits(step.state, job.credits);
  job.credits.clear();
  return {
    credited: volunteers.map(({ volunteerId }) => volunteerId),
    records: volunteers.map(recordOfVolunteer),
  };
}

/** What the record holds must not change while it waits to be written. */
export function runRecord(
  job: CodedRunJob,
  changes: Partial<RunRecord>,
  weightsOf: number | null,
  bestOf: number | null,
): CoreRecord {
  const invitations = job.stored.invitations.map((invitation) => ({ ...invitation }));
  const stored: RunRecord = { ...job.stored, invitations, ...changes };
  return ownRecord<WrittenRun>(job, { type: "run", job: stored, weightsOf, bestOf });
}

export function progressOf(step: Step, job: CodedRunJob): RunProgress {
  const { run, resultsChecked, resultsRejected } = job;
  if (run === null) return job.stored.progress;
  const { iteration, best, undecodedRounds, correctedResults, nextGeneration } = run;
  return {
    iteration,
    history: run.history.map((entry) => ({ ...entry })),
    best: best === null ? null : { ...best },
    codeChanges: run.codeChanges.map((change) => ({ ...change })),
    liars: run.liars.map((liar) => ({ ...liar })),
    volunteers: [...run.volunteers.values()].map((volunteer) => ({
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
