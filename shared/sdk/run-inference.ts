/** Model and queries in, answers out: uploads, submission, following and cancelling in one. */
import type { z } from "zod";
import type { Acceptance } from "../kinds/inference/acceptance.ts";
import type { AnswerView } from "../kinds/inference/answers.ts";
import type { InferenceJobView } from "../kinds/inference/job-view.ts";
import type { inferenceSubmissionSchema } from "../kinds/inference/submission.ts";
import type { JobView } from "../kinds/kinds.ts";
import type { ModelUploaded, TensorUploaded } from "../protocol/uploads-api.ts";
import { asNpy, type Numbers } from "./as-npy.ts";
import { type AnswersReader, followAnswers } from "./follow-answers.ts";
import { JobEndedError } from "./job-ended-error.ts";
import { type Asker, patiently } from "./patience.ts";
import { cancelInPassing, submissionKey, submitOnce } from "./submit-once.ts";
import type { TakenBackHearing } from "./taken-back.ts";

/** What POST /api/jobs takes; whatever has a default may be left out. */
export type InferenceSubmissionInput = z.input<typeof inferenceSubmissionSchema>;
type Source<Kind> = Extract<InferenceSubmissionInput["source"], { kind: Kind }>;

/** One file of a model: NAME.onnx and the files of weights that it names, or of a tfjs model model.json by that name and the weight files by the names that its manifest gives. */
export interface ModelFile {
  readonly name: string;
  /** In Node `await fs.openAsBlob(path)`: sent from the disk, in next to no memory. */
  readonly data: Blob | Uint8Array<ArrayBuffer>;
}

/** Arrays by the names of a model's inputs. */
export interface NamedNumbers {
  readonly byInput: Readonly<Record<string, Numbers>>;
}

/** The submitter's own model and numbers. */
export interface OwnSource {
  /** The files of a tfjs model, or one .onnx file, or the hash of one that was uploaded before. */
  readonly model: readonly ModelFile[] | { readonly modelSha256: string };
  /** For scheme `parm`: the model that was trained on sums of K queries. */
  readonly parityModel?: readonly ModelFile[] | { readonly modelSha256: string } | undefined;
  /** Of a model with several inputs: an array for each. */
  readonly queries: Numbers | { readonly tensorSha256: string } | NamedNumbers;
  /** One whole number a query: the job then says its accuracy. */
  readonly labels?: Numbers | { readonly tensorSha256: string } | undefined;
  /** Queries are multiplied by this: 1/255 for 8-bit images. */
  readonly inputScale?: number | undefined;
  /** A name for each query, or what was uploaded of names: they stay with the job, and whoever may read its answers may read them. */
  readonly names?: readonly string[] | { readonly namesSha256: string } | undefined;
}
/** A sample of the coordinator: model, queries and labels. */
export interface SampleSource {
  readonly sample: Omit<Source<"sample">, "kind">;
}

/** Settings of the job, as the API takes them. */
export type InferenceSettings = Omit<InferenceSubmissionInput, "kind" | "source">;

interface RunOptions extends TakenBackHearing {
  /** See ACCEPTANCES. */
  readonly accept?: Acceptance | undefined;
  /** Aborting it ends the iteration and cancels the job. */
  readonly signal?: AbortSignal | undefined;
  /** A key of 22 to 64 random letters: the same key is the same job. */
  readonly key?: string | undefined;
  /** Called once the job is accepted and durable, so that it can be looked at elsewhere. */
  onJob?(jobId: string): void;
}

export type InferenceRun = (OwnSource | SampleSource) & InferenceSettings & RunOptions;

/** What a run needs of a client. */
export interface InferenceCaller extends AnswersReader {
  uploadModel(files: readonly ModelFile[], signal?: AbortSignal): Promise<ModelUploaded>;
  uploadTensor(npy: Blob | Uint8Array<ArrayBuffer>, signal?: AbortSignal): Promise<TensorUploaded>;
  uploadNames(names: object | Uint8Array<ArrayBuffer>, signal?: AbortSignal): Promise<{ namesSha256: string }>;
  submit(submission: InferenceSubmissionInput, signal?: AbortSignal, key?: string): Promise<{ jobId: string }>;
  cancel(jobId: string, signal?: AbortSignal): Promise<JobView>;
}

/**
 * Begins at the first step of the iteration. Leaving the loop early (break, an exception, the signal) cancels the job,
 * for nobody waits for the rest; to keep it, use submitRun and followAnswers.
 * @returns at last, the job as it ended
 * @throws as followAnswers, and ParitabApiError where an upload or the submission is refused
 */
export async function* runInference(
  caller: InferenceCaller,
  run: InferenceRun,
): AsyncGenerator<AnswerView, InferenceJobView, undefined> {
  const { signal, accept, onTakenBack } = run;
  const jobId = await submitRun(caller, run);
  let ended = false;
  try {
    run.onJob?.(jobId);
    const job = yield* followAnswers(caller, jobId, { signal, accept, onTakenBack });
    ended = true;
    return job;
  } catch (error) {
    ended = error instanceof JobEndedError;
    throw error;
  } finally {
    if (!ended) await cancelInPassing(caller, jobId);
  }
}

/**
 * Uploads and submits, and leaves it at that.
 * @returns the job's id
 */
export async function submitRun(caller: InferenceCaller, run: InferenceRun): Promise<string> {
  const { source, settings, signal, key } = taken(run);
  const named = await sourceOfRun(caller, source, signal);
  signal?.throwIfAborted();
  const submission = { ...settings, kind: "inference", source: named } as const;
  return (await submitOnce(caller, (cut, key) => caller.submit(submission, cut, key), signal, key)).jobId;
}

type Uploader = Pick<InferenceCaller, "uploadModel" | "uploadTensor" | "uploadNames"> & Asker;

/** What a submission names: a sample, or the hashes of what is uploaded here. */
export async function sourceOfRun(
  caller: Uploader,
  source: OwnSource | SampleSource,
  signal?: AbortSignal,
): Promise<InferenceSubmissionInput["source"]> {
  return "sample" in source ? { kind: "sample", ...source.sample } : upload(caller, source, signal);
}

/** Uploads may be repeated: the same bytes have the same hash. */
async function upload(
  caller: Uploader,
  { model, parityModel, queries, labels, inputScale, names }: OwnSource,
  signal: AbortSignal | undefined,
): Promise<Source<"uploads">> {
  const hashOf = async (given: NonNullable<OwnSource["parityModel"]>) =>
    "modelSha256" in given
      ? given.modelSha256
      : (await patiently(caller, () => caller.uploadModel(given, signal), signal)).modelSha256;
  const tensor = async (numbers: Numbers | { readonly tensorSha256: string }) => {
    if ("tensorSha256" in numbers) return numbers.tensorSha256;
    const npy = asNpy(numbers);
    return (await patiently(caller, () => caller.uploadTensor(npy, signal), signal)).tensorSha256;
  };
  const keptNames = async (given: NonNullable<OwnSource["names"]>) => {
    if ("namesSha256" in given) return given;
    const kept = { kind: "rows", seal: submissionKey(), names: given };
    return patiently(caller, () => caller.uploadNames(kept, signal), signal);
  };
  const modelSha256 = await hashOf(model);
  const parity = parityModel === undefined ? {} : { parityModelSha256: await hashOf(parityModel) };
  const queriesSha256 = "byInput" in queries ? await each(queries.byInput, tensor) : await tensor(queries);
  return {
    kind: "uploads",
    modelSha256,
    ...parity,
    queriesSha256,
    ...(labels === undefined ? {} : { labelsSha256: await tensor(labels) }),
    ...(inputScale === undefined ? {} : { inputScale }),
    ...(names === undefined ? {} : await keptNames(names)),
  };
}

async function each<From, To>(
  named: Readonly<Record<string, From>>,
  work: (one: From) => Promise<To>,
): Promise<Record<string, To>> {
  const entries = Object.entries(named).map(async ([name, one]) => [name, await work(one)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

/** What is the source, what is a setting; a field nobody knows is refused by the coordinator, by name. */
function taken(run: InferenceRun) {
  const { accept: _accept, signal, onJob: _onJob, onTakenBack: _onTakenBack, key, ...rest } = run;
  if ("sample" in rest) {
    const { sample, ...settings } = rest;
    return { source: { sample }, settings: settings as InferenceSettings, signal, key };
  }
  const { model, parityModel, queries, labels, inputScale, names, ...settings } = rest;
  const source = { model, parityModel, queries, labels, inputScale, names };
  return { source, settings: settings as InferenceSettings, signal, key };
}
