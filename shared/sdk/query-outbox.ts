/**
 * The way of queries into a stream: in the order in which they were pushed, one post at a time, each post with what was pushed
 * meanwhile. A post names the index that its first query is to have, so that one whose answer got lost is sent again, and
 * nothing is taken twice.
 */
import type { QueriesPosted } from "../kinds/inference/stream.ts";
import { SDK_BUSY_MS, SDK_POST_QUERIES_MAX, STREAM_POST_BYTES_MAX } from "../protocol/limits.ts";
import { encodeQueries, type Query } from "./encode-queries.ts";
import { ParitabApiError } from "./paritab-api-error.ts";
import { type Asker, isPassing, patiently, waitMs } from "./patience.ts";

/** Its index, or why it was refused. */
export type Taken = { readonly index: number } | { readonly reason: string };

/** What an outbox needs to know of its stream. */
export interface Destination extends Asker {
  post(npy: Uint8Array<ArrayBuffer>, at: number): Promise<QueriesPosted>;
  /** Queries that it has. */
  queryCount(): Promise<number>;
}

interface Item {
  readonly query: Query;
  resolve(taken: Taken): void;
  reject(error: unknown): void;
}

/** Of a post for its numbers; a `.npy` file has a head before them. */
const ROOM_BYTES = STREAM_POST_BYTES_MAX - 1024;
/** Not now, however long that takes: the crowd is behind, or the coordinator's memory is full. */
const BUSY = ["stream-busy", "too-much-data"];
const OVER = ["stream-closed", "job-ended"];

export class QueryOutbox {
  readonly #destination: Destination;
  readonly #signal: AbortSignal;
  readonly #items: Item[] = [];
  /** Numbers of a query; null: no query was taken yet, so that nobody knows. */
  #width: number | null;
  #next = 0;
  #pumping: Promise<void> | null = null;
  #failure: { readonly error: unknown } | null = null;

  /** @param signal aborting it gives up on everything that was pushed */
  constructor(destination: Destination, width: number | null, signal: AbortSignal) {
    this.#destination = destination;
    this.#width = width;
    this.#signal = signal;
  }

  /** Resolves when it is durable. @throws whatever keeps this outbox from posting any more */
  push(query: Query): Promise<Taken> {
    if (this.#failure !== null) return Promise.reject(this.#failure.error);
    const { byteLength } = query;
    if (byteLength === 0) return Promise.resolve({ reason: "expected numbers, got none" });
    if (byteLength > ROOM_BYTES) {
      return Promise.resolve({ reason: `expected a query of at most ${ROOM_BYTES} bytes, got ${byteLength}` });
    }
    return new Promise((resolve, reject) => {
      this.#items.push({ query, resolve, reject });
      this.#pumping ??= this.#pump();
    });
  }

  /** No more: what is pushed from now on is refused with this. */
  end(error: unknown): void {
    this.#failure ??= { error };
  }

  /** Resolves once nothing waits any more, taken or not. */
  async flushed(): Promise<void> {
    while (this.#pumping !== null) await this.#pumping;
  }

  async #pump(): Promise<void> {
    // Whatever is pushed in one go travels together.
    await Promise.resolve();
    let batch: readonly Item[] = [];
    try {
      while (this.#items.length > 0) {
        batch = this.#items.splice(0, this.#countOfPost());
        await this.#deliver(batch);
      }
    } catch (error) {
      this.end(error);
      for (const item of [...batch, ...this.#items.splice(0)]) item.reject(error);
    } finally {
      this.#pumping = null;
    }
  }

  /** Queries of one kind, as many as fit. One of another width than the stream's goes alone: nobody can take it for several. */
  #countOfPost(): number {
    const first = this.#items[0]!.query;
    if (first.length !== this.#width) return 1;
    const room = Math.floor(ROOM_BYTES / first.byteLength);
    const most = Math.min(room, SDK_POST_QUERIES_MAX, this.#items.length);
    const other = this.#items.findIndex(
      ({ query }) => query.length !== first.length || query.BYTES_PER_ELEMENT !== first.BYTES_PER_ELEMENT,
    );
    return other < 0 ? most : Math.min(other, most);
  }

  /** A refusal is told by place, of the first ones alone where there are many: then the rest is posted again, and told of. */
  async #deliver(batch: readonly Item[]): Promise<void> {
    for (let rest = batch; rest.length > 0; ) {
      const posted = await this.#patiently(rest);
      if (posted === null) {
        for (const item of rest) await this.#deliver([item]);
        return;
      }
      const { refused, refusedCount } = posted;
      const told = refused.length === refusedCount ? rest.length : refused.at(-1)!.place + 1;
      const reasons = new Map(refused.map(({ place, message }) => [place, reasonOf(message)]));
      for (const [place, item] of rest.slice(0, told).entries()) this.#settle(item, reasons.get(place) ?? null);
      rest = rest.slice(told);
    }
  }

  #settle({ query, resolve }: Item, reason: string | null): void {
    if (reason !== null) return resolve({ reason });
    this.#width = query.length;
    resolve({ index: this.#next++ });
  }

  /** @returns null: all of several were refused, and only the first was told why */
  async #patiently(items: readonly Item[]): Promise<QueriesPosted | null> {
    const npy = encodeQueries(items.map(({ query }) => query));
    const [at, count] = [this.#next, items.length];
    let wasLost = false;
    const passes = (error: unknown) => {
      const isLost = isPassing(error) && !isBusy(error);
      wasLost ||= isLost;
      return isLost;
    };
    for (;;) {
      try {
        const posted = await patiently(this.#destination, () => this.#destination.post(npy, at), this.#signal, passes);
        return checked(posted, at, count);
      } catch (error) {
        if (isRefusal(error)) return count > 1 ? null : allRefused(at, error.message);
        if (wasLost && isOver(error) && (await this.#hasAll(at + count))) return allTaken(at, count);
        if (!isBusy(error)) throw error;
      }
      await waitMs(SDK_BUSY_MS, this.#signal);
    }
  }

  /** A post whose answer got lost may have been the last before the stream was closed: nobody else writes to it. */
  async #hasAll(queryCount: number): Promise<boolean> {
    return (await patiently(this.#destination, () => this.#destination.queryCount(), this.#signal)) === queryCount;
  }
}

const isBusy = (error: unknown) => error instanceof ParitabApiError && BUSY.includes(error.code);
const isOver = (error: unknown) => error instanceof ParitabApiError && OVER.includes(error.code);

function isRefusal(error: unknown): error is ParitabApiError {
  return error instanceof ParitabApiError && error.status === 422 && error.code === "bad-queries";
}

function allTaken(firstIndex: number, taken: number): QueriesPosted {
  return { firstIndex, taken, queryCount: firstIndex + taken, refused: [], refusedCount: 0 };
}

function allRefused(firstIndex: number, message: string): QueriesPosted {
  return { firstIndex, taken: 0, queryCount: firstIndex, refused: [{ place: 0, message }], refusedCount: 1 };
}

/** Whoever gives out indices by an answer that cannot be gives out wrong ones. */
function checked(posted: QueriesPosted, at: number, count: number): QueriesPosted {
  const { firstIndex, taken, refusedCount } = posted;
  if (firstIndex === at && taken + refusedCount === count) return posted;
  const got = `${taken} taken and ${refusedCount} refused from ${firstIndex} on`;
  throw new ParitabApiError(200, "bad-answer", `queries: expected word of ${count} from ${at} on, got ${got}`);
}

/** Its place in the post says nothing to whoever pushed it. */
function reasonOf(message: string): string {
  return message.replace(/^query \d+ of the body \(index \d+ had it been taken\): /, "");
}
