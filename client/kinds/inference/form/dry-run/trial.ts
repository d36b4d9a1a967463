/** One trial: from what the form holds to a few answers. */
import type { ParitabClient } from "../../../../../shared/sdk/paritab-client.ts";
import { parseScale } from "../../../../ui/form/read-form.ts";
import { type InferenceFields, outputOf } from "../inference-fields.ts";
import type { Preview } from "../preview/preview-data.ts";
import { rowOf, rowSize } from "../preview/query-rows.ts";
import { runHere } from "./run-here.ts";

/** Of one group of the default code, and twice that for good measure of the time. */
export const TRIAL_ROWS = 8;
/** As the coordinator scales the sample's pixels. */
const SAMPLE_SCALE = 1 / 255;

export type TrialStep = "model" | "backend" | "run";

export interface Trial {
  readonly rowCount: number;
  readonly outputSize: number;
  readonly outputs: Float32Array;
  readonly msPerRow: number;
  readonly backend: string;
  readonly macsPerQuery: number;
  readonly weightBytes: number;
}

/** @throws where the model or the rows are not what they should be, or it does not run here */
export async function tryHere(
  client: Pick<ParitabClient, "sampleModel">,
  fields: InferenceFields,
  preview: Preview,
  onStep: (step: TrialStep) => void,
): Promise<Trial> {
  onStep("model");
  const { modelFromBundle, modelFromFiles } = await import("./local-model.ts");
  const isSample = fields.source === "sample";
  const model = isSample
    ? await modelFromBundle(await client.sampleModel(), undefined)
    : await modelFromFiles(fields.modelFiles, outputOf(fields.output));
  const { facts } = model;
  const size = rowSize(preview.rows.shape);
  if (size !== facts.inputSize) {
    throw new Error(`queries: expected rows of ${facts.inputSize} numbers for this model, got ${size}`);
  }
  const rowCount = Math.min(TRIAL_ROWS, preview.rows.shape[0] ?? 0);
  const scale = isSample ? SAMPLE_SCALE : (parseScale(fields.inputScale) ?? 1);
  const rows = Float32Array.from(
    Array.from({ length: rowCount }, (_, row) => rowOf(preview.rows, row)).flat(),
    (value) => value * scale,
  );
  const { outputs, msPerRow, backend } = await runHere(model.bundle, rows, rowCount, onStep);
  const { outputSize, macsPerQuery, weightBytes } = facts;
  return { rowCount, outputSize, outputs, msPerRow, backend, macsPerQuery, weightBytes };
}

/** The places of the largest outputs of one row, largest first. */
export function largestOutputs({ outputs, outputSize }: Trial, row: number, most: number): number[] {
  const own = outputs.subarray(row * outputSize, (row + 1) * outputSize);
  return [...own.keys()].sort((a, b) => own[b]! - own[a]!).slice(0, most);
}
