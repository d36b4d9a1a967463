/**
 * Whose task is next on a thread: shared between submitters, and between the jobs of each (shared/control/fair-queue.ts), on predicted time,
 * and charged what it really took. A thread computes one task at a time. One that waits for rows of its model computes nothing, and lets
 * the next one begin; of several threads one takes only quick tasks, so that nothing quick ever waits for anything slow.
 */
import { FairQueue, type Ticket } from "../../shared/control/fair-queue.ts";
import { JobOver } from "../../shared/control/job-over.ts";
import { NUMERICS_QUANTUM_MS, NUMERICS_QUICK_MS_MAX } from "../../shared/protocol/limits.ts";
import { TaskPace } from "./task-pace.ts";

export interface AskedTask {
  readonly task: string;
  readonly submitter: string;
  readonly job: string;
  /** Numbers that it goes through, as far as its input tells. */
  readonly size: number;
  readonly work: TaskWork;
}

/** Does it on that thread. It says when it begins to wait for something else, and when it goes on. */
export type TaskWork = (thread: number, turn: TaskTurn) => Promise<unknown>;

export interface TaskTurn {
  waits(): void;
  goesOn(): void;
}

interface Waiting extends AskedTask, Ticket {
  /** Set once nobody waits for it: whatever it fails with then (an aborted call, a thread that was ended) is no fault. */
  over: JobOver | null;
  /** Its thread broke, with whatever was on it: it is done once more, with nothing beside it. */
  readonly isAlone: boolean;
  resolve(output: unknown): void;
  reject(error: unknown): void;
}

/** What is on a thread: begun tasks, those of them that compute, and whether one is to be alone there. */
interface ThreadLoad {
  open: number;
  computing: number;
  isTaken: boolean;
}

/** Tasks that one thread has begun: of these all but one wait for rows of their models. */
const TASKS_PER_THREAD_MAX = 64;

export class FairTasks {
  readonly #queue = new FairQueue<Waiting>(NUMERICS_QUANTUM_MS);
  readonly #alone: Waiting[] = [];
  readonly #begun = new Set<Waiting>();
  readonly #threads: readonly ThreadLoad[];
  readonly #pace = new TaskPace();
  readonly #nowMs: () => number;

  /** @param nowMs a clock that never runs backwards */
  constructor(threads: number, nowMs: () => number = () => performance.now()) {
    this.#threads = Array.from({ length: threads }, () => ({ open: 0, computing: 0, isTaken: false }));
    this.#nowMs = nowMs;
  }

  /** @returns what the work returns @throws what it throws; JobOver once nobody waits for it */
  run(asked: AskedTask): Promise<unknown> {
    const { task, job, size } = asked;
    return new Promise((resolve, reject) => {
      const cost = this.#pace.predictedMs(task, job, size);
      this.#queue.add({ cost, isAlone: false, over: null, resolve, reject, ...asked });
      this.#begin();
    });
  }

  /** Nobody waits for the tasks of this job any more. */
  forget(job: string): void {
    this.#drop(new JobOver(), (waiting) => waiting.job === job);
  }

  /** Nobody waits for any task any more. */
  close(): void {
    this.#drop(new JobOver("the coordinator is stopping"), () => true);
  }

  /** Tasks that have not begun end now; those that have begun end when their work does. */
  #drop(over: JobOver, isMeant: (task: Waiting) => boolean): void {
    for (const task of [...this.#begun, ...this.#alone]) if (isMeant(task)) task.over = over;
    this.#queue.remove((waiting) => {
      if (!isMeant(waiting)) return false;
      waiting.reject(over);
      return true;
    });
  }

  #begin(): void {
    this.#threads.forEach((load, thread) => {
      if (load.isTaken || load.computing > 0 || load.open >= TASKS_PER_THREAD_MAX) return;
      const next = this.#nextFor(load, thread);
      if (next !== null) void this.#compute(thread, load, next);
    });
  }

  #nextFor(load: ThreadLoad, thread: number): Waiting | null {
    // With tasks of others on it, it takes no more until the one that is to be alone has it for itself.
    if (this.#alone.length > 0 && !this.#isQuickOnly(thread)) return load.open === 0 ? this.#alone.shift()! : null;
    return this.#queue.take(this.#isQuickOnly(thread) ? isQuick : undefined);
  }

  #isQuickOnly(thread: number): boolean {
    return thread === 0 && this.#threads.length > 1;
  }

  /** Never rejects. */
  async #compute(thread: number, load: ThreadLoad, waiting: Waiting): Promise<void> {
    const { task, job, size, work, isAlone, cost } = waiting;
    let [computedMs, sinceMs, isWaiting] = [0, this.#nowMs(), false];
    load.open++;
    load.computing++;
    load.isTaken = isAlone;
    this.#begun.add(waiting);
    const waits = () => {
      if (isWaiting) return;
      isWaiting = true;
      computedMs += this.#nowMs() - sinceMs;
      load.computing--;
      this.#begin();
    };
    const goesOn = () => {
      if (!isWaiting) return;
      isWaiting = false;
      sinceMs = this.#nowMs();
      load.computing++;
    };
    try {
      waiting.resolve(await work(thread, { waits, goesOn }));
      waits();
      this.#pace.measured(task, job, size, computedMs);
    } catch (error) {
      waits();
      if (waiting.over !== null) waiting.reject(waiting.over);
      else if (hasBroken(error) && !isAlone) this.#alone.push({ ...waiting, isAlone: true });
      else waiting.reject(error);
    } finally {
      this.#begun.delete(waiting);
      load.open--;
      load.isTaken = false;
      this.#queue.charge(waiting, computedMs - cost);
      this.#begin();
    }
  }
}

/** Did the thread itself end, with all that was on it? Node says so, and not the task. */
function hasBroken(error: unknown): boolean {
  const { code } = error as { readonly code?: unknown };
  return typeof code === "string" && code.startsWith("ERR_WORKER_");
}

function isQuick({ cost }: Waiting): boolean {
  return cost <= NUMERICS_QUICK_MS_MAX;
}
