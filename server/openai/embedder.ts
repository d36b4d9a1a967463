/** Vectors of texts as jobs: one for each length that the texts are padded to, on a model that is made for that length. */
import { setTimeout as wait } from "node:timers/promises";
import type { ModelFacts } from "../../shared/compute/model-runtime.ts";
import { coarseLength, lengthBuckets } from "../../shared/hub/length-buckets.ts";
import { unitVector } from "../../shared/hub/pooling.ts";
import { textRows } from "../../shared/hub/text-rows.ts";
import { ANSWER_MARKS, type AnswerMark } from "../../shared/kinds/inference/answers.ts";
import { inferenceEstimateRequestSchema } from "../../shared/kinds/inference/estimate.ts";
import { inferenceSubmissionSchema } from "../../shared/kinds/inference/submission.ts";
import { V1_RETRY_AFTER_S } from "../../shared/protocol/limits.ts";
import { encodeNpy } from "../../shared/protocol/npy.ts";
import { NO_TAB } from "../../shared/protocol/why-no-tab.ts";
import { jobIdOfKey } from "../../shared/sdk/job-id-of-key.ts";
import { type Identity, partyOfIdentity } from "../access/identity.ts";
import type { ModelIntake } from "../intake/model-intake.ts";
import type { InferencePort } from "../kinds/inference/port.ts";
import { type CoordinatorPort, isProblem } from "../web/coordinator-port.ts";
import type { OtherCells } from "../web/other-cells.ts";
import type { Ownership } from "../web/ownership.ts";
import type { NamedModel, NamedModels } from "./named-models.ts";
import { OpenAiFailure } from "./openai-error.ts";
import type { TextWorks } from "./text-works.ts";

/** What stands beside each vector: how far to trust it. */
export interface EmbeddedText {
  readonly vector: Float32Array;
  readonly mark: AnswerMark;
  readonly final: boolean;
  readonly bound: number | null;
  readonly jobId: string;
}

export interface EmbedderParts {
  readonly models: NamedModels;
  readonly works: TextWorks;
  readonly port: CoordinatorPort;
  readonly desk: InferencePort;
  readonly ownership: Ownership;
  readonly intake: ModelIntake;
  readonly cells: OtherCells | null;
  /** Milliseconds that a row of a model takes on this machine; null: it has not run here. */
  rowMsHere(modelSha256: string): number | null;
}

/** A model of a folder, for texts of one length, as it was uploaded. */
interface UploadedModel {
  readonly modelSha256: string;
  /** What an estimate depends on. */
  readonly sizes: Pick<ModelFacts, "macsPerQuery" | "inputSize" | "outputSize"> & { readonly modelBytes: number };
}

/** Whether a job that another coordinator has taken over has ended is asked so often. */
const ELSEWHERE_LOOK_MS = 1_000;

export interface EmbedOptions {
  /** Hard to guess: the jobs' ids are made of it, so that asking again, after a restart too, meets the same jobs. */
  readonly key: string;
  readonly signal: AbortSignal;
  /** Once the signal is aborted: are the jobs to go on without us? By default they are cancelled. */
  isKept?(): boolean;
  /** Called when the texts at these places have their vectors. */
  onDone?(places: readonly number[]): void;
}

export class Embedder {
  readonly #parts: EmbedderParts;
  /** Hashes of models as they are uploaded, by whose upload it is, the folder and the length. */
  readonly #uploads = new Map<string, Promise<UploadedModel>>();

  constructor(parts: EmbedderParts) {
    this.#parts = parts;
  }

  /**
   * @param texts ids of each, none longer than the model takes
   * @returns one a text, in their order
   * @throws OpenAiFailure where a job is refused or fails; the signal's reason, with its jobs cancelled
   */
  async embed(
    identity: Identity,
    model: NamedModel,
    texts: readonly (readonly number[])[],
    { key, signal, isKept = () => false, onDone }: EmbedOptions,
  ): Promise<EmbeddedText[]> {
    const embedded: EmbeddedText[] = [];
    await Promise.all(
      bucketsOf(model, texts).map(async ({ length, places }) => {
        const jobId = jobIdOfKey(identity.submitter, `${key}-${length}`);
        const rows = places.map((place) => texts[place]!);
        await this.#submit(identity, model, { jobId, length, rows });
        const answers = await this.#answersOf(jobId, signal, isKept);
        for (const [i, place] of places.entries()) embedded[place] = { ...answers(i), jobId };
        onDone?.(places);
      }),
    );
    return model.facts.task.normalizes
      ? embedded.map((text) => ({ ...text, vector: unitVector(text.vector) }))
      : embedded;
  }

  /** What these texts take on one core of this machine. @returns null: the model of one of their lengths has not run here */
  async aloneMs(identity: Identity, model: NamedModel, texts: readonly (readonly number[])[]): Promise<number | null> {
    const times = bucketsOf(model, texts).map(async ({ length, places }) => {
      const { modelSha256 } = await this.#uploadOf(identity, model, length, false);
      const rowMs = this.#parts.rowMsHere(modelSha256);
      return rowMs === null ? null : rowMs * places.length;
    });
    return sumOf(await Promise.all(times));
  }

  /** What they are predicted to take with the crowd, all their jobs together. @returns null: no tab is there to predict with */
  async crowdMs(identity: Identity, model: NamedModel, texts: readonly (readonly number[])[]): Promise<number | null> {
    const { port } = this.#parts;
    const times = bucketsOf(model, texts).map(async ({ length, places: { length: queryCount } }) => {
      const { sizes } = await this.#uploadOf(identity, model, length, false);
      const source = { kind: "sizes", queryCount, ...sizes };
      const settings = { ...SETTINGS, submitter: identity.submitter };
      const request = { kind: "inference", ...settings, source };
      const estimate = await port.estimate(inferenceEstimateRequestSchema.parse(request));
      if (isProblem(estimate) || estimate.kind !== "inference") return null;
      return estimate.chosen.finishMs?.p50 ?? null;
    });
    return sumOf(await Promise.all(times));
  }

  /** A job that is there already is left alone. */
  async #submit(
    identity: Identity,
    model: NamedModel,
    { jobId, length, rows }: { jobId: string; length: number; rows: readonly (readonly number[])[] },
  ): Promise<void> {
    const { port, ownership } = this.#parts;
    await port.recall(jobId);
    if (port.jobView(jobId) !== null || (await this.#isElsewhere(jobId))) return;
    const { padId, inputs, task } = model.facts;
    const arrays = Object.entries(textRows(rows, length, padId, inputs));
    const hashes = await Promise.all(
      arrays.map(async ([name, array]) => [name, await ownership.putAs(identity, encodeNpy(array))] as const),
    );
    for (const isAgain of [false, true]) {
      const submission = inferenceSubmissionSchema.parse({
        kind: "inference",
        name: model.id.slice(-80),
        ...SETTINGS,
        ...(task.pool === "none" ? { output: task.output } : {}),
        source: {
          kind: "uploads",
          modelSha256: (await this.#uploadOf(identity, model, length, isAgain)).modelSha256,
          queriesSha256: Object.fromEntries(hashes),
        },
      });
      const answer = await ownership.submitAs(identity, submission, jobId);
      if (!isProblem(answer)) return;
      // The model's upload may have expired since.
      if (answer.status !== 404 || isAgain) throw new OpenAiFailure(answer.status, answer.code, answer.message);
    }
  }

  #uploadOf(identity: Identity, model: NamedModel, length: number, isAgain: boolean): Promise<UploadedModel> {
    const name = `${identity.submitter}\0${model.folder}\0${length}`;
    const known = this.#uploads.get(name);
    if (known !== undefined && !isAgain) return known;
    const upload = this.#upload(identity, model, length);
    this.#uploads.set(name, upload);
    upload.catch(() => this.#uploads.delete(name));
    return upload;
  }

  async #upload(identity: Identity, model: NamedModel, length: number): Promise<UploadedModel> {
    const { works, models, ownership, intake } = this.#parts;
    const party = partyOfIdentity(identity);
    return intake.takeIn(
      await works.files(models.askedOf(model), length, party),
      async (taken) => {
        if ("problem" in taken) throw new OpenAiFailure(400, "bad-model", taken.problem, "model");
        const { source, byteCount, outputs } = taken;
        if (source !== null) await ownership.putFileAs(identity, source.byteCount, source.chunks());
        const modelSha256 = await ownership.putFileAs(identity, byteCount, taken.chunks());
        const asked = outputs.find(({ name }) => name === model.facts.task.output) ?? outputs[0];
        const { macsPerQuery, inputSize, outputSize } = asked.facts;
        return { modelSha256, sizes: { macsPerQuery, inputSize, outputSize, modelBytes: byteCount } };
      },
      party,
    );
  }

  /** Does another coordinator have this job, or take it over? */
  async #isElsewhere(jobId: string): Promise<boolean> {
    const { cells } = this.#parts;
    return cells !== null && !cells.isOwn(jobId) && (await cells.ownerOf(jobId))?.isAtWork === true;
  }

  /** Resolves when the job has ended well. @returns what stands at each place of the job */
  async #answersOf(
    jobId: string,
    signal: AbortSignal,
    isKept: () => boolean,
  ): Promise<(place: number) => Omit<EmbeddedText, "jobId">> {
    const { port, desk } = this.#parts;
    await port.recall(jobId);
    // It runs to its end there, whatever becomes of the signal.
    while (port.jobView(jobId) === null && (await this.#isElsewhere(jobId))) {
      await wait(ELSEWHERE_LOOK_MS, undefined, { signal });
      await port.recall(jobId);
    }
    await this.#ended(jobId, signal, isKept);
    const view = port.jobView(jobId);
    if (view === null || view.state !== "done") {
      const why = view?.error ?? `it is ${view?.state ?? "gone"}`;
      throw new OpenAiFailure(500, "job-failed", `job ${jobId} gave no vectors: ${why}`);
    }
    const all = await desk.allAnswers(jobId);
    if (all === null) throw new OpenAiFailure(500, "job-failed", `job ${jobId}: its answers are gone`);
    const { outputs, outputSize, marks, final, bounds } = all;
    return (place) => ({
      vector: outputs.slice(place * outputSize, (place + 1) * outputSize),
      mark: ANSWER_MARKS[marks[place]!]!,
      final: final[place] === 1,
      bound: Number.isNaN(bounds[place]) ? null : bounds[place]!,
    });
  }

  #ended(jobId: string, signal: AbortSignal, isKept: () => boolean): Promise<void> {
    const { port, desk } = this.#parts;
    return new Promise((resolve, reject) => {
      let stopWatching = () => {};
      const end = (settle: () => void) => {
        stopWatching();
        signal.removeEventListener("abort", onAbort);
        settle();
      };
      const onAbort = () => {
        if (!isKept()) void port.cancel(jobId);
        end(() => reject(signal.reason));
      };
      const look = () => {
        const view = port.jobView(jobId);
        if (view === null || view.finishedMs !== null) end(resolve);
      };
      if (signal.aborted) return onAbort();
      signal.addEventListener("abort", onAbort, { once: true });
      stopWatching = desk.watchAnswers(jobId, look);
      look();
    });
  }

  /** @throws OpenAiFailure 503 where nobody is there who could compute */
  async requireTabs(): Promise<void> {
    const { port, cells } = this.#parts;
    if (port.tabsAtHand() > 0 || ((await cells?.tabs()) ?? 0) > 0) return;
    const why = port.whyNoTab() ?? NO_TAB;
    const message = `expected at least one tab that is ready to compute, got none: ${why}; ask again in ${V1_RETRY_AFTER_S} s, or send a batch, which waits`;
    throw new OpenAiFailure(503, "no-tabs", message);
  }
}

function bucketsOf({ facts: { fixedLength, countMax } }: NamedModel, texts: readonly (readonly number[])[]) {
  const counts = texts.map(({ length }) => length);
  return fixedLength === null
    ? lengthBuckets(counts, countMax ?? Number.MAX_SAFE_INTEGER, coarseLength)
    : [{ length: fixedLength, places: counts.map((_, place) => place) }];
}

/** Of a job of texts: its answers are read here. */
const SETTINGS = { task: "regression", parts: 1 } as const;

function sumOf(times: readonly (number | null)[]): number | null {
  return times.reduce<number | null>((sum, ms) => (sum === null || ms === null ? null : sum + ms), 0);
}
