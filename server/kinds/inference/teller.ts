/** What the logs say of inference jobs. */
import type { CoordinatorState, Job } from "../../coordinator/state.ts";
import type { CoreJobRecord, Own } from "../../coordinator/words.ts";
import type { CheckCount, KindTeller, OwnOf, Say } from "../../shell/kind-teller.ts";
import type { InferenceRecord } from "./core/work.ts";
import { areRowsChecked, isRowsJob } from "./rows/core/rows-job.ts";
import { rowsWaits } from "./rows/core/waits.ts";
import type { PrepareFailed } from "./rows/row-desk.ts";
import { ROW_FIGURES } from "./rows/told/rows-figures.ts";
import { countsOfRows, tellRowsOutcome, tellRowsRecord, tellRowsWork } from "./rows/told/rows-teller.ts";
import type { RowsOutcome } from "./rows/work.ts";

export class InferenceTeller implements KindTeller {
  readonly figures = ROW_FIGURES;

  outcome({ own }: OwnOf, say: Say): void {
    const outcome = own as RowsOutcome | PrepareFailed;
    if ("isOver" in outcome) return;
    if (outcome.type === "prepareFailed") say("not prepared", { detail: outcome.message }, { level: "error" });
    else tellRowsOutcome(own, say);
  }

  work({ own }: OwnOf, say: Say): void {
    tellRowsWork(own, say);
  }

  written(own: Own, say: Say): CoreJobRecord | null {
    const record = own as InferenceRecord;
    tellRowsRecord(own, say);
    return record.type === "job" ? record.job : null;
  }

  sent() {
    return { what: "sent", work: "batch", isOfRound: false, generation: 0 };
  }

  counts(own: Own): { checks: CheckCount[] } {
    return { checks: countsOfRows(own) };
  }

  lacksTabs(state: CoordinatorState, job: Job): boolean {
    return isRowsJob(job) && rowsWaits(state, job).lacksTabs !== undefined;
  }

  losesAllOfLiars(job: Job): boolean {
    return isRowsJob(job) && areRowsChecked(job);
  }
}
