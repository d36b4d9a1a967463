/** A thread that makes one table, hands it over without a copy, and ends. */
import { parentPort, workerData } from "node:worker_threads";
import { makeTable, type TableRequest } from "./regression-tables.ts";

const table = await makeTable(workerData as TableRequest);
parentPort!.postMessage(table, [table.featuresNpy.buffer, table.labelsNpy.buffer]);
