/** Queries that are posted to streams: looked at one by one, held, and told to be taken when they are durable. SPEC.md SM rules. */
import type { QueriesPosted } from "../../../shared/kinds/inference/stream.ts";
import {
  ANSWER_BYTES_PER_JOB_MAX,
  STREAM_QUERIES_MAX,
  STREAM_QUERY_BYTES_MAX,
  STREAM_REFUSED_NAMED_MAX,
  STREAM_UNANSWERED_MAX,
} from "../../../shared/protocol/limits.ts";
import type { Happening } from "../../coordinator/events.ts";
import { partyOf } from "../../coordinator/parties.ts";
import type { CoordinatorState } from "../../coordinator/state.ts";
import type { ApiProblem } from "../../web/coordinator-port.ts";
import { INFERENCE, type InferenceRequest } from "./core/work.ts";
import { isOfBytes, storedWindow } from "./engine/query-rows.ts";
import type { QuerySource } from "./engine/query-source.ts";
import type { PostedQuery } from "./port.ts";
import { takesRows } from "./rows/core/open-rows.ts";
import { type RowsJob, rowsJob } from "./rows/core/rows-job.ts";
import type { RowWorkspace } from "./rows/engine/row-workspace.ts";
import type { RowsWork } from "./rows/work.ts";
import { wholeProblem } from "./whole-numbers.ts";

type StreamWorkspace = Pick<RowWorkspace, "data" | "answers" | "append" | "truncate">;

export interface StreamDeskHost {
  readonly state: CoordinatorState;
  happen(happening: Happening): void;
  workspace(jobId: string): StreamWorkspace | null;
  /** How many more bytes their jobs may hold. */
  bytesRoom(party: string): number;
}

interface Pending {
  readonly firstQuery: number;
  readonly endQuery: number;
  resolve(problem: string | null): void;
}

export class StreamDesk {
  readonly #host: StreamDeskHost;
  /** By job, oldest first: posted, and not durable yet. */
  readonly #pending = new Map<string, Pending[]>();
  readonly #closing = new Map<string, (() => void)[]>();

  constructor(host: StreamDeskHost) {
    this.#host = host;
  }

  /**
   * Takes the queries that fit, in their order, and names those that do not. Resolves when what was taken is durable.
   * @param at the index that the first query taken is to have: what was posted before, and whose acknowledgement got lost, is
   *   found again and is not taken twice. null: behind the last one
   */
  async post(jobId: string, posted: readonly PostedQuery[], at: number | null): Promise<QueriesPosted | ApiProblem> {
    const job = rowsJob(this.#host.state, jobId);
    const workspace = this.#host.workspace(jobId);
    if (job === undefined || workspace === null || job.stream === null || !takesRows(job)) return closed(job);
    const { received } = job.stream;
    const firstIndex = at ?? received;
    if (firstIndex > received) {
      const message = `at: expected at most ${received}, the number of queries that the stream has, got ${firstIndex}`;
      return { status: 409, code: "gap", message };
    }
    const { good, refused, refusedCount } = sorted(posted, workspace, firstIndex);
    const known = Math.min(good.length, received - firstIndex);
    const different = good.slice(0, known).findIndex((row, i) => !isHeld(workspace, firstIndex + i, row));
    if (different >= 0) {
      const message = `at: query ${firstIndex + different} was posted before, and was another one`;
      return { status: 409, code: "different-query", message };
    }
    const fresh = good.slice(known);
    const problem = fresh.length === 0 ? null : this.#noRoom(job, workspace, fresh);
    if (problem !== null) return problem;
    const durable = this.#take(jobId, workspace, fresh, firstIndex + known);
    const refusal = await durable;
    if (refusal !== null) return { status: 503, code: "not-durable", message: `no query was taken: ${refusal}` };
    const taken = good.length;
    return { firstIndex, taken, queryCount: Math.max(received, firstIndex + taken), refused, refusedCount };
  }

  /** No more queries. Resolves when that is durable. @returns false: it is no open stream */
  async close(jobId: string): Promise<boolean> {
    const job = rowsJob(this.#host.state, jobId);
    if (job === undefined || !takesRows(job)) return false;
    const closed = new Promise<void>((resolve) => push(this.#closing, jobId, resolve));
    this.#host.happen({ type: "stopRequested", jobId });
    await closed;
    return true;
  }

  /** What the core says of a stream: how much of it is durable, and from where on it was refused. */
  answer({
    jobId,
    queryCount,
    refusedFrom,
    isOpen,
    problem,
  }: { readonly jobId: string } & Extract<RowsWork, { type: "answerStream" }>): void {
    const pending = this.#pending.get(jobId) ?? [];
    const left: Pending[] = [];
    for (const post of pending) {
      if (refusedFrom !== null && post.firstQuery >= refusedFrom) post.resolve(problem);
      else if (post.endQuery <= queryCount) post.resolve(null);
      else left.push(post);
    }
    if (refusedFrom !== null) this.#host.workspace(jobId)?.truncate(refusedFrom);
    if (left.length > 0) this.#pending.set(jobId, left);
    else this.#pending.delete(jobId);
    if (isOpen) return;
    for (const resolve of this.#closing.get(jobId) ?? []) resolve();
    this.#closing.delete(jobId);
  }

  refuseAll(problem: string): void {
    for (const posts of this.#pending.values()) for (const post of posts) post.resolve(problem);
    this.#pending.clear();
    for (const closers of this.#closing.values()) for (const resolve of closers) resolve();
    this.#closing.clear();
  }

  #take(jobId: string, workspace: StreamWorkspace, rows: readonly Row[], firstQuery: number): Promise<string | null> {
    const endQuery = firstQuery + rows.length;
    const wait = () =>
      new Promise<string | null>((resolve) => push(this.#pending, jobId, { firstQuery, endQuery, resolve }));
    if (rows.length === 0) {
      // Known already, and perhaps on its way to being durable still.
      const isDurable = (rowsJob(this.#host.state, jobId)?.stored.queryCount ?? 0) >= endQuery;
      return isDurable ? Promise.resolve(null) : wait();
    }
    workspace.append(rows);
    const durable = wait();
    const request: InferenceRequest = { type: "queriesPosted", firstQuery, queryCount: rows.length };
    this.#host.happen({ type: "request", kind: INFERENCE, jobId, request });
    return durable;
  }

  /** Back-pressure: what does not fit is refused before anything of it is taken. */
  #noRoom(job: RowsJob, workspace: StreamWorkspace, rows: readonly Row[]): ApiProblem | null {
    const { inputSize, outputSize } = job.stored;
    const { received } = job.stream!;
    const after = received + rows.length;
    const rowBytes = inputSize * (isOfBytes(workspace.data.source) ? 1 : Float32Array.BYTES_PER_ELEMENT);
    const whole = (what: string, max: number, got: number) => {
      const message = `expected at most ${max} ${what} in one stream, got ${got}; close it and open another`;
      return { status: 409, code: "stream-full", message };
    };
    if (after > STREAM_QUERIES_MAX) return whole("queries", STREAM_QUERIES_MAX, after);
    if (after * rowBytes > STREAM_QUERY_BYTES_MAX)
      return whole("bytes of queries", STREAM_QUERY_BYTES_MAX, after * rowBytes);
    const answerBytes = after * outputSize * 4;
    if (answerBytes > ANSWER_BYTES_PER_JOB_MAX) return whole("bytes of answers", ANSWER_BYTES_PER_JOB_MAX, answerBytes);
    const unanswered = unansweredOf(job) + rows.length;
    if (unanswered > STREAM_UNANSWERED_MAX) {
      const message = `expected at most ${STREAM_UNANSWERED_MAX} queries without an answer, got ${unanswered}; wait for answers, then post again`;
      return { status: 429, code: "stream-busy", message };
    }
    if (rows.length * (rowBytes + 4 * outputSize) > this.#host.bytesRoom(partyOf(job))) {
      return {
        status: 503,
        code: "too-much-data",
        message: "your jobs at work, and others', fill the coordinator's memory; post again later",
      };
    }
    return null;
  }
}

type Row = Extract<PostedQuery, { values: unknown }>["values"];

function closed(job: RowsJob | undefined): ApiProblem {
  if (job === undefined)
    return { status: 409, code: "job-ended", message: "expected a stream that is open, got a job that has ended" };
  // It ends once the coins that were tossed are answered.
  if (job.isCancelled)
    return { status: 409, code: "job-ended", message: "expected a stream that is open, got one that was cancelled" };
  const got = job.stream === null ? "a job whose queries were all there when it began" : "one that was closed";
  return {
    status: 409,
    code: job.stream === null ? "no-stream" : "stream-closed",
    message: `expected a stream that is open, got ${got}`,
  };
}

/** Queries that came and have no answer. */
function unansweredOf(job: RowsJob): number {
  return job.stream!.received - (job.ledger?.counts.answered ?? 0);
}

function sorted(posted: readonly PostedQuery[], { data }: StreamWorkspace, firstIndex: number) {
  const { inputSize } = data.job;
  const { inputs = data.job.inputs, scale } = data.source;
  // What no code mixes is sent as it is.
  const scaled = (row: Row): Row =>
    data.source.inputs === undefined && scale !== 1 ? Float32Array.from(row, (one) => one * scale) : row;
  const isBytes = isOfBytes(data.source);
  const good: Row[] = [];
  const refused: QueriesPosted["refused"] = [];
  let refusedCount = 0;
  posted.forEach((query, place) => {
    const problem =
      "problem" in query
        ? query.problem
        : (problemOf(query.values, inputSize, isBytes) ?? unfit(scaled(query.values), inputs));
    if (problem === null) {
      good.push((query as { values: Row }).values);
      return;
    }
    refusedCount++;
    const message = `query ${place} of the body (index ${firstIndex + good.length} had it been taken): ${problem}`;
    if (refused.length < STREAM_REFUSED_NAMED_MAX) refused.push({ place, message });
  });
  return { good, refused, refusedCount };
}

const unfit = (values: Row, inputs: QuerySource["inputs"]): string | null =>
  inputs === undefined ? null : wholeProblem(values, inputs);

function problemOf(values: Row, inputSize: number, isBytes: boolean): string | null {
  if (values.length !== inputSize) return `expected ${inputSize} numbers, got ${values.length}`;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) return `expected finite numbers, got ${value} at place ${i}`;
    if (isBytes && !(Number.isInteger(value) && value >= 0 && value <= 255)) {
      return `expected whole numbers from 0 to 255, as the stream's dtype is uint8, got ${value} at place ${i}`;
    }
    if (!isBytes && Math.abs(value) > FLOAT32_MAX)
      return `expected numbers that float32 can hold, got ${value} at place ${i}`;
  }
  return null;
}
const FLOAT32_MAX = 3.4028234663852886e38;

function isHeld({ data, answers }: StreamWorkspace, query: number, row: Row): boolean {
  if (query >= answers.queryCount) return false;
  const held = storedWindow(data.source, query, query + 1);
  const asHeld = isOfBytes(data.source) ? (value: number) => value : Math.fround;
  return held.every((value, i) => Object.is(value, asHeld(row[i]!)) || value === asHeld(row[i]!));
}

function push<T>(map: Map<string, T[]>, key: string, item: T): void {
  const items = map.get(key) ?? [];
  items.push(item);
  map.set(key, items);
}
