/** Why a coordinator computed the rows of a stream that it computed: by what its numerics were asked for. */
import type { BatchAudit } from "../../server/kinds/inference/engine/audit-batches.ts";
import { countFlags } from "../../server/kinds/inference/engine/checked-rows.ts";
import type { AllTasks, KindsExecutor, TaskInputs, TaskName } from "../../server/kinds/numerics-tasks.ts";

export interface RowsByReason {
  /** [CC3] Drawn from all rows. */
  anchors: number;
  /** Drawn of a batch: of a stream's first rows, of a tab whose class is not measured, of all where results are audited. */
  drawn: number;
  /** [PC1] Labels that the tolerance leaves open, and whatever else asks for a row by itself. */
  open: number;
  /** [CC8] [CC14] Samples of ledgers, and coins that nobody was there to answer. */
  ledgers: number;
}

/** @returns the executor with what is counted of it from now on */
export function countingRows(executor: KindsExecutor): {
  readonly executor: KindsExecutor;
  readonly counted: RowsByReason;
} {
  const counted: RowsByReason = { anchors: 0, drawn: 0, open: 0, ledgers: 0 };
  const counting: KindsExecutor = {
    async run<T extends TaskName>(task: T, input: AllTasks[T]["input"]): Promise<AllTasks[T]["output"]> {
      const output = await executor.run(task, input);
      if (task === "audit") countAudits(input as TaskInputs["audit"], output as readonly BatchAudit[]);
      if (task === "recompute") counted.ledgers += (input as TaskInputs["recompute"]).rows.length;
      return output;
    },
    close: () => executor.close(),
  };
  return { executor: counting, counted };

  function countAudits({ batches }: TaskInputs["audit"], audits: readonly BatchAudit[]): void {
    batches.forEach(({ chosenRows, randomRows }, n) => {
      const all = countFlags(audits[n]!.checkedRows);
      const anchors = Math.min(all, chosenRows.length);
      const drawn = Math.min(all - anchors, randomRows);
      counted.anchors += anchors;
      counted.drawn += drawn;
      counted.open += all - anchors - drawn;
    });
  }
}
