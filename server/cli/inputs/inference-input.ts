/** From the flags of `submit inference` to what can be sent: the model uploaded, the queries read and of the right size. */
import { basename } from "node:path";
import { InputError } from "../../../shared/inputs/input-error.ts";
import { pictureForm } from "../../../shared/inputs/picture-form.ts";
import type { ModelUploaded } from "../../../shared/protocol/api.ts";
import { patiently } from "../../../shared/sdk/patience.ts";
import type { InferenceSettings, OwnSource, SampleSource } from "../../../shared/sdk/run-inference.ts";
import type { Call } from "../command.ts";
import { UsageError } from "../exit-codes.ts";
import { numberOf } from "../setting-flags.ts";
import { readModel } from "./model-folder.ts";
import { peek } from "./peek.ts";
import { readLabels } from "./read-labels.ts";
import { looksLikeText, type Rows, readRows } from "./read-rows.ts";

/** What 8-bit pixels are multiplied by unless somebody says otherwise. */
export const PICTURE_SCALE = "1/255";

export interface InferenceInput {
  /** Model and numbers, or a sample. */
  readonly source: OwnSource | SampleSource;
  readonly settings: InferenceSettings;
  /** Names of the pictures, by query; null where there are none. */
  readonly files: readonly string[] | null;
  /** Added to the index of every answer. */
  readonly firstIndex: number;
  /** CSV on standard input that nobody has read yet. */
  readonly textOnStdin: AsyncIterable<Uint8Array> | null;
  readonly labelColumn: string | undefined;
}

/** @throws UsageError, InputError, ParitabApiError (the model is refused) */
export async function inferenceInput(call: Call, settings: Record<string, unknown>): Promise<InferenceInput> {
  const { flags, terminal } = call;
  const rest = { files: null, firstIndex: 0, textOnStdin: null, labelColumn: flags.text("label-column") };
  const sample = flags.oneOf("sample", ["mnist"]);
  if (sample !== undefined) {
    if (flags.text("model") !== undefined || flags.text("queries") !== undefined) {
      throw new UsageError("--sample: expected no --model and no --queries beside it");
    }
    const queryStart = flags.whole("sample-start", 0, Number.MAX_SAFE_INTEGER);
    const queryCount = flags.whole("sample-count", 1, Number.MAX_SAFE_INTEGER);
    const range = {
      ...(queryStart === undefined ? {} : { queryStart }),
      ...(queryCount === undefined ? {} : { queryCount }),
    };
    return { ...rest, settings: { name: sample, ...settings }, source: { sample: { sample, ...range } } };
  }
  const modelPath = flags.required("model");
  const queriesPath = flags.required("queries");
  const inputScale = scaleOf(flags.text("input-scale"));
  const named = { name: nameOf(modelPath), ...settings };
  const model = await uploadedModel(call, modelPath);
  if (queriesPath === "-") {
    const { start, stream } = await peek(terminal.stdin);
    const isWhole =
      ["labels", "parity-model", "out"].some((flag) => flags.text(flag) !== undefined) || flags.has("detach");
    if (looksLikeText(start) && !isWhole) {
      return {
        ...rest,
        settings: named,
        source: { model: hashOf(model), queries: [], inputScale },
        textOnStdin: stream,
      };
    }
    const rows = await readRows("-", { stdin: stream, labelColumn: rest.labelColumn });
    return { ...rest, settings: named, source: await sourceOf(call, model, rows, inputScale) };
  }
  const pictures = pictureForm(model.uploaded?.inputShape ?? []);
  const rows = await readRows(queriesPath, { stdin: terminal.stdin, labelColumn: rest.labelColumn, ...pictures });
  const scale = inputScale ?? (rows.files === null ? undefined : numberOf(PICTURE_SCALE)!);
  return { ...rest, settings: named, files: rows.files, source: await sourceOf(call, model, rows, scale) };
}

interface Model {
  readonly modelSha256: string;
  /** null where only its hash is known */
  readonly uploaded: ModelUploaded | null;
}

async function uploadedModel({ client, terminal }: Call, path: string): Promise<Model> {
  if (/^[0-9a-f]{64}$/.test(path)) return { modelSha256: path, uploaded: null };
  const files = await readModel(path);
  const uploaded = await patiently(() => client.uploadModel(files, terminal.signal), terminal.signal);
  return { modelSha256: uploaded.modelSha256, uploaded };
}

async function sourceOf(call: Call, model: Model, rows: Rows, inputScale: number | undefined) {
  requireSize(model.uploaded, rows);
  const path = call.flags.text("labels");
  const parityPath = call.flags.text("parity-model");
  const parityModel = parityPath === undefined ? undefined : hashOf(await uploadedModel(call, parityPath));
  const labels = path === undefined ? (rows.labels ?? undefined) : await readLabels(path, call.terminal.stdin);
  return { model: hashOf(model), parityModel, queries: rows.numbers, labels, inputScale };
}

const hashOf = ({ modelSha256 }: Model) => ({ modelSha256 });

/** Said before anything is uploaded. @throws InputError */
export function requireSize(model: ModelUploaded | null, { shape }: Pick<Rows, "shape">): void {
  if (model === null) return;
  const wanted = sizeOf(model.inputShape);
  const got = sizeOf(shape.slice(1));
  if (shape.length < 2 || got !== wanted) {
    const expected = `(n, ${model.inputShape.join(", ")})${model.inputShape.length > 1 ? ` or (n, ${wanted})` : ""}`;
    throw new InputError(`queries: expected shape ${expected} for this model, got (${shape.join(", ")})`);
  }
}

function scaleOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const scale = numberOf(text);
  if (scale !== null && scale > 0) return scale;
  throw new UsageError(`--input-scale: expected a positive number like 1/255, got "${text}"`);
}

const sizeOf = (shape: readonly number[]) => shape.reduce((product, n) => product * n, 1);
const nameOf = (path: string) =>
  /^[0-9a-f]{64}$/.test(path) ? path.slice(0, 12) : basename(path).slice(0, 80) || "model";
