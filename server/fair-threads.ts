/**
 * Threads for what strangers' files may make slow: tokenizers, models that are looked through. Submitters take turns (shared/control/fair-queue.ts).
 * Whoever is at it may stay as long as nobody else waits. If somebody does, what has taken THREAD_QUICK_MS_MAX is taken back, its thread is
 * ended, and it goes on from its beginning among the slow ones, on a thread of theirs: nothing quick waits longer for anything slow.
 */
import { Piscina } from "piscina";
import { FairQueue, type Ticket } from "../shared/control/fair-queue.ts";
import { addTo } from "../shared/control/shares.ts";
import { THREAD_QUICK_MS_MAX, THREAD_START_MS_MAX } from "../shared/protocol/limits.ts";

/** What a turn is reckoned to take before it is known. */
const QUANTUM_MS = 250;

export interface FairThreadsOptions {
  readonly filename: string;
  /** A thread without work goes after so long; the next one takes a moment to start. */
  readonly idleMs: number;
  /** Longer than this no work may take, of a thread of its own. */
  readonly workMsMax: number;
  readonly quickMsMax?: number;
}

export interface AskedWork<Work, Answer> {
  /** Who takes turns with whom. */
  readonly party: string;
  /** Called at the beginning of each turn: what it is to write must not be there. */
  work(): Work;
  /** Asked when its turn comes: an answer that takes no thread. */
  known?(): Answer | null;
}

interface Waiting<Work, Answer> extends AskedWork<Work, Answer>, Ticket {
  resolve(answer: Answer | null): void;
  reject(error: unknown): void;
}

interface AtWork {
  readonly party: string;
  /** It has had its time: whoever comes now takes it back. */
  isOverdue: boolean;
  takeBack(): void;
}

export class FairThreads<Work, Answer> {
  readonly #options: Required<FairThreadsOptions>;
  readonly #quick: Lane<Work, Answer>;
  readonly #slow: Lane<Work, Answer>;
  /** How much of each has not had its first turn. */
  readonly #waiting = new Map<string, number>();
  readonly #ending = new Set<Promise<void>>();
  #isClosed = false;

  constructor(options: FairThreadsOptions) {
    this.#options = { quickMsMax: THREAD_QUICK_MS_MAX, ...options };
    const [quick, slow] = [this.#openLane(), this.#openLane()];
    this.#quick = quick;
    this.#slow = slow;
  }

  /** @returns null: it took longer than any work may, and its thread was ended @throws what the work throws */
  run(asked: AskedWork<Work, Answer>): Promise<Answer | null> {
    const { party } = asked;
    return new Promise((resolve, reject) => {
      const lane = this.#quick;
      lane.queue.add({ submitter: party, job: party, cost: QUANTUM_MS, resolve, reject, ...asked });
      addTo(this.#waiting, party, 1);
      if (lane.atWork?.isOverdue === true) this.#takeBackForOthers(lane.atWork);
      void this.#begin(lane);
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...[this.#quick, this.#slow].map(({ pool }) => pool.destroy()), ...this.#ending]);
  }

  #openLane(): Lane<Work, Answer> {
    return { pool: this.#openPool(), queue: new FairQueue(QUANTUM_MS), atWork: null, warmUntilMs: 0 };
  }

  #openPool(): Piscina<Work, Answer> {
    const { filename, idleMs } = this.#options;
    const threads = { minThreads: 0, maxThreads: 1, concurrentTasksPerWorker: 1 };
    return new Piscina<Work, Answer>({ filename, execArgv: [], idleTimeout: idleMs, ...threads });
  }

  /** A pool whose thread is ended while it starts may never start another: the next turn has a pool of its own. */
  #openAnew(lane: Lane<Work, Answer>): void {
    const ended = lane.pool.destroy().catch(() => {});
    this.#ending.add(ended);
    void ended.then(() => this.#ending.delete(ended));
    lane.pool = this.#openPool();
    lane.warmUntilMs = 0;
  }

  #takeBackForOthers({ party, takeBack }: AtWork): void {
    if ([...this.#waiting.keys()].some((other) => other !== party)) takeBack();
  }

  /** Never rejects. */
  async #begin(lane: Lane<Work, Answer>): Promise<void> {
    const next = lane.atWork === null ? lane.queue.take() : null;
    if (next === null) return;
    if (lane === this.#quick) addTo(this.#waiting, next.party, -1);
    const known = next.known?.() ?? null;
    if (known !== null) {
      next.resolve(known);
      return this.#begin(lane);
    }
    const { quickMsMax, workMsMax } = this.#options;
    const [beganMs, over] = [performance.now(), new AbortController()];
    let isTakenBack = false;
    const takeBack = () => {
      isTakenBack = true;
      over.abort();
    };
    const atWork: AtWork = { party: next.party, isOverdue: false, takeBack };
    lane.atWork = atWork;
    const longest = setTimeout(() => over.abort(), workMsMax);
    const overdue = () => {
      atWork.isOverdue = true;
      this.#takeBackForOthers(atWork);
    };
    // To start a thread, with the code that it loads, is nobody's time.
    const startMs = performance.now() < lane.warmUntilMs ? 0 : THREAD_START_MS_MAX;
    const look = lane === this.#quick ? setTimeout(overdue, startMs + quickMsMax) : undefined;
    try {
      next.resolve(await lane.pool.run(next.work(), { signal: over.signal }));
      lane.warmUntilMs = performance.now() + this.#options.idleMs;
    } catch (error) {
      if (over.signal.aborted && !this.#isClosed) this.#openAnew(lane);
      if (!over.signal.aborted) next.reject(error);
      else if (isTakenBack) {
        this.#slow.queue.add(next);
        void this.#begin(this.#slow);
      } else next.resolve(null);
    } finally {
      clearTimeout(longest);
      clearTimeout(look);
      lane.atWork = null;
      // A turn counts as one, however short.
      lane.queue.charge(next, Math.max(0, performance.now() - beganMs - next.cost));
      void this.#begin(lane);
    }
  }
}

interface Lane<Work, Answer> {
  pool: Piscina<Work, Answer>;
  /** Until then its thread is there. */
  warmUntilMs: number;
  readonly queue: FairQueue<Waiting<Work, Answer>>;
  atWork: AtWork | null;
}
