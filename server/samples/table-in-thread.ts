import { Worker } from "node:worker_threads";
import type { SampleTable, TableRequest } from "./regression-tables.ts";

/** makeTable in a thread of its own: the event loop goes on. @throws what makeTable throws */
export function tableInThread(request: TableRequest): Promise<SampleTable> {
  const worker = new Worker(new URL("./sample-thread.mjs", import.meta.url), { execArgv: [], workerData: request });
  return new Promise((resolve, reject) => {
    worker.on("message", resolve);
    worker.on("error", reject);
    // Too late where the table has come: a promise settles once.
    worker.on("exit", (code) => reject(new Error(`samples: expected a table, but its thread ended with ${code}`)));
  });
}
