/**
 * Batches of requests. Their jobs' ids are made of the batch's id, and its files' ids too: whatever ends the coordinator, the next
 * start goes through the batch again, meets the jobs and files that are there, and each line is answered once.
 */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { V1_BATCHES_ACTIVE_MAX, V1_RETRY_AFTER_S } from "../../shared/protocol/limits.ts";
import type { Identity } from "../access/identity.ts";
import { ApiFailure } from "../web/api-failure.ts";
import { BATCH_ENDPOINT, type BatchLine, type BatchProblem, batchRequests } from "./batch-lines.ts";
import { readAllJson, writeDurably } from "./durable-folder.ts";
import type { EmbeddedText, Embedder } from "./embedder.ts";
import { embeddingList } from "./embedding-answer.ts";
import { requireLengths } from "./embedding-request.ts";
import type { NamedModel, NamedModels } from "./named-models.ts";
import { OpenAiFailure, openAiErrorBody } from "./openai-error.ts";
import { latestOf } from "./owned.ts";
import type { TextWorks } from "./text-works.ts";
import type { V1Files } from "./v1-files.ts";

export const BATCH_STATES = [
  "validating",
  "failed",
  "in_progress",
  "finalizing",
  "completed",
  "cancelling",
  "cancelled",
] as const;
export type BatchState = (typeof BATCH_STATES)[number];

/** What texts take on one core of the coordinator's machine, and with the crowd. */
export interface BesideCoordinator {
  /** null: their model has not run there. */
  readonly aloneMs: number | null;
  /** Predicted, and at the end what it was; null: it cannot be predicted. */
  readonly crowdMs: number | null;
}

export interface V1Batch {
  readonly id: string;
  readonly owner: string;
  readonly scopes: Identity["scopes"];
  readonly inputFileId: string;
  readonly metadata: Readonly<Record<string, string>> | null;
  readonly createdS: number;
  readonly state: BatchState;
  readonly problems: readonly BatchProblem[];
  readonly outputFileId: string | null;
  readonly errorFileId: string | null;
  /** When it came to a state, in seconds. */
  readonly timesS: Readonly<Partial<Record<BatchState, number>>>;
  /** Its texts on the coordinator's machine, and with the crowd. Absent: not known yet, or of an earlier version. */
  readonly beside?: BesideCoordinator;
  readonly counts: { readonly total: number; readonly completed: number; readonly failed: number };
}

const ENDED: readonly BatchState[] = ["failed", "completed", "cancelled"];
/** 24 h, as clients ask for; here a batch waits as long as it takes. */
export const COMPLETION_WINDOW = "24h";
export { BATCH_ENDPOINT };

export interface BatchParts {
  readonly files: V1Files;
  readonly models: NamedModels;
  readonly works: TextWorks;
  readonly embedder: Embedder;
  /** [CE14] Of a coordinator that is not sure whether another has taken over from it, nothing is written. */
  isHeld(): boolean;
  onProblem(message: string, error: unknown): void;
}

/** Whether it is sure again is looked at so often. */
const HELD_LOOK_MS = 200;

export class Batches {
  readonly #root: string;
  readonly #parts: BatchParts;
  readonly #batches = new Map<string, V1Batch>();
  readonly #atWork = new Map<string, { readonly cancel: AbortController; readonly done: Promise<void> }>();
  readonly #closing = new AbortController();

  /** Knows of nothing before it has looked. */
  constructor(root: string, parts: BatchParts) {
    this.#root = root;
    this.#parts = parts;
  }

  /** Whatever is there is known when it resolves, and those that were at work when their coordinator ended go on. */
  async look(): Promise<void> {
    for (const batch of await readAllJson<V1Batch>(this.#root)) {
      if (this.#batches.has(batch.id)) continue;
      this.#batches.set(batch.id, batch);
      if (!ENDED.includes(batch.state)) this.#start(batch.id);
    }
  }

  /** Nothing of a batch is lost: the next start goes on. */
  async close(): Promise<void> {
    this.#closing.abort(new Error("the coordinator is stopping"));
    await Promise.all([...this.#atWork.values()].map(({ done }) => done));
  }

  get(id: string): V1Batch | null {
    return this.#batches.get(id) ?? null;
  }

  /** The latest first. */
  of(owner: string | null): V1Batch[] {
    return latestOf(this.#batches.values(), owner);
  }

  /** Durable when it resolves. @throws OpenAiFailure 429 where a submitter has as many at work as there are for one */
  async create(
    { submitter, scopes }: Identity,
    inputFileId: string,
    metadata: V1Batch["metadata"],
    nowS = Math.floor(Date.now() / 1000),
  ): Promise<V1Batch> {
    const active = this.of(submitter).filter(({ state }) => !ENDED.includes(state)).length;
    if (active >= V1_BATCHES_ACTIVE_MAX) {
      throw new OpenAiFailure(
        429,
        "batches_active",
        `expected at most ${V1_BATCHES_ACTIVE_MAX} batches at work, got one more; wait for one, or cancel one`,
      );
    }
    const batch: V1Batch = {
      id: `batch_${randomBytes(16).toString("hex")}`,
      owner: submitter,
      scopes,
      inputFileId,
      metadata,
      createdS: nowS,
      state: "validating",
      problems: [],
      outputFileId: null,
      errorFileId: null,
      timesS: { validating: nowS },
      counts: { total: 0, completed: 0, failed: 0 },
    };
    await this.#keep(batch);
    this.#start(batch.id);
    return batch;
  }

  /** @returns the batch, about to be cancelled, or ended as it is */
  async cancel(id: string): Promise<V1Batch> {
    const batch = this.#now(id);
    if (ENDED.includes(batch.state)) return batch;
    await this.#to(id, "cancelling", {});
    this.#atWork.get(id)?.cancel.abort(new Error("the batch is cancelled"));
    return this.#now(id);
  }

  #start(id: string): void {
    const cancel = new AbortController();
    const signal = AbortSignal.any([cancel.signal, this.#closing.signal]);
    const done = this.#run(id, signal, cancel.signal)
      .catch((error: unknown) => this.#ended(id, error, cancel.signal))
      .catch((error: unknown) => this.#parts.onProblem(`batch ${id} could not be ended`, error))
      .finally(() => this.#atWork.delete(id));
    this.#atWork.set(id, { cancel, done });
  }

  async #ended(id: string, error: unknown, cancelled: AbortSignal): Promise<void> {
    if (cancelled.aborted) return this.#to(id, "cancelled", {});
    if (this.#closing.signal.aborted) return;
    const failure = error instanceof OpenAiFailure ? error : null;
    if (failure === null) this.#parts.onProblem(`batch ${id} failed`, error);
    const { code, message } = failure ?? {
      code: "internal",
      message: "the coordinator made a mistake, which its log describes",
    };
    await this.#to(id, "failed", { problems: [{ code, message, param: null, line: null }] });
  }

  async #run(id: string, signal: AbortSignal, cancelled: AbortSignal): Promise<void> {
    const { files, models, works, embedder } = this.#parts;
    const batch = this.#now(id);
    if (batch.state === "cancelling") return this.#to(id, "cancelled", {});
    if (files.get(batch.inputFileId) === null) {
      throw new OpenAiFailure(
        404,
        "file_not_found",
        `${batch.inputFileId}: expected the file of requests, got a deleted one`,
      );
    }
    const requests = await batchRequests(files.read(batch.inputFileId), models);
    if ("problems" in requests) return this.#to(id, "failed", { problems: requests.problems });
    const { model, lines } = requests;
    const texts = lines.flatMap((line) => line.texts);
    const ids = await works.encode(models.askedOf(model), texts, batch.owner);
    signal.throwIfAborted();
    const sorted = sortedLines(lines, ids, model);
    const total = lines.length;
    await this.#to(id, "in_progress", { counts: { total, completed: 0, failed: sorted.refused.length } });
    const missing = sorted.taken.map(({ count }) => count);
    const identity: Identity = { submitter: batch.owner, tokenId: null, scopes: batch.scopes };
    const taken = sorted.taken.flatMap(({ start, count }) => ids.slice(start, start + count));
    const lineOf = sorted.taken.flatMap(({ count }, line) => new Array<number>(count).fill(line));
    const [startMs, isGoingOn] = [performance.now(), batch.timesS.in_progress !== undefined];
    const besides = async () => {
      const crowdMs = await embedder.crowdMs(identity, model, taken);
      this.#batches.set(id, { ...this.#now(id), beside: { aloneMs: null, crowdMs } });
    };
    // The batch goes on without: what is wrong with a model or a job is said where it is submitted.
    const predicted = besides().catch(() => undefined);
    const embedded = await this.#patiently(signal, () =>
      embedder.embed(identity, model, taken, {
        key: id,
        signal,
        isKept: () => !cancelled.aborted,
        onDone: (places) => {
          for (const place of places) missing[lineOf[place]!]!--;
          const completed = missing.filter((count) => count === 0).length;
          this.#batches.set(id, { ...this.#now(id), counts: { total, completed, failed: sorted.refused.length } });
        },
      }),
    );
    await predicted;
    const aloneMs = await embedder.aloneMs(identity, model, taken);
    // Nobody measured the whole of a batch that went on after a restart: its prediction stays.
    const crowdMs = isGoingOn ? (this.#now(id).beside?.crowdMs ?? null) : performance.now() - startMs;
    const beside = { aloneMs, crowdMs };
    await this.#to(id, "finalizing", { beside });
    await this.#write(id, model, sorted, embedded);
  }

  /** While the coordinator takes no jobs, or no more of this submitter, a batch waits. */
  async #patiently<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        const isPassing =
          error instanceof ApiFailure && (error.status === 503 || error.status === 429 || error.code === "quota");
        if (!isPassing) throw error;
        await wait(V1_RETRY_AFTER_S * 1000, undefined, { signal });
      }
    }
  }

  async #write(
    id: string,
    model: NamedModel,
    { taken, refused }: SortedLines,
    embedded: EmbeddedText[],
  ): Promise<void> {
    const { files } = this.#parts;
    const { owner } = this.#now(id);
    const [output, errors] = [`file-${id.slice(6)}00`, `file-${id.slice(6)}01`];
    const about = { owner, purpose: "batch_output" } as const;
    const wide = { bytesMax: Number.POSITIVE_INFINITY };
    if (taken.length > 0) {
      const lines = answeredLines(id, model, taken, embedded);
      await files.write({ ...about, filename: `${id}_output.jsonl` }, lines, { ...wide, id: output });
    }
    if (refused.length > 0) {
      const lines = refusedLines(id, refused);
      await files.write({ ...about, filename: `${id}_error.jsonl` }, lines, { ...wide, id: errors });
    }
    await this.#to(id, "completed", {
      outputFileId: taken.length > 0 ? output : null,
      errorFileId: refused.length > 0 ? errors : null,
      counts: { total: taken.length + refused.length, completed: taken.length, failed: refused.length },
    });
  }

  #now(id: string): V1Batch {
    return this.#batches.get(id)!;
  }

  async #to(
    id: string,
    state: BatchState,
    changed: Partial<V1Batch>,
    nowS = Math.floor(Date.now() / 1000),
  ): Promise<void> {
    const batch = this.#now(id);
    await this.#keep({ ...batch, ...changed, state, timesS: { ...batch.timesS, [state]: nowS } });
  }

  async #keep(batch: V1Batch): Promise<void> {
    while (!this.#parts.isHeld()) await wait(HELD_LOOK_MS, undefined, { signal: this.#closing.signal });
    await writeDurably(join(this.#root, `${batch.id}.json`), JSON.stringify(batch));
    this.#batches.set(batch.id, batch);
  }
}

/** A line whose texts stand at start and behind it, among all texts or among those that are taken. */
interface PlacedLine {
  readonly line: BatchLine;
  readonly start: number;
  readonly count: number;
  readonly tokenCount: number;
}

interface RefusedLine {
  readonly line: BatchLine;
  readonly failure: OpenAiFailure;
}

interface SortedLines {
  readonly taken: readonly PlacedLine[];
  readonly refused: readonly RefusedLine[];
}

/** A line with a text that is too long is refused by itself; the others are computed. */
function sortedLines(lines: readonly BatchLine[], ids: readonly (readonly number[])[], model: NamedModel): SortedLines {
  const taken: PlacedLine[] = [];
  const refused: RefusedLine[] = [];
  let start = 0;
  for (const line of lines) {
    const count = line.texts.length;
    const own = ids.slice(start, start + count);
    try {
      requireLengths(model, own);
      taken.push({ line, start, count, tokenCount: own.reduce((sum, { length }) => sum + length, 0) });
    } catch (error) {
      if (!(error instanceof OpenAiFailure)) throw error;
      refused.push({ line, failure: error });
    }
    start += count;
  }
  return { taken, refused };
}

async function* answeredLines(
  id: string,
  model: NamedModel,
  taken: readonly PlacedLine[],
  embedded: readonly EmbeddedText[],
): AsyncGenerator<Uint8Array> {
  let start = 0;
  for (const [i, { line, count, tokenCount }] of taken.entries()) {
    const body = embeddingList({ model, encoding: line.encoding }, embedded.slice(start, start + count), tokenCount);
    start += count;
    const request_id = `${id}-${i}`;
    const response = { status_code: 200, request_id, body };
    yield asLine({ id: `batch_req_${request_id}`, custom_id: line.customId, response, error: null });
  }
}

async function* refusedLines(id: string, refused: readonly RefusedLine[]): AsyncGenerator<Uint8Array> {
  for (const [i, { line, failure }] of refused.entries()) {
    const request_id = `${id}-e${i}`;
    const response = { status_code: failure.status, request_id, body: openAiErrorBody(failure) };
    yield asLine({ id: `batch_req_${request_id}`, custom_id: line.customId, response, error: null });
  }
}

const asLine = (value: unknown) => Buffer.from(`${JSON.stringify(value)}\n`);
