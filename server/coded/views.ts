/** What people are shown of coded runs: plain projections of the coordinator's state. */

import type { CodedReceipt } from "../../shared/coded/receipt.ts";
import type { CodedVolunteerView } from "../../shared/coded/run-view.ts";
import { CODED_SCHEMES } from "../../shared/coding/coded-schemes/coded-schemes.ts";
import { MODULUS } from "../../shared/field/modulus.ts";
import type { Waits } from "../../shared/protocol/job-api.ts";
import { whyNoTab } from "../../shared/protocol/why-no-tab.ts";
import { KEY_COUNT, soundnessError } from "../../shared/verify/freivalds.ts";
import { isActive } from "../coordinator/jobs.ts";
import type { CoordinatorState } from "../coordinator/state.ts";
import { seenTabs } from "../coordinator/tabs-seen.ts";
import type { CodedRunJob } from "./core/run-job.ts";
import type { RunState } from "./core/run-state.ts";

/** What the receipts of all coded runs have in common. */
export type CodedReceiptBody = Omit<CodedReceipt, "rows" | "columns">;

export type RunView = ReturnType<typeof runView>;

/** What the views of all coded runs have in common. */
export function runView(state: CoordinatorState, job: CodedRunJob) {
  const { stored, plan, run } = job;
  const { submission } = stored;
  const code = run?.active ?? null;
  return {
    jobId: stored.jobId,
    name: submission.name,
    submitter: submission.submitter,
    ...(submission.purpose === undefined ? {} : { purpose: submission.purpose }),
    scheme: submission.scheme,
    dataVolunteers: submission.dataVolunteers,
    stragglers: submission.stragglers,
    liars: submission.liars,
    colluders: submission.colluders,
    volunteerCount: plan.volunteerCount,
    state: stored.state,
    ...(isActive(job) && run !== null ? waitsOf(state, job, run) : { waitingFor: null }),
    error: stored.error,
    endKind: stored.endKind,
    endReason: stored.endReason,
    isVerified: plan.isVerified,
    code:
      code === null
        ? null
        : {
            generation: code.generation,
            dataBlocks: code.blockCount,
            masks: code.maskCount,
            shards: code.shards.filter(({ volunteerId }) => volunteerId !== null).length,
            shardsHeld: code.shards.filter(({ state }) => state === "held").length,
          },
    invitations: plan.maskCount === 0 ? null : invitationsOf(job),
    volunteersAtWork: run === null ? 0 : [...run.volunteers.values()].filter(isAtWork).length,
    liarsNamed: (run ?? stored.progress).liars.length,
    codeChanges: (run ?? stored.progress).codeChanges.length,
    notes: stored.notes,
    submittedMs: stored.submittedMs,
    // [JB2] Nobody is told of an end that a crash could still take back.
    finishedMs: stored.state === "finishing" ? null : stored.finishedMs,
    remainingMs: run === null ? null : remainingMs(run, stored.settings.iterations),
  };
}

/** [GJ7] Why volunteers that were invited are still missed. */
function invitationWords(job: CodedRunJob): string {
  if (job.plan.maskCount === 0) return "";
  const { issued, used, turnedAway } = invitationsOf(job);
  const others = turnedAway === 1 ? "1 volunteer" : `${turnedAway} volunteers`;
  const refused = turnedAway === 0 ? "" : `, ${others} came with one that another had used`;
  return `; ${used} of ${issued} invitations are used${refused}`;
}

/** [GJ7] */
function invitationsOf({ stored: { invitations }, turnedAway }: CodedRunJob) {
  const used = invitations.filter(({ volunteerId }) => volunteerId !== null).length;
  return { issued: invitations.length, used, turnedAway: turnedAway.size };
}

function isAtWork({ isPresent, isLiar }: { isPresent: boolean; isLiar: boolean }): boolean {
  return isPresent && !isLiar;
}

function waitsOf(state: CoordinatorState, job: CodedRunJob, run: RunState): Waits {
  if (run.waitingFor !== null) {
    // A private job takes invited volunteers alone: not whichever comes.
    const isAnyWanted = job.plan.maskCount === 0 && ![...run.volunteers.values()].some(({ isPresent }) => isPresent);
    const away = isAnyWanted && state.sessions.size > 0 ? whyNoTab(seenTabs(state)) : null;
    const waitingFor = `waiting for ${run.waitingFor}${away === null ? "" : `; ${away}`}${invitationWords(job)}`;
    return { waitingFor, lacksTabs: isAnyWanted ? "any" : "more" };
  }
  if (run.phase === "preparing") return { waitingFor: "reading the data" };
  if (run.phase !== "placing") return { waitingFor: null };
  const isEncoding = (run.active?.encoding.size ?? 0) > 0;
  return { waitingFor: isEncoding ? "encoding the data" : "volunteers fetch their shares of the data" };
}

/** Iterations that the estimate of the time that is left looks back on. */
const PACE_ITERATIONS = 10;

function remainingMs({ history, phase, waitingFor: missing }: RunState, iterations: number): number | null {
  const first = history.at(-1 - PACE_ITERATIONS) ?? history[0];
  const last = history.at(-1);
  if (phase !== "running" || missing !== null || first === undefined || last === undefined) return null;
  const count = last.iteration - first.iteration;
  if (count <= 0) return null;
  return Math.round(((iterations - last.iteration) * (last.atMs - first.atMs)) / count);
}

/** What happened in it, with the points that kinds draw curves from. */
export function runHistory(state: CoordinatorState, job: CodedRunJob) {
  const { run, stored } = job;
  const { history, codeChanges, liars } = run ?? stored.progress;
  return {
    points: history.map((point) => ({ ...point })),
    codeChanges: codeChanges.map((change) => ({ ...change })),
    liars: liars.map(({ volunteerId, iteration }) => ({
      volunteerId,
      nickname: nicknameOf(state, job, volunteerId),
      iteration,
    })),
    volunteers: volunteerViews(state, job),
  };
}

function volunteerViews(state: CoordinatorState, job: CodedRunJob): CodedVolunteerView[] {
  const { run, stored } = job;
  if (run === null) {
    return stored.progress.volunteers.map((volunteer) => ({ ...volunteer, isPresent: false, shards: 0 }));
  }
  return [...run.volunteers.values()].map(({ volunteerId, isPresent, isLiar, pace, ...counts }) => ({
    volunteerId,
    nickname: nicknameOf(state, job, volunteerId),
    isPresent,
    isSlow: pace.isSlow,
    isLiar,
    shards: run.active?.shards.filter((shard) => shard.volunteerId === volunteerId).length ?? 0,
    pointsIssued: counts.pointsIssued,
    acceptedResults: counts.acceptedResults,
  }));
}

function nicknameOf(state: CoordinatorState, { stored }: CodedRunJob, volunteerId: string): string {
  const known = state.volunteers.get(volunteerId)?.nickname;
  return known ?? stored.progress.volunteers.find((one) => one.volunteerId === volunteerId)?.nickname ?? "";
}

/** Of a job whose end is durable: from what is stored alone, the same after a restart. */
export function runReceipt({ stored, plan }: CodedRunJob): CodedReceiptBody {
  const { progress, submission } = stored;
  const method = CODED_SCHEMES[submission.scheme].verification;
  const errorOf = (results: number) => (method === "freivalds" ? soundnessError(KEY_COUNT, results, MODULUS) : null);
  const nicknames = new Map(progress.volunteers.map(({ volunteerId, nickname }) => [volunteerId, nickname]));
  return {
    jobId: stored.jobId,
    endKind: stored.endKind ?? "failed",
    endReason: stored.endReason ?? "",
    code: {
      blockCount: plan.blockCount,
      maskCount: plan.maskCount,
      shardCount: plan.shardCount,
      volunteerCount: plan.volunteerCount,
      redundancy: plan.redundancy,
    },
    verification: {
      method,
      keyCount: method === "freivalds" ? KEY_COUNT : 0,
      errorPerResult: errorOf(1),
      resultsChecked: progress.resultsChecked,
      errorOfJob: errorOf(progress.resultsChecked),
      resultsRejected: progress.resultsRejected,
    },
    undecodedRounds: progress.undecodedRounds,
    correctedResults: progress.correctedResults,
    volunteers: progress.volunteers.map((volunteer) => ({ ...volunteer, isPresent: false, shards: 0 })),
    liars: progress.liars.map(({ volunteerId, iteration }) => ({
      volunteerId,
      nickname: nicknames.get(volunteerId) ?? "",
      iteration,
    })),
    codeChanges: progress.codeChanges,
    pointsIssued: progress.volunteers.reduce((sum, { pointsIssued }) => sum + pointsIssued, 0),
    submittedMs: stored.submittedMs,
    finishedMs: stored.finishedMs ?? stored.submittedMs,
  };
}
