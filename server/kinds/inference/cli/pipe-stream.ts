/** Standard input as a stream: a line is a query that goes out as soon as it is read, answers are written in order as they come. */
import { type LineFormat, type RowLine, rowLines } from "../../../../shared/hub/row-lines.ts";
import { InputError } from "../../../../shared/inputs/input-error.ts";
import type { AnswerView } from "../../../../shared/kinds/inference/answers.ts";
import { SDK_POST_QUERIES_MAX } from "../../../../shared/protocol/limits.ts";
import { ParitabApiError } from "../../../../shared/sdk/paritab-api-error.ts";
import { QueryRefusedError, type QueryStream } from "../../../../shared/sdk/paritab-client.ts";
import type { Call } from "../../../cli/command.ts";
import { NotReadyError } from "../../../cli/exit-codes.ts";
import { type StreamRow, streamRows } from "../../../cli/inputs/stream-rows.ts";
import { endOf } from "../../../cli/outputs/job-progress.ts";
import type { StreamInput } from "./inference-input.ts";
import { type AnswerStream, showProgress } from "./stream-answers.ts";
import { takenBackInWords } from "./taken-back-words.ts";

export interface PipeOptions extends Pick<AnswerStream, "accept" | "keep"> {
  readonly format: LineFormat;
  readonly closeAfterMs: number | undefined;
  readonly idleMs: number;
  readonly crossChecks?: "no" | "yes";
  readonly finalWithinMs?: number | undefined;
}

export interface Piped {
  /** One, or more where the lines were more than one stream holds. */
  readonly jobIds: readonly string[];
  readonly refusedLines: number;
}

const NAME = "standard input";

/** @throws InputError where there is no row at all; what QueryStream throws */
export async function pipeStream(call: Call, input: StreamInput, options: PipeOptions): Promise<Piped> {
  return new Pipe(call, input, options).run();
}

class Pipe {
  readonly #call: Call;
  readonly #input: StreamInput;
  readonly #options: PipeOptions;
  readonly #rows: Ahead<StreamRow>;
  readonly #line: RowLine;
  /** Of queries that were taken, by index over all jobs; answers are compared with them at the end. */
  readonly #labels: number[] = [];
  readonly #answered: (number | null)[] = [];
  #refusedLines = 0;

  constructor(call: Call, input: StreamInput, options: PipeOptions) {
    this.#call = call;
    this.#input = input;
    this.#options = options;
    this.#line = rowLines(options.format);
    const labelColumn = call.flags.text("label-column") ?? null;
    const refuse = (message: string) => this.#refuse(message);
    const rows = streamRows(input.text, { name: NAME, inputSize: input.inputSize, labelColumn, refuse });
    this.#rows = new Ahead(rows);
  }

  async run(): Promise<Piped> {
    const first = await this.#rows.next(this.#call.terminal.signal);
    if (first === null) throw new InputError(`${NAME}: expected rows of numbers, got none`);
    const jobIds: string[] = [];
    for (let left = [first]; left.length > 0; ) {
      const stream = await this.#open();
      jobIds.push(stream.jobId);
      left = await this.#through(stream, left);
    }
    this.#sayAccuracy();
    return { jobIds, refusedLines: this.#refusedLines };
  }

  #open(): Promise<QueryStream> {
    const { settings, model, parityModel, examples, inputScale } = this.#input;
    const { closeAfterMs, idleMs, accept, keep, crossChecks, finalWithinMs } = this.#options;
    const { signal } = this.#call.terminal;
    return this.#call.client.stream({
      ...settings,
      ...{ model, parityModel, examples, accept, idleMs },
      ...(inputScale === undefined ? {} : { inputScale }),
      ...(closeAfterMs === undefined ? {} : { closeAfterMs }),
      ...(crossChecks === undefined ? {} : { crossChecks }),
      ...(finalWithinMs === undefined ? {} : { finalWithinMs }),
      ...(keep ? {} : { signal }),
      onTakenBack: (notice) => this.#call.terminal.say(takenBackInWords(notice)),
    });
  }

  /** @returns rows that the stream had no place for any more: they go into the next one */
  async #through(stream: QueryStream, rows: StreamRow[]): Promise<StreamRow[]> {
    const { terminal, client } = this.#call;
    terminal.say(`job ${stream.jobId}`);
    const stop = new AbortController();
    const stopped = AbortSignal.any([terminal.signal, stop.signal]);
    void showProgress(this.#call, stream.jobId, stopped);
    const feeding = this.#feed(stream, rows, stopped);
    // It is awaited below, once the answers that came by then are written.
    feeding.catch(() => undefined);
    try {
      await this.#write(stream, stopped);
      stop.abort(new NotReadyError(`job ${stream.jobId}: it was closed before the last line was sent`));
      const left = await feeding;
      const job = await client.inferenceJob(stream.jobId);
      terminal.say(endOf(job));
      return left;
    } finally {
      stop.abort();
      if (this.#options.keep) await feeding.catch(() => undefined);
      // The signal has begun it.
      else if (terminal.signal.aborted) await stream.cancel();
    }
  }

  /** @returns as #through */
  async #feed(stream: QueryStream, rows: StreamRow[], stopped: AbortSignal): Promise<StreamRow[]> {
    const left: StreamRow[] = [];
    const refusing = new AbortController();
    const until = AbortSignal.any([refusing.signal, stopped]);
    const firstIndex = this.#answered.length;
    const send = async (row: StreamRow) => {
      try {
        const index = await stream.push(row.numbers);
        if (row.label !== null) this.#labels[firstIndex + index] = row.label;
      } catch (error) {
        if (error instanceof QueryRefusedError) return this.#refuse(`${NAME}, line ${row.line}: ${error.message}`);
        if (isFull(error)) left.push(row);
        refusing.abort(error);
      }
    };
    const next = async () => {
      const waiting = rows.shift();
      if (waiting !== undefined) return waiting;
      return this.#rows.next(until).catch((error: unknown) => {
        // What is left is to be taken elsewhere, or will not be taken: it is said below.
        if (refusing.signal.aborted) return null;
        throw error;
      });
    };
    try {
      const sending: Promise<void>[] = [];
      for (let row = await next(); row !== null; row = await next()) {
        sending.push(send(row));
        if (sending.length >= SDK_POST_QUERIES_MAX) await sending.shift();
      }
      await Promise.all(sending);
      if (refusing.signal.aborted && left.length === 0) throw refusing.signal.reason;
      return left;
    } finally {
      // Interrupted, what was sent is answered only where the job is to be kept.
      if (!this.#call.terminal.signal.aborted || this.#options.keep) await stream.close();
    }
  }

  async #write(stream: QueryStream, signal: AbortSignal): Promise<void> {
    const { terminal } = this.#call;
    const firstIndex = this.#answered.length;
    const answers = new Ahead<AnswerView>(stream[Symbol.asyncIterator]());
    for (let answer = await answers.next(signal); answer !== null; answer = await answers.next(signal)) {
      this.#answered.push(answer.label);
      await terminal.out(this.#line({ ...answer, index: firstIndex + answer.index }, null));
    }
  }

  #refuse(message: string): void {
    this.#refusedLines++;
    this.#call.terminal.say(message);
  }

  #sayAccuracy(): void {
    if (this.#labels.length === 0) return;
    const right = this.#answered.filter((label, i) => label === this.#labels[i]).length;
    const [share, count] = [(right / this.#answered.length).toFixed(3), this.#answered.length];
    this.#call.terminal.say(`accuracy ${share} of ${count} answered lines, by their labels`);
  }
}

const isFull = (error: unknown) => error instanceof ParitabApiError && error.code === "stream-full";

/** Items of an iteration, one after the other; one that was waited for in vain is there for whoever asks next. */
class Ahead<Item> {
  readonly #items: AsyncIterator<Item>;
  #next: Promise<IteratorResult<Item>> | null = null;

  constructor(items: AsyncIterator<Item>) {
    this.#items = items;
  }

  /** @returns null at the end @throws the signal's reason as soon as it is aborted */
  async next(signal: AbortSignal): Promise<Item | null> {
    signal.throwIfAborted();
    this.#next ??= this.#items.next();
    const step = await unlessAborted(this.#next, signal);
    this.#next = null;
    return step.done ? null : step.value;
  }
}

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
