/** Inference, as the core knows it: each question is answered by the file of its rule. */
import { unreachable } from "../../../../shared/control/unreachable.ts";
import { wholeIdOf } from "../../../../shared/kinds/inference/parts.ts";
import { assert } from "../../../coordinator/assert.ts";
import type { CoreKind, Step } from "../../../coordinator/core-kind.ts";
import { endJob, failJob, mayEnd } from "../../../coordinator/jobs.ts";
import { touch } from "../../../coordinator/step-context.ts";
import { rowsCore } from "../rows/core/rows-core.ts";
import {
  batchAnswered,
  batchBegan,
  batchComputedOn,
  batchFailsAt,
  batchFreed,
  batchIsLate,
  fewerGoldenRows,
} from "./batches.ts";
import { tellComers } from "./cards.ts";
import {
  audited,
  auditFailed,
  confirmed,
  confirmFailed,
  decoded,
  decodeFailed,
  settled,
  settleFailed,
  toppedUp,
  topUpFailed,
} from "./checks.ts";
import { isLookedAt } from "./confirmations.ts";
import { volunteersBack, waitForMovers } from "./cross-checks/come-back.ts";
import { ledgerDue } from "./cross-checks/stream-ledgers.ts";
import { pauseFailing } from "./failing.ts";
import { computed, computeFailed } from "./failures.ts";
import {
  type BatchAssignment,
  type GoldenSent,
  type HeldSlices,
  type InferenceJob,
  inferenceJob,
  type Round,
} from "./job.ts";
import { advanceJob, beginJob, endRounds, prepared, restoredJob, runBegun } from "./lifecycle.ts";
import { hasIdleTaker, roundQueue } from "./queue.ts";
import { keepWithdrawn, redoPartOf, withdrawLies } from "./redo.ts";
import { advanceRound, jobRecord, roundPersisted } from "./rounds.ts";
import { giveUpOpinions } from "./second-opinions.ts";
import { slicesArrived } from "./slices.ts";
import {
  closeDurable,
  closeStream,
  queriesDurable,
  queriesPosted,
  queriesRefused,
  streamIdle,
  windowDue,
} from "./streams.ts";
import { goOnUnchecked } from "./suspension.ts";
import { twoCores } from "./two-cores.ts";
import type {
  InferenceOutcome,
  InferencePurpose,
  InferenceRequest,
  InferenceTimer,
  RestoredInference,
  RoundPlace,
} from "./work.ts";

const roundsCore: CoreKind = {
  queue: roundQueue,

  jobOf: ({ job, rounds = [], contributions = [] }: RestoredInference, nowMs) =>
    restoredJob({ job, rounds, contributions }, nowMs),
  // [CE12] Parts of one job.
  turnsOf: ({ stored }) => wholeIdOf(stored.jobId),
  record: (job: InferenceJob, state) => jobRecord(job, { state }),
  begin: beginJob,
  outcome(step, jobId, effectId, outcome: InferenceOutcome) {
    const job = inferenceJob(step.state, jobId);
    if (job !== undefined) outcomeOf(step, job, effectId, outcome);
  },
  request,
  cancel(step, job: InferenceJob) {
    if (mayEnd(job)) endJob(step, job, "cancelled", null);
  },
  stop: closeStream,
  ending: (step, job: InferenceJob) => ({
    records: endRounds(step, job),
    credited: [...(job.checks?.credits.keys() ?? [])],
  }),
  persisted,
  refused(step, job: InferenceJob, purpose: InferencePurpose, message) {
    assert(purpose.type === "queries", `PS3: only queries are refused, not what is written of ${purpose.type}`);
    queriesRefused(step, job, message);
  },
  timer,

  settle: giveUpOpinions,
  crowdChanged(step, job: InferenceJob) {
    if (job.checks !== null) job.checks.mustSweep = true;
    waitForMovers(step, job);
    tellComers(step, job);
  },
  advancePart: (step, job: InferenceJob, round: Round) => advanceRound(step, job, round),
  advance: advanceJob,

  began: (step, batch: BatchAssignment) => batchBegan(step, batch),
  computedOn: (step, job: InferenceJob, batch: BatchAssignment, modelSha256, backend) =>
    batchComputedOn(step, job, batch, modelSha256, backend),
  lessWentOut: (step, batch: BatchAssignment, wentOut: GoldenSent) => fewerGoldenRows(step, batch, wentOut),
  answered: (step, batch: BatchAssignment) => batchAnswered(step, batch),
  late: (step, batch: BatchAssignment) => batchIsLate(step, batch),
  sliced: (_step, batch: BatchAssignment, slices: HeldSlices, draw) => slicesArrived(batch, slices, draw),
  freed: (step, batch: BatchAssignment, freed) => batchFreed(step, batch, freed),
  failsAt: (step, batch: BatchAssignment) => batchFailsAt(step.state, batch),
  hasIdleTaker: (step, batch: BatchAssignment) => hasIdleTaker(step, batch),

  isJudging(job: InferenceJob, volunteerId) {
    const { auditsPending } = job;
    if (isLookedAt(job, volunteerId)) return true;
    for (const pending of auditsPending.values()) {
      if (pending.volunteerId === volunteerId || pending.against?.volunteerId === volunteerId) return true;
    }
    return false;
  },
  purge: redoPartOf,
  releasing: keepWithdrawn,
};

export const inferenceCore: CoreKind = twoCores(roundsCore, rowsCore);

function outcomeOf(step: Step, job: InferenceJob, effectId: number, outcome: InferenceOutcome): void {
  switch (outcome.type) {
    case "prepared":
      return prepared(step, job, outcome.orderSha256);
    case "prepareFailed":
    case "encodeFailed":
      return failJob(step, job, outcome.message);
    case "encoded":
      return encoded(job, outcome);
    case "audited":
      return audited(step, job, effectId, outcome);
    case "auditFailed":
      return auditFailed(step, job, effectId, outcome);
    case "decoded":
      return decoded(step, job, effectId, outcome);
    case "decodeFailed":
      return decodeFailed(step, job, effectId, outcome);
    case "computed":
      return computed(step, job, effectId, outcome);
    case "computeFailed":
      return computeFailed(step, job, effectId, outcome);
    case "toppedUp":
      return toppedUp(step, job, effectId, outcome);
    case "topUpFailed":
      return topUpFailed(step, job, effectId, outcome);
    case "settled":
      return settled(step, job, effectId, outcome);
    case "settleFailed":
      return settleFailed(step, job, effectId, outcome);
    case "confirmed":
      return confirmed(step, job, effectId, outcome);
    case "confirmFailed":
      return confirmFailed(step, job, effectId, outcome);
    default:
      return unreachable("inference: no such outcome", outcome);
  }
}

function request(step: Step, jobId: string, asked: InferenceRequest): void {
  switch (asked.type) {
    case "queriesPosted":
      return queriesPosted(step, jobId, asked.firstQuery, asked.queryCount);
    case "goOnUnchecked": {
      const job = inferenceJob(step.state, jobId);
      if (job !== undefined) goOnUnchecked(step, job);
      return;
    }
    default:
      return unreachable("inference: no such request", asked);
  }
}

function encoded(job: InferenceJob, { roundIndex, generation }: RoundPlace): void {
  const round = job.openRounds.get(roundIndex);
  if (round?.phase !== "encoding" || round.generation !== generation) return;
  round.phase = "gathering";
  job.openRounds.changed(round);
}

function persisted(step: Step, job: InferenceJob, purpose: InferencePurpose): void {
  switch (purpose.type) {
    case "queries":
      return queriesDurable(step, job, purpose.endPlace);
    case "streamClosed":
      return closeDurable(step, job);
    case "runBegun":
      return runBegun(step, job);
    case "windowsCertified":
      if (job.checks !== null) job.checks.ledgersDurable = purpose.ledgers;
      return;
    case "round":
      roundPersisted(step, job, purpose.roundIndex);
      if (job.checks?.stream != null) job.checks.stream.mustLook = true;
      // Somebody may have been found lying while the store was writing.
      return withdrawLies(step, job, purpose.roundIndex);
    case "prepared":
    case "suspended":
    case "cardsLeftOut":
      return;
    default:
      return unreachable("inference: no such purpose", purpose);
  }
}

function timer(step: Step, job: InferenceJob, purpose: InferenceTimer): void {
  switch (purpose.type) {
    case "grace": {
      const round = job.openRounds.get(purpose.roundIndex);
      if (round === undefined || round.generation !== purpose.generation) return;
      round.graceTimerId = null;
      round.gracePassed = true;
      return touch(step, job, round);
    }
    case "windowDue":
      return windowDue(step, job);
    case "streamIdle":
      return streamIdle(step, job);
    case "unanswered":
      return pauseFailing(step, job);
    case "ledgerDue":
      return ledgerDue(step, job);
    case "volunteersBack":
      return volunteersBack(job);
    default:
      return unreachable("inference: no such timer", purpose);
  }
}
