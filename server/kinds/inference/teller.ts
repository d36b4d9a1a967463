/** What the logs say of inference jobs. */
import type { CoordinatorState, Job } from "../../coordinator/state.ts";
import type { CoreJobRecord, Own } from "../../coordinator/words.ts";
import type { CheckCount, KindTeller, OwnOf, Say, ToldFields } from "../../shell/kind-teller.ts";
import { type Batch, isInferenceJob } from "./core/job.ts";
import type { InferenceOutcome, InferenceRecord, InferenceWork, RoundPlace } from "./core/work.ts";
import { areRowsChecked, isRowsJob } from "./rows/core/rows-job.ts";
import { rowsWaits } from "./rows/core/waits.ts";
import { isClaim } from "./rows/on-either.ts";
import { ROW_FIGURES } from "./rows/told/rows-figures.ts";
import { countsOfRows, tellJudged, tellRowsOutcome, tellRowsRecord, tellRowsWork } from "./rows/told/rows-teller.ts";
import { waitsOf } from "./views.ts";

const FAILED = { encodeFailed: "not encoded", decodeFailed: "not decoded", auditFailed: "not audited" } as const;

type Counts = { readonly checked: number; readonly failed: number };

export class InferenceTeller implements KindTeller {
  readonly figures = ROW_FIGURES;
  /** Results that are being audited, by effect: their assignments, and their job, may end before the audit does. */
  readonly #auditing = new Map<number, ToldFields>();

  outcome({ effectId, own }: OwnOf, say: Say): void {
    const outcome = own as InferenceOutcome;
    if ("isOver" in outcome) return void this.#auditing.delete(effectId);
    switch (outcome.type) {
      case "prepared":
        return say("prepared");
      case "prepareFailed":
        return say("not prepared", { detail: outcome.message }, { level: "error" });
      case "encoded":
        return say("encoded", roundOf(outcome));
      case "auditFailed":
      case "encodeFailed":
      case "decodeFailed":
        this.#auditing.delete(effectId);
        return say(FAILED[outcome.type], { ...roundOf(outcome), detail: outcome.message }, { level: "error" });
      case "audited": {
        const fields = this.#auditing.get(effectId);
        this.#auditing.delete(effectId);
        const what = outcome.failed === 0 ? "audit passed" : "audit failed";
        return fields === undefined ? undefined : say(what, { detail: countsOf(outcome), ...fields });
      }
      case "decoded": {
        const { rowCount, estimatedRows, suspectAudits, rejected } = outcome.outcome;
        const wrong = suspectAudits.filter(({ failed }) => failed > 0).map(({ workerIndex }) => workerIndex);
        const found = wrong.length === 0 ? "" : `; rows of worker index ${wrong.join(", ")} differ`;
        const detail = `${rowCount} rows, ${estimatedRows} of them estimated${found}`;
        say("decoded", { detail, ...roundOf(outcome) });
        for (const { workerIndex } of rejected)
          say("outvoted", { ...roundOf(outcome), workerIndex }, { isAside: true });
        return;
      }
      case "toppedUp":
        return say("audited further", { volunteerId: outcome.volunteerId, detail: countsOf(outcome) });
      case "confirmed":
        return tellJudged(outcome.judged, say);
      case "confirmFailed":
        return say("not looked at again", { detail: outcome.message }, { level: "error" });
      case "topUpFailed":
        return say("not audited further", { detail: outcome.message }, { level: "error" });
      default:
        return tellRowsOutcome(own, say);
    }
  }

  work({ effectId, own }: OwnOf, say: Say): void {
    const work = own as InferenceWork;
    switch (work.type) {
      case "audit": {
        const { roundIndex, workerIndex, assignmentId, volunteerId } = work;
        this.#auditing.set(effectId, { roundIndex, workerIndex, assignmentId, volunteerId });
        return;
      }
      case "takeSlices": {
        const { roundIndex, workerIndex, from, volunteerId, rows, assignmentId } = work;
        const detail = `${rows} rows that were handed over before it was taken back; they count as assignment ${assignmentId}`;
        return say("answered in part", { roundIndex, workerIndex, assignmentId: from, volunteerId, detail });
      }
      case "publish":
        return say("published", roundOf(work), { level: "debug" });
      case "withdraw": {
        const where = work.workerIndex === null ? {} : { workerIndex: work.workerIndex };
        return say("withdrawn", { ...roundOf(work), ...where }, { level: "warn" });
      }
      case "releaseRound":
        return say("round done", { roundIndex: work.roundIndex }, { isAside: true });
      default:
        return tellRowsWork(own, say);
    }
  }

  written(own: Own, say: Say): CoreJobRecord | null {
    const record = own as InferenceRecord;
    if (record.type === "round") say("stored", roundOf(record), { level: "debug" });
    tellRowsRecord(own, say);
    return record.type === "job" ? record.job : null;
  }

  sent(payload: unknown) {
    if (isClaim(payload)) return { what: "sent", work: "batch", isOfRound: false, generation: 0 };
    const { generation, isCheckBatch } = payload as Batch;
    return { what: "sent", work: "batch", isOfRound: isCheckBatch !== true, generation };
  }

  counts(own: Own): { checks: CheckCount[]; decodedRows?: number } {
    const outcome = own as InferenceOutcome;
    const checkOf = (name: string, { checked, failed }: Counts): CheckCount => ({ name, rows: checked, failed });
    switch (outcome.type) {
      case "audited":
        return { checks: [checkOf("audit", outcome)] };
      case "toppedUp":
        return { checks: [checkOf("top-up", outcome)] };
      case "decoded": {
        const { rowCount, suspectAudits } = outcome.outcome;
        return { checks: suspectAudits.map((audit) => checkOf("suspect", audit)), decodedRows: rowCount };
      }
      default:
        return { checks: countsOfRows(own) };
    }
  }

  openRounds(job: Job): string[] {
    return isInferenceJob(job) ? [...job.openRounds.values()].map(({ phase }) => phase) : [];
  }

  lacksTabs(state: CoordinatorState, job: Job): boolean {
    if (isRowsJob(job)) return rowsWaits(state, job).lacksTabs !== undefined;
    return isInferenceJob(job) && waitsOf(state, job).lacksTabs !== undefined;
  }

  losesAllOfLiars(job: Job): boolean {
    if (isRowsJob(job)) return areRowsChecked(job);
    return isInferenceJob(job) && job.plan.verification === "audits";
  }
}

function roundOf({ roundIndex, generation }: RoundPlace): RoundPlace {
  return { roundIndex, generation };
}

function countsOf({ checked, failed }: Counts): string {
  return `${failed} of ${checked} recomputed rows differ`;
}
