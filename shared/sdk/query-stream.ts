/** An open job as an object: queries are pushed into it while its answers are read. */
import type { Acceptance } from "../kinds/inference/acceptance.ts";
import type { AnswerView } from "../kinds/inference/answers.ts";
import type { InferenceJobView } from "../kinds/inference/job-view.ts";
import type { JobView } from "../kinds/kinds.ts";
import type { ModelUploaded, TensorUploaded } from "../protocol/uploads-api.ts";
import { asNpy, type Numbers } from "./as-npy.ts";
import { copied } from "./encode-queries.ts";
import { JobEndedError } from "./job-ended-error.ts";
import { ParitabApiError } from "./paritab-api-error.ts";
import { type Asker, patiently } from "./patience.ts";
import { type Destination, QueryOutbox, type Taken } from "./query-outbox.ts";
import { QueryRefusedError } from "./query-refused-error.ts";
import { readAnswers } from "./read-answers.ts";
import type { InferenceSettings, InferenceSubmissionInput, ModelFile } from "./run-inference.ts";
import type { Reading, StreamCalls } from "./stream-calls.ts";
import { cancelInPassing, submitOnce } from "./submit-once.ts";

type StreamSource = Extract<InferenceSubmissionInput["source"], { kind: "stream" }>;

export interface StreamRun
  extends InferenceSettings,
    Pick<StreamSource, "inputScale" | "dtype" | "closeAfterMs" | "idleMs" | "crossChecks" | "finalWithinMs">,
    Pick<Reading, "onTakenBack" | "onFinalAgain" | "onAnswerAgain"> {
  /** The files of a tfjs model, or one .onnx file, or the hash of one that was uploaded before. */
  readonly model: readonly ModelFile[] | { readonly modelSha256: string };
  /** For scheme `parm`: the model that was trained on sums of K queries. */
  readonly parityModel?: readonly ModelFile[] | { readonly modelSha256: string } | undefined;
  /** Queries like those that will come; a regression needs some. */
  readonly examples?: Numbers | { readonly tensorSha256: string } | undefined;
  /** When an answer may be given out; see ACCEPTANCES. */
  readonly accept?: Acceptance | undefined;
  /** Aborting it cancels the job; whatever waits then throws the reason. */
  readonly signal?: AbortSignal | undefined;
}

/** What a stream needs of a client. */
export interface StreamCaller extends StreamCalls, Asker {
  uploadModel(files: readonly ModelFile[], signal?: AbortSignal): Promise<ModelUploaded>;
  uploadTensor(npy: Blob | Uint8Array<ArrayBuffer>, signal?: AbortSignal): Promise<TensorUploaded>;
  submit(submission: InferenceSubmissionInput, signal?: AbortSignal, key?: string): Promise<{ jobId: string }>;
  inferenceJob(jobId: string, signal?: AbortSignal): Promise<InferenceJobView>;
  stop(jobId: string, signal?: AbortSignal): Promise<JobView>;
  cancel(jobId: string, signal?: AbortSignal): Promise<JobView>;
}

/** Uploads what is to be uploaded and opens the job. @throws ParitabApiError where the coordinator refuses, or stays away for too long */
export async function openStream(caller: StreamCaller, run: StreamRun): Promise<QueryStream> {
  const { model, parityModel, examples, inputScale, dtype, closeAfterMs, idleMs, accept, signal, ...others } = run;
  const { finalWithinMs, ...besides } = others;
  // Whoever waits for each answer to be final wants it before its ledger is full.
  const { crossChecks = accept === "final" ? "no" : undefined, ...further } = besides;
  const { onTakenBack, onFinalAgain, onAnswerAgain, ...settings } = further;
  const hearing = { onTakenBack, onFinalAgain, onAnswerAgain };
  const upload = async (given: StreamRun["model"]) =>
    "modelSha256" in given
      ? { modelSha256: given.modelSha256, width: null }
      : widthOf(await patiently(caller, () => caller.uploadModel(given, signal), signal));
  const { modelSha256, width } = await upload(model);
  const source: StreamSource = {
    kind: "stream",
    modelSha256,
    ...(parityModel === undefined ? {} : { parityModelSha256: (await upload(parityModel)).modelSha256 }),
    ...(examples === undefined ? {} : { examplesSha256: await examplesOf(caller, examples, signal) }),
    ...(inputScale === undefined ? {} : { inputScale }),
    ...(dtype === undefined ? {} : { dtype }),
    ...(closeAfterMs === undefined ? {} : { closeAfterMs }),
    ...(idleMs === undefined ? {} : { idleMs }),
    ...(crossChecks === undefined ? {} : { crossChecks }),
    ...(finalWithinMs === undefined ? {} : { finalWithinMs }),
  };
  signal?.throwIfAborted();
  const submission = { ...settings, kind: "inference", source } as const;
  const { jobId } = await submitOnce(caller, (cut, key) => caller.submit(submission, cut, key), signal);
  return new QueryStream(caller, jobId, { width, asBytes: dtype === "uint8", accept, hearing, signal });
}

interface StreamOptions {
  /** Numbers of a query; null: not known. */
  readonly width: number | null;
  readonly asBytes: boolean;
  readonly accept: Acceptance | undefined;
  readonly hearing: Pick<Reading, "onTakenBack" | "onFinalAgain" | "onAnswerAgain">;
  readonly signal: AbortSignal | undefined;
}

export class QueryStream implements AsyncIterable<AnswerView> {
  readonly jobId: string;
  readonly #caller: StreamCaller;
  readonly #options: StreamOptions;
  readonly #outbox: QueryOutbox;
  readonly #cancelled = new AbortController();
  #nextAnswer = 0;
  #isRead = false;
  #closing: Promise<void> | null = null;
  #cancelling: Promise<void> | null = null;

  /** Of a job that was just opened: whoever writes to a stream is the only one. */
  constructor(caller: StreamCaller, jobId: string, options: StreamOptions) {
    this.jobId = jobId;
    this.#caller = caller;
    this.#options = options;
    const until = this.#cancelled.signal;
    const destination: Destination = {
      onWaiting: caller.onWaiting,
      post: (npy, at) => caller.postQueries(jobId, npy, at, until),
      queryCount: async () => (await caller.inferenceJob(jobId, until)).queryCount,
    };
    this.#outbox = new QueryOutbox(destination, options.width, until);
    const { signal } = options;
    if (signal?.aborted) this.#onAbort();
    else signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  /**
   * Resolves with the index of the query once it is taken: on the coordinator's disk, and answered whatever happens. Waits while the
   * crowd is behind, so whoever awaits it pushes no faster than answers come. What is pushed meanwhile travels together.
   * @throws QueryRefusedError where it cannot be a query of this stream, which goes on; ParitabApiError where the stream takes no
   *   more queries, or the coordinator stays away for too long
   */
  async push(query: ArrayLike<number>): Promise<number>;
  /** The same of several: their indices by place. */
  async push(queries: readonly ArrayLike<number>[]): Promise<number[]>;
  async push(given: ArrayLike<number> | readonly ArrayLike<number>[]): Promise<number | number[]> {
    if (given.length === 0) throw new RangeError("push: expected numbers, got none");
    const isOne = typeof given[0] === "number";
    const rows = isOne ? [given as ArrayLike<number>] : (given as readonly ArrayLike<number>[]);
    const taken = await Promise.all(rows.map((row) => this.#outbox.push(copied(row, this.#options.asBytes))));
    const indices = indicesOf(taken);
    return isOne ? indices[0]! : indices;
  }

  /** Answers from where the last loop stopped, in the order of the queries, until the job has ended. Leaving a loop leaves the stream open. */
  async *[Symbol.asyncIterator](): AsyncGenerator<AnswerView, void, undefined> {
    if (this.#isRead) throw new TypeError("stream: expected one loop over its answers at a time, got another");
    this.#isRead = true;
    const { accept, hearing } = this.#options;
    const answers = readAnswers(this.#caller, this.jobId, {
      ...hearing,
      from: this.#nextAnswer,
      accept,
      signal: this.#options.signal,
    });
    try {
      let step = await answers.next();
      for (; !step.done; step = await answers.next()) {
        this.#nextAnswer++;
        yield step.value;
      }
      this.#outbox.end(
        new ParitabApiError(409, "job-ended", `job ${this.jobId}: it has ended, and takes no more queries`),
      );
      if (step.value.state !== "done")
        throw new JobEndedError(await patiently(this.#caller, () => this.#caller.inferenceJob(this.jobId)));
    } finally {
      this.#isRead = false;
      await answers.return(undefined as never);
    }
  }

  /** No more queries; resolves once those that were pushed are taken. Answers still come, then the job is done. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** The job ends at once; what waits is not answered. */
  cancel(): Promise<void> {
    const ask = () => patiently(this.#caller, () => this.#caller.cancel(this.jobId));
    this.#cancelling ??= this.#cancel(new Error(`job ${this.jobId} was cancelled`), ask);
    return this.#cancelling;
  }

  async #close(): Promise<void> {
    const { signal } = this.#cancelled;
    this.#outbox.end(new TypeError("stream: expected no query after close(), got one"));
    await this.#outbox.flushed();
    if (signal.aborted) return;
    await unlessOver(patiently(this.#caller, () => this.#caller.stop(this.jobId, signal), signal)).catch(
      (error: unknown) => {
        // What is cancelled needs no closing.
        if (!signal.aborted) throw error;
      },
    );
  }

  async #cancel(reason: unknown, ask: () => Promise<unknown>): Promise<void> {
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    this.#outbox.end(reason);
    this.#cancelled.abort(reason);
    await unlessOver(ask());
  }

  readonly #onAbort = () => {
    this.#cancelling ??= this.#cancel(this.#options.signal!.reason, () => cancelInPassing(this.#caller, this.jobId));
  };
}

function indicesOf(taken: readonly Taken[]): number[] {
  const indices = taken.map((one) => ("index" in one ? one.index : null));
  const refused = taken.flatMap((one, place) => ("reason" in one ? [{ place, reason: one.reason }] : []));
  if (refused.length > 0) throw new QueryRefusedError(indices, refused);
  return indices as number[];
}

function widthOf({ modelSha256, inputShape }: ModelUploaded) {
  return { modelSha256, width: inputShape.reduce((product, n) => product * n, 1) };
}

async function examplesOf(
  caller: StreamCaller,
  examples: NonNullable<StreamRun["examples"]>,
  signal: AbortSignal | undefined,
): Promise<string> {
  if ("tensorSha256" in examples) return examples.tensorSha256;
  const npy = asNpy(examples);
  return (await patiently(caller, () => caller.uploadTensor(npy, signal), signal)).tensorSha256;
}

/** Closed already, or ended: asked for again, after its answer got lost, it says so. */
async function unlessOver(asked: Promise<unknown>): Promise<void> {
  try {
    await asked;
  } catch (error) {
    if (!(error instanceof ParitabApiError && error.status === 409)) throw error;
  }
}
