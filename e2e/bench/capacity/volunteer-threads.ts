/** A crowd of volunteers in worker threads, beside the coordinator that is measured. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { ThreadFigures, ThreadTask } from "./volunteers-in-thread.ts";

const SESSIONS_PER_THREAD_MAX = 2_500;

export class VolunteerThreads {
  readonly #workers: readonly Worker[];

  private constructor(workers: readonly Worker[]) {
    this.#workers = workers;
  }

  /** Resolves when all are welcome. @throws Error where one is refused */
  static async open(crowd: ThreadTask): Promise<VolunteerThreads> {
    const workers: Worker[] = [];
    const entry = new URL("volunteer-thread.mjs", import.meta.url);
    for (let left = crowd.sessions; left > 0; left -= SESSIONS_PER_THREAD_MAX) {
      const task: ThreadTask = { ...crowd, sessions: Math.min(left, SESSIONS_PER_THREAD_MAX) };
      workers.push(new Worker(entry, { workerData: task }));
    }
    const threads = new VolunteerThreads(workers);
    try {
      await Promise.all(workers.map((worker) => heard(worker)));
      return threads;
    } catch (error) {
      await threads.close();
      throw error;
    }
  }

  /** Of what was answered since this was asked last. */
  async figures(): Promise<ThreadFigures> {
    const all = await Promise.all(
      this.#workers.map(async (worker) => {
        const answer = heard<{ figures: ThreadFigures }>(worker);
        worker.postMessage("figures");
        return (await answer).figures;
      }),
    );
    const firsts = all.flatMap(({ firstBatchAtMs }) => firstBatchAtMs ?? []);
    return {
      taken: all.reduce((sum, { taken }) => sum + taken, 0),
      ackMs: all.flatMap(({ ackMs }) => ackMs),
      firstBatchAtMs: firsts.length === 0 ? null : Math.min(...firsts),
    };
  }

  /** Sessions that are welcome now. */
  async connected(): Promise<number> {
    const all = await Promise.all(
      this.#workers.map(async (worker) => {
        const answer = heard<{ connected: number }>(worker);
        worker.postMessage("connected");
        return (await answer).connected;
      }),
    );
    return all.reduce((sum, connected) => sum + connected, 0);
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}

/** What it says next. @throws what ends it */
async function heard<T>(worker: Worker): Promise<T> {
  const [message] = await once(worker, "message");
  return message as T;
}
