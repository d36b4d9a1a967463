/** A crowd of volunteers in worker threads, beside the coordinator that is measured. */
import { Worker } from "node:worker_threads";
import type { ThreadFigures, ThreadTask } from "./volunteers-in-thread.ts";

const SESSIONS_PER_THREAD_MAX = 2_500;

export class VolunteerThreads {
  readonly #workers: readonly Worker[];

  private constructor(workers: readonly Worker[]) {
    this.#workers = workers;
  }

  /** Resolves when all are welcome. @throws Error where one is refused */
  static async open(url: string, sessions: number): Promise<VolunteerThreads> {
    const workers: Worker[] = [];
    const entry = new URL("volunteer-thread.mjs", import.meta.url);
    for (let left = sessions; left > 0; left -= SESSIONS_PER_THREAD_MAX) {
      const task: ThreadTask = { url, sessions: Math.min(left, SESSIONS_PER_THREAD_MAX) };
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
    return { taken: all.reduce((sum, { taken }) => sum + taken, 0), ackMs: all.flatMap(({ ackMs }) => ackMs) };
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}

function heard<T>(worker: Worker): Promise<T> {
  return new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}
