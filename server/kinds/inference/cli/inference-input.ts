/** From the flags of `submit inference` to what can be sent: the model uploaded, the queries read and of the right size. */
import { basename } from "node:path";
import { sentFiles } from "../../../../shared/hub/hub-place.ts";
import { InputError } from "../../../../shared/inputs/input-error.ts";
import { pictureForm } from "../../../../shared/inputs/picture-form.ts";
import type { ModelUploaded } from "../../../../shared/protocol/uploads-api.ts";
import { asNpy, type Numbers } from "../../../../shared/sdk/as-npy.ts";
import { patiently } from "../../../../shared/sdk/patience.ts";
import type { InferenceSettings, ModelFile, OwnSource, SampleSource } from "../../../../shared/sdk/run-inference.ts";
import type { Call } from "../../../cli/command.ts";
import { UsageError } from "../../../cli/exit-codes.ts";
import { readModel } from "../../../cli/inputs/model-folder.ts";
import { holdsInputs, readInputs } from "../../../cli/inputs/read-inputs.ts";
import { readLabels } from "../../../cli/inputs/read-labels.ts";
import { looksLikeText, type Rows, readRows } from "../../../cli/inputs/read-rows.ts";
import { numberOf } from "../../../cli/setting-flags.ts";
import { saidFiles } from "./said-files.ts";

/** What 8-bit pixels are multiplied by unless somebody says otherwise. */
export const PICTURE_SCALE = "1/255";

export interface InferenceInput {
  readonly kind: "whole";
  /** Model and numbers, or a sample. */
  readonly source: OwnSource | SampleSource;
  readonly settings: InferenceSettings;
  /** Names of the pictures, by query; null where there are none. */
  readonly files: readonly string[] | null;
}

/** CSV on standard input that nobody has read yet: its queries go out as they come. */
export interface StreamInput {
  readonly kind: "stream";
  readonly settings: InferenceSettings;
  readonly model: { readonly modelSha256: string };
  readonly parityModel: { readonly modelSha256: string } | undefined;
  readonly examples: Numbers | undefined;
  readonly inputScale: number | undefined;
  /** Numbers of a query; null where only the hash of the model is known. */
  readonly inputSize: number | null;
  readonly text: AsyncIterable<Uint8Array>;
}

/** @throws UsageError, InputError, ParitabApiError (the model is refused) */
export async function inferenceInput(
  call: Call,
  settings: Record<string, unknown>,
): Promise<InferenceInput | StreamInput> {
  const { flags, terminal } = call;
  const sample = flags.oneOf("sample", ["mnist"]);
  if (sample !== undefined) return sampleInput(call, sample, settings);
  const modelPath = flags.required("model");
  const queriesPath = flags.required("queries");
  const inputScale = scaleOf(flags.text("input-scale"));
  const named = { name: nameOf(modelPath), ...settings };
  const model = await uploadedModel(call, modelPath);
  const labelColumn = flags.text("label-column");
  if (queriesPath === "-") {
    const { start, stream } = await peek(terminal.stdin);
    const isWhole = ["labels", "out"].some((flag) => flags.text(flag) !== undefined) || flags.has("detach");
    if (looksLikeText(start) && !isWhole) return streamInput(call, model, named, inputScale, stream);
    const rows = await readRows("-", { stdin: stream, labelColumn });
    return { kind: "whole", files: null, settings: named, source: await sourceOfRows(call, model, rows, inputScale) };
  }
  const inputs = model.uploaded?.inputs ?? [];
  if (holdsInputs(queriesPath, inputs)) {
    const queries = { byInput: await readInputs(queriesPath, inputs) };
    return {
      kind: "whole",
      settings: named,
      files: null,
      source: await sourceOf(call, model, queries, null, inputScale),
    };
  }
  const pictures = pictureForm(model.uploaded?.inputShape ?? []);
  const rows = await readRows(queriesPath, { stdin: terminal.stdin, labelColumn, ...pictures });
  const { files } = rows;
  const scale = inputScale ?? (files === null ? undefined : numberOf(PICTURE_SCALE)!);
  return { kind: "whole", settings: named, files, source: await sourceOfRows(call, model, rows, scale) };
}

function sampleInput({ flags }: Call, sample: "mnist", settings: Record<string, unknown>): InferenceInput {
  if (flags.text("model") !== undefined || flags.text("queries") !== undefined) {
    throw new UsageError("--sample: expected no --model and no --queries beside it");
  }
  const queryStart = flags.whole("sample-start", 0, Number.MAX_SAFE_INTEGER);
  const queryCount = flags.whole("sample-count", 1, Number.MAX_SAFE_INTEGER);
  const range = {
    ...(queryStart === undefined ? {} : { queryStart }),
    ...(queryCount === undefined ? {} : { queryCount }),
  };
  return {
    kind: "whole",
    files: null,
    settings: { name: sample, ...settings },
    source: { sample: { sample, ...range } },
  };
}

/** A stream that is not opened: its model, and examples of its queries. */
export async function streamAhead(call: Call): Promise<{
  readonly kind: "stream";
  readonly modelSha256: string;
  readonly examplesSha256?: string;
}> {
  const { client, flags, terminal } = call;
  const { modelSha256 } = await uploadedModel(call, flags.required("model"));
  const path = flags.text("examples");
  if (path === undefined) return { kind: "stream", modelSha256 };
  const { numbers } = await readRows(path, { stdin: terminal.stdin });
  const upload = () => client.uploadTensor(asNpy(numbers), terminal.signal);
  const { tensorSha256 } = await patiently(client, upload, terminal.signal);
  return { kind: "stream", modelSha256, examplesSha256: tensorSha256 };
}

async function streamInput(
  call: Call,
  model: Model,
  settings: InferenceSettings,
  inputScale: number | undefined,
  text: AsyncIterable<Uint8Array>,
): Promise<StreamInput> {
  const parityPath = call.flags.text("parity-model");
  const examplesPath = call.flags.text("examples");
  return {
    kind: "stream",
    settings,
    model: hashOf(model),
    parityModel: parityPath === undefined ? undefined : hashOf(await uploadedModel(call, parityPath)),
    examples: examplesPath === undefined ? undefined : (await readRows(examplesPath, { stdin: text })).numbers,
    inputScale,
    inputSize: model.uploaded === null ? null : sizeOf(model.uploaded.inputShape),
    text,
  };
}

interface Model {
  readonly modelSha256: string;
  /** null where only its hash is known */
  readonly uploaded: ModelUploaded | null;
}

async function uploadedModel(call: Call, path: string): Promise<Model> {
  if (/^[0-9a-f]{64}$/.test(path)) return { modelSha256: path, uploaded: null };
  const uploaded = await uploadedFiles(call, [
    ...sentFiles(await readModel(path)),
    ...saidFiles(call.flags.texts("size"), call.flags.texts("value"), call.flags.texts("up-to")),
  ]);
  return { modelSha256: uploaded.modelSha256, uploaded };
}

export function uploadedFiles({ client, terminal }: Call, files: readonly ModelFile[]): Promise<ModelUploaded> {
  return patiently(client, () => client.uploadModel(files, terminal.signal), terminal.signal);
}

function sourceOfRows(call: Call, model: Model, rows: Rows, inputScale: number | undefined): Promise<OwnSource> {
  requireSize(model.uploaded, rows);
  return sourceOf(call, model, rows.numbers, rows.labels, inputScale);
}

async function sourceOf(
  call: Call,
  model: Model,
  queries: OwnSource["queries"],
  ownLabels: Rows["labels"],
  inputScale: number | undefined,
): Promise<OwnSource> {
  const path = call.flags.text("labels");
  const parityPath = call.flags.text("parity-model");
  const parityModel = parityPath === undefined ? undefined : hashOf(await uploadedModel(call, parityPath));
  const labels = path === undefined ? (ownLabels ?? undefined) : await readLabels(path, call.terminal.stdin);
  return { model: hashOf(model), parityModel, queries, labels, inputScale };
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

/** Looks at the first bytes of a stream without taking them from whoever reads it next. */
async function peek(
  stream: AsyncIterable<Uint8Array>,
): Promise<{ start: Uint8Array; stream: AsyncIterable<Uint8Array> }> {
  const chunks = stream[Symbol.asyncIterator]();
  const first = await chunks.next();
  const start = first.done ? new Uint8Array() : first.value;
  async function* whole() {
    if (first.done) return;
    yield start;
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
  }
  return { start, stream: whole() };
}
