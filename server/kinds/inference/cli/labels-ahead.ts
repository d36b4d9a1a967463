/** Labels of queries, looked through before anything is sent. */
import { InputError } from "../../../../shared/inputs/input-error.ts";
import { parseNpy } from "../../../../shared/protocol/npy.ts";
import type { ModelUploaded } from "../../../../shared/protocol/uploads-api.ts";
import { type Numbers, npyBytes } from "../../../../shared/sdk/as-npy.ts";
import { readLabels } from "../../../cli/inputs/read-labels.ts";

export interface LabelsAhead {
  /** Their file. */
  readonly path: string;
  readonly numbers: Numbers;
  readonly values: ArrayLike<number | bigint>;
}

/** @throws InputError where they are not one whole number a query */
export async function labelsAhead(path: string, stdin: AsyncIterable<Uint8Array>): Promise<LabelsAhead> {
  const { numbers } = await readLabels(path, stdin);
  const { dtype, data } = parseNpy(await npyBytes(numbers));
  if (dtype === "F32" || dtype === "F64") {
    throw new InputError(`${path}: expected whole numbers as labels (int32, say), got ${dtype}`);
  }
  return { path, numbers, values: data };
}

/** @throws InputError unless there is one for each query */
export function requireLabelOfEach({ path, values }: LabelsAhead, queryCount: number): void {
  if (values.length === queryCount) return;
  throw new InputError(`${path}: expected ${queryCount} labels, one for each query, got ${values.length}`);
}

/** @param output as the job asks for it. @throws InputError where a label is none of the model's classes */
export function requireClasses(
  { path, values }: Pick<LabelsAhead, "path" | "values">,
  { outputs }: Pick<ModelUploaded, "outputs">,
  output: unknown,
): void {
  const asked = outputs.length === 1 ? outputs[0] : outputs.find(({ name }, i) => output === name || output === i);
  // Which of several outputs is wanted the coordinator asks.
  if (asked === undefined) return;
  for (let row = 0; row < values.length; row++) {
    const label = values[row]!;
    if (label >= 0 && label < asked.size) continue;
    const classes = `the model gives ${asked.size} numbers, one for each class from 0 on`;
    throw new InputError(
      `${path}: row ${row}: expected a label from 0 to ${asked.size - 1}, got ${label} (${classes})`,
    );
  }
}
