/** From the flags of `submit inference` to what can be sent: the model uploaded, the queries read and of the right size. */
import { basename } from "node:path";
import { InputError } from "../../../../shared/inputs/input-error.ts";
import { type PictureForm, pictureForm } from "../../../../shared/inputs/picture-form.ts";
import { Problems } from "../../../../shared/inputs/problems.ts";
import type { OutputShape } from "../../../../shared/inputs/zip-writer.ts";
import type { ModelUploaded } from "../../../../shared/protocol/uploads-api.ts";
import { asNpy, type Numbers } from "../../../../shared/sdk/as-npy.ts";
import { patiently } from "../../../../shared/sdk/patience.ts";
import type { InferenceSettings, ModelFile, OwnSource, SampleSource } from "../../../../shared/sdk/run-inference.ts";
import type { Call } from "../../../cli/command.ts";
import { UsageError } from "../../../cli/exit-codes.ts";
import { type ArchiveArrays, inputsIn, rowsIn } from "../../../cli/inputs/npz-archive.ts";
import { looksLikeText, type Rows, readRows } from "../../../cli/inputs/read-rows.ts";
import { numberOf } from "../../../cli/setting-flags.ts";
import { TABLE_ROWS } from "../../../samples/regression-tables.ts";
import { type HomeJob, homeJob, sampleJob } from "./beside-home.ts";
import { countAhead, type FilesAhead, filesAhead, labelsWith, type ModelAhead, modelAhead } from "./files-ahead.ts";
import { type LabelsAhead, requireClasses } from "./labels-ahead.ts";

/** What 8-bit pixels are multiplied by unless somebody says otherwise. */
export const PICTURE_SCALE = "1/255";

export interface InferenceInput {
  readonly kind: "whole";
  /** Model and numbers, or a sample. */
  readonly source: OwnSource | SampleSource;
  readonly settings: InferenceSettings;
  /** Names of the pictures, by query; null where there are none. */
  readonly files: readonly string[] | null;
  /** The key that makes the job's id, where the id is needed before the job is sent. */
  readonly key?: string;
  /** Outputs that a row of answers has, in order; absent: only the coordinator knows them. */
  readonly outputs?: readonly OutputShape[];
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

/** What is done with a job that is known, before anything of it is sent. @param jobsOf throws ModelError */
export type BeforeSending = (jobsOf: () => Promise<readonly HomeJob[]>) => Promise<void>;

/**
 * @param beforeSending of streams, and of a model of which only the hash is known, nothing is known before
 * @throws UsageError, InputError, ParitabApiError (the model is refused)
 */
export async function inferenceInput(
  call: Call,
  settings: Record<string, unknown>,
  beforeSending: BeforeSending,
): Promise<InferenceInput | StreamInput> {
  const { flags, terminal } = call;
  const sample = flags.oneOf("sample", ["mnist"]);
  if (sample !== undefined) {
    flags.refuseBeside("sample", OWN_FLAGS);
    const input = sampleInput(call, sample, settings);
    await beforeSending(async () => [await sampleJob(call, input.source.sample)]);
    return input;
  }
  flags.refuseWithout("sample", SAMPLE_FLAGS);
  const { model: modelPath, queries: queriesPath } = flags.requiredAll(["model", "queries"]);
  const inputScale = scaleOf(flags.text("input-scale"));
  if (settings.task === "regression") refuseLabels(flags);
  const named = { name: nameOf(modelPath), ...settings };
  const ahead = await filesAhead(call, modelPath, queriesPath);
  const [modelFiles, queryCount] = [ahead.model, countAhead(ahead.queries)];
  if (!("modelSha256" in modelFiles) && queryCount !== null) {
    const isBytes = ahead.queries !== "later" && "dtype" in ahead.queries && ahead.queries.dtype === "U8";
    await beforeSending(async () => [await homeJob(modelFiles, settings.output, queryCount, isBytes)]);
  }
  const model = await uploadedModel(call, ahead.model);
  const labelsOf = (found: LabelsAhead | undefined) => {
    // Folders that are classes are queries as well.
    if (found === undefined || settings.task === "regression") return undefined;
    if (model.uploaded !== null) requireClasses(found, model.uploaded, settings.output);
    return found.numbers;
  };
  const labels = labelsOf(ahead.labels);
  const whole = (source: OwnSource, files: InferenceInput["files"] = null): InferenceInput => ({
    ...{ kind: "whole", settings: named, files, source },
    ...(model.uploaded === null ? {} : { outputs: outputsAsked(model.uploaded, settings.output) }),
  });
  if (ahead.queries === "later") {
    const { start, stream } = await peek(terminal.stdin);
    if (looksLikeText(start)) return streamInput(call, model, named, { ahead, inputScale, text: stream });
    const rows = await readRows("-", { stdin: stream, labelColumn: flags.text("label-column") });
    const labels = labelsOf(labelsWith(rows, "standard input"));
    return whole(await sourceOfRows(call, model, ahead, { ...rows, path: "standard input" }, { labels, inputScale }));
  }
  const inputs = model.uploaded?.inputs ?? [];
  if ("byName" in ahead.queries && inputs.length > 1) {
    const queries = { byInput: await inputsIn(ahead.queries, inputs) };
    return whole(await sourceOf(call, model, ahead, { queries, labels, inputScale }));
  }
  const rows = await rowsFor(call, queriesPath, ahead.queries, model);
  const { files } = rows;
  const scale = inputScale ?? (files === null ? undefined : numberOf(PICTURE_SCALE)!);
  return whole(
    await sourceOfRows(call, model, ahead, { ...rows, path: queriesPath }, { labels, inputScale: scale }),
    files,
  );
}

/** @param output as the job asks for it */
function outputsAsked({ outputs }: ModelUploaded, output: unknown): OutputShape[] {
  const one = outputs.find(({ name }, place) => name === output || place === output);
  return (one === undefined ? outputs : [one]).map(({ name, shape }) => ({ name, shape }));
}

/** Pictures once more where the model wants them in another form. */
function rowsFor(
  { flags, terminal }: Call,
  path: string,
  read: Rows | ArchiveArrays,
  { uploaded }: Model,
): Promise<Rows> | Rows {
  if ("byName" in read) return rowsIn(read);
  const form = pictureForm(uploaded?.inputShape ?? []);
  if (read.files === null || areInForm(read.shape, form)) return read;
  return readRows(path, { stdin: terminal.stdin, labelColumn: flags.text("label-column"), ...form });
}

/** @param shape pictures x height x width x channels */
function areInForm(shape: readonly number[], { channels, isChannelsFirst }: PictureForm): boolean {
  return !isChannelsFirst && (channels === null || shape.at(-1) === channels);
}

/** Labels are compared with the largest output, which is no answer of a regression. @throws UsageError */
function refuseLabels(flags: Call["flags"]): void {
  for (const flag of ["labels", "label-column"]) {
    if (flags.text(flag) === undefined) continue;
    throw new UsageError(
      `--${flag}: expected --task classification, whose answers labels are compared with; got regression`,
    );
  }
}

/** Flags that say what a sample says. */
const OWN_FLAGS = [
  "model",
  "size",
  "value",
  "up-to",
  "queries",
  "parity-model",
  "labels",
  "label-column",
  "input-scale",
];
/** Flags of a sample. */
const SAMPLE_FLAGS = ["sample-start", "sample-count"];

function sampleInput(
  { flags }: Call,
  sample: "mnist",
  settings: Record<string, unknown>,
): InferenceInput & { readonly source: SampleSource } {
  const digits = TABLE_ROWS[sample].test;
  const queryStart = flags.whole("sample-start", 0, digits - 1);
  const queryCount = flags.whole("sample-count", 1, digits - (queryStart ?? 0));
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
  const problems = new Problems();
  const model = await modelAhead(call, flags.required("model"), problems);
  const path = flags.text("examples");
  const rows = path === undefined ? null : await problems.attempt(() => readRows(path, { stdin: terminal.stdin }));
  problems.throwIfAny();
  const { modelSha256 } = await uploadedModel(call, model!);
  if (rows === null) return { kind: "stream", modelSha256 };
  const { numbers } = rows;
  const upload = () => client.uploadTensor(asNpy(numbers), terminal.signal);
  const { tensorSha256 } = await patiently(client, upload, terminal.signal);
  return { kind: "stream", modelSha256, examplesSha256: tensorSha256 };
}

async function streamInput(
  call: Call,
  model: Model,
  settings: InferenceSettings,
  { ahead, ...given }: Pick<StreamInput, "inputScale" | "text"> & { readonly ahead: FilesAhead },
): Promise<StreamInput> {
  const { parityModel, examples } = ahead;
  return {
    kind: "stream",
    settings,
    model: hashOf(model),
    parityModel: parityModel && hashOf(await uploadedModel(call, parityModel)),
    examples,
    inputSize: model.uploaded === null ? null : sizeOf(model.uploaded.inputShape),
    ...given,
  };
}

interface Model {
  readonly modelSha256: string;
  /** null where only its hash is known */
  readonly uploaded: ModelUploaded | null;
}

async function uploadedModel(call: Call, model: ModelAhead): Promise<Model> {
  if ("modelSha256" in model) return { ...model, uploaded: null };
  const uploaded = await uploadedFiles(call, model);
  return { modelSha256: uploaded.modelSha256, uploaded };
}

export function uploadedFiles({ client, terminal }: Call, files: readonly ModelFile[]): Promise<ModelUploaded> {
  return patiently(client, () => client.uploadModel(files, terminal.signal), terminal.signal);
}

function sourceOfRows(
  call: Call,
  model: Model,
  ahead: FilesAhead,
  rows: Rows & { readonly path: string },
  own: Pick<OwnSource, "labels" | "inputScale">,
): Promise<OwnSource> {
  requireSize(model.uploaded, rows);
  return sourceOf(call, model, ahead, { queries: rows.numbers, ...own });
}

async function sourceOf(
  call: Call,
  model: Model,
  { parityModel }: FilesAhead,
  own: Pick<OwnSource, "queries" | "labels" | "inputScale">,
): Promise<OwnSource> {
  const parity = parityModel && hashOf(await uploadedModel(call, parityModel));
  return { ...own, model: hashOf(model), parityModel: parity };
}

const hashOf = ({ modelSha256 }: Model) => ({ modelSha256 });

/** Said before anything is uploaded. @throws InputError that names the file */
function requireSize(
  model: ModelUploaded | null,
  { shape, path }: Pick<Rows, "shape"> & { readonly path: string },
): void {
  if (model === null) return;
  const wanted = sizeOf(model.inputShape);
  const got = sizeOf(shape.slice(1));
  if (shape.length < 2 || got !== wanted) {
    const expected = `(n, ${model.inputShape.join(", ")})${model.inputShape.length > 1 ? ` or (n, ${wanted})` : ""}`;
    throw new InputError(`${path}: expected queries of shape ${expected} for this model, got (${shape.join(", ")})`);
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
