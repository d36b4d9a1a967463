/** [AS11] Rows at which volunteers failed, computed here: all at once, and each by itself where one of them fails. */
import { JobOver } from "../../../../shared/control/job-over.ts";
import { messageOf } from "../../../store/attempt.ts";
import type { RowNotComputed } from "../core/not-computed.ts";
import { answerRuleOf } from "./answer-rule.ts";
import type { Computing } from "./job-data.ts";

/** @returns n x C, no numbers where a row cannot be computed; and which these are @throws JobOver */
export async function computeRows(
  computing: Computing,
  queries: Uint32Array,
): Promise<{ readonly outputs: Float32Array; readonly notComputed: RowNotComputed[] }> {
  const { outputSize } = computing.data.job;
  const outputs = new Float32Array(queries.length * outputSize).fill(Number.NaN);
  const notComputed: RowNotComputed[] = [];
  try {
    outputs.set(await ownRows(computing, queries));
  } catch (error) {
    if (error instanceof JobOver) throw error;
    for (let row = 0; row < queries.length; row++) {
      const own = queries.subarray(row, row + 1);
      try {
        outputs.set(await ownRows(computing, own.slice()), row * outputSize);
      } catch (error) {
        if (error instanceof JobOver) throw error;
        notComputed.push({ query: own[0]!, reason: messageOf(error) });
      }
    }
  }
  return { outputs, notComputed };
}

async function ownRows({ data, executor }: Computing, rows: Uint32Array): Promise<Float32Array> {
  const outputs = new Float32Array(rows.length * data.job.outputSize);
  const precisions = Array.from(rows, () => "float32" as const);
  const { model, source } = data;
  const rule = answerRuleOf(data.job);
  const { ownOutputs } = await executor.run("recompute", {
    model,
    rule,
    source,
    rows,
    outputs,
    precisions,
    isAnswered: false,
  });
  return ownOutputs;
}
