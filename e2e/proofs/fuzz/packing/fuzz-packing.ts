/**
 * `npm run fuzz -- packing [--graphs N] [--seed S] [--until-wrong]`: drawn graphs, each in the library as it is beside what packing makes of it.
 * Fails where one differs, and in a run of 100,000 where an operator of the list was drawn less than 200 times.
 */
import { parseArgs } from "node:util";
import { LIST_OPERATORS } from "../../../../shared/compute/runtimes/onnx/onnx-lists.ts";
import { MICROSOFT_RULES } from "../../../../shared/compute/runtimes/onnx/onnx-microsoft-rules.ts";
import { ONNX_RULES } from "../../../../shared/compute/runtimes/onnx/onnx-rules.ts";
import { wholeNumber } from "../../../flags/whole-number.ts";
import { tryPacking } from "./try-packing.ts";

/** Of each operator, in a long run. */
const LONG_GRAPHS = 100_000;
const DRAWN_MIN = 200;
const SHOWN_MAX = 20;

export async function fuzzPacking(args: readonly string[]): Promise<boolean> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      graphs: { type: "string", default: "2000" },
      seed: { type: "string", default: "1" },
      "until-wrong": { type: "boolean", default: false },
    },
  });
  const graphs = wholeNumber("--graphs", values.graphs, 1);
  const seed = wholeNumber("--seed", values.seed, 0);
  const run = await tryPacking(seed, graphs, values["until-wrong"] ? 1 : undefined);
  for (const { seed: one, problem } of run.wrong.slice(0, SHOWN_MAX)) console.log(`seed ${one}: ${problem}`);
  const listed = [...Object.keys(ONNX_RULES), ...Object.keys(MICROSOFT_RULES).map((op) => `com.microsoft.${op}`)];
  const all = [...listed, ...LIST_OPERATORS, "Constant", "If", "Loop"];
  const rare = all.filter((op) => (run.drawn.get(op) ?? 0) < DRAWN_MIN);
  const least = Math.min(...all.map((op) => run.drawn.get(op) ?? 0));
  console.log(
    `packing: ${run.graphs} graphs from seed ${seed}: ${run.compared} compared, ${run.refused} refused, ${run.wrong.length} wrong; ` +
      `each of ${all.length} operators drawn ${least} times or more`,
  );
  const isRare = graphs >= LONG_GRAPHS && rare.length > 0;
  if (isRare) console.log(`drawn less than ${DRAWN_MIN} times: ${rare.join(", ")}`);
  return run.wrong.length === 0 && !isRare;
}
