/** One stream through the real coordinator on virtual time: queries are posted at given times, and each waits for its answer. */
import { isProblem } from "../../../server/web/coordinator-port.ts";
import { type Acceptance, isReady } from "../../../shared/kinds/inference/acceptance.ts";
import { type InferenceSubmission, inferenceSubmissionSchema } from "../../../shared/kinds/inference/submission.ts";
import { openWorld, type SimulatedWorld, type WorldOptions } from "./simulated-world.ts";

export interface StreamRun extends WorldOptions {
  readonly bundle: Uint8Array;
  /** n x D; posted one after the other, from the first again when they are through. */
  readonly queries: Float32Array;
  readonly queryCount: number;
  readonly submission: Partial<Omit<InferenceSubmission, "source">>;
  readonly closeAfterMs: number;
  /** When each is posted, ms since the stream was opened, ascending. */
  readonly postedMs: readonly number[];
  readonly accept: Acceptance;
  /** After the last was posted nobody waits longer than so many virtual ms. */
  readonly patienceMs: number;
}

export interface StreamOutcome {
  /** By query, from posting to an answer that may be given out; Infinity: it had none when patience ended. */
  readonly latencyMs: Float64Array;
  /** What was given out: the labels, by query; -1: nothing. */
  readonly labels: Int32Array;
  /** From the first post to the last answer. */
  readonly spanMs: number;
  /** Rows that tabs computed, whatever became of them. */
  readonly tabRows: number;
  readonly auditedRows: number;
}

/** @throws Error where the stream is refused, or the shell has something to say */
export async function runStream(options: StreamRun): Promise<StreamOutcome> {
  const world = await openWorld(options);
  const { clock, shell, tabs, inTime } = world;
  // The crowd is there before anybody asks.
  await inTime(clock.sleep(2_000));
  const jobId = await opened(world, options);
  const posts = new Posts(options, world, jobId);
  await posts.toEnd();
  if (world.problems.length > 0) throw new Error(`runStream: ${world.problems.join("; ")}`);
  const { auditedRows } = shell.jobView(jobId) as { auditedRows: number };
  const tabRows = tabs.reduce((sum, { rows }) => sum + rows, 0);
  shell.close();
  return { ...posts.outcome(), tabRows, auditedRows };
}

async function opened({ shell, store, inTime }: SimulatedWorld, options: StreamRun): Promise<string> {
  const modelSha256 = await inTime(store.putBlob(options.bundle));
  const source = { kind: "stream", modelSha256, closeAfterMs: options.closeAfterMs };
  const submission = inferenceSubmissionSchema.parse({ kind: "inference", ...options.submission, source });
  const reply = await inTime(shell.submit(submission));
  if (isProblem(reply)) throw new Error(`runStream: expected the stream to be accepted, got ${reply.message}`);
  return reply.jobId;
}

class Posts {
  readonly #options: StreamRun;
  readonly #world: SimulatedWorld;
  readonly #jobId: string;
  readonly #startMs: number;
  readonly #latencyMs: Float64Array;
  readonly #labels: Int32Array;
  #posted = 0;
  #answered = 0;
  /** Everything before it is answered. */
  #oldest = 0;
  #lastMs = 0;
  #hasChanged = false;

  constructor(options: StreamRun, world: SimulatedWorld, jobId: string) {
    this.#options = options;
    this.#world = world;
    this.#jobId = jobId;
    this.#startMs = world.clock.nowMs();
    this.#latencyMs = new Float64Array(options.postedMs.length).fill(Number.POSITIVE_INFINITY);
    this.#labels = new Int32Array(options.postedMs.length).fill(-1);
  }

  outcome(): Pick<StreamOutcome, "latencyMs" | "labels" | "spanMs"> {
    const spanMs = this.#lastMs - this.#options.postedMs[0]!;
    return { latencyMs: this.#latencyMs, labels: this.#labels, spanMs };
  }

  async toEnd(): Promise<void> {
    const { clock, shell, advance } = this.#world;
    const { postedMs, patienceMs } = this.#options;
    const untilMs = this.#startMs + postedMs.at(-1)! + patienceMs;
    const stopWatching = shell.desks.inference.watchAnswers(this.#jobId, () => {
      this.#hasChanged = true;
    });
    clock.at(this.#startMs + postedMs[0]!, () => this.#post());
    while (this.#answered < postedMs.length && clock.nowMs() < untilMs && (await advance())) {
      if (this.#hasChanged) await this.#look();
    }
    stopWatching();
  }

  #post(): void {
    const { queries, queryCount, postedMs } = this.#options;
    const { clock, shell } = this.#world;
    const size = queries.length / queryCount;
    const row = this.#posted % queryCount;
    const values = queries.subarray(row * size, (row + 1) * size);
    void shell.desks.inference.postQueries(this.#jobId, [{ values }], null).then((reply) => {
      if (isProblem(reply)) throw new Error(`runStream: ${reply.message}`);
    });
    this.#posted++;
    const next = postedMs[this.#posted];
    if (next !== undefined) clock.at(this.#startMs + next, () => this.#post());
  }

  async #look(): Promise<void> {
    this.#hasChanged = false;
    const nowMs = this.#world.clock.nowMs() - this.#startMs;
    const page = await this.#world.shell.desks.inference.answers(
      this.#jobId,
      this.#oldest,
      this.#posted - this.#oldest,
    );
    for (const answer of page!.answers) {
      const { index, label } = answer;
      if (this.#latencyMs[index] !== Number.POSITIVE_INFINITY || !isReady(answer, this.#options.accept)) continue;
      this.#latencyMs[index] = nowMs - this.#options.postedMs[index]!;
      this.#labels[index] = label!;
      this.#lastMs = nowMs;
      this.#answered++;
    }
    while (this.#latencyMs[this.#oldest]! < Number.POSITIVE_INFINITY) this.#oldest++;
  }
}
