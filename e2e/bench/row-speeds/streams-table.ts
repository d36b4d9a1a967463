/** Open jobs of the ledger: how long a row waits for its answer at three loads. */
import { randomAt } from "../../../shared/random/simulation-random.ts";
import { atMost, type Goal } from "../goals.ts";
import { poisson } from "../load.ts";
import type { Column } from "../measurement.ts";
import {
  type CoordinatorFigures,
  medianWaits,
  STREAM_LOADS,
  STREAM_ROWS,
  STREAM_WARM_UP,
  waitsOf,
} from "./coordinator-figures.ts";
import { SLOW_SHARES, streamCrowd } from "./drawn-crowds.ts";
import type { Section } from "./jobs-tables.ts";
import { runLedgerStream } from "./ledger-runs.ts";

/** Of the simulated coordinator's tabs, each way, on average. */
const NETWORK_MS = 5;
/** The most that a median may be, of the coordinator's before the ledger. */
const MEDIAN_ASKED = 1.1;

/**
 * Loads are of the coordinator's capacity before the ledger, so that all columns have the same arrivals.
 * @param before frozen
 */
export function streamsSection(
  seeds: readonly number[],
  coordinator: CoordinatorFigures["streams"],
  before: CoordinatorFigures["streams"],
): Section {
  const goals: Goal[] = [];
  const rows = SLOW_SHARES.flatMap((slowShare) => {
    const crowd = streamCrowd(slowShare);
    const { capacities, waits: waitsBefore } = before[crowd.name]!;
    return STREAM_LOADS.map((load, n) => {
      const own = medianWaits(
        seeds.map((seed) => {
          const capacity = capacities[seed - 1] ?? capacities[randomAt(seed).integer(capacities.length)]!;
          const postedMs = poisson(seed, STREAM_ROWS, capacity * load);
          const run = runLedgerStream({ seed, tabs: crowd.tabs(seed), postedMs, networkMs: NETWORK_MS });
          const latencyMs = run.firstMs.map((ms, row) => ms - postedMs[row]!);
          return { ...waitsOf(latencyMs), rowsAQuery: run.rowsComputed / STREAM_ROWS };
        }),
      );
      const most = MEDIAN_ASKED * waitsBefore[n]!.p50;
      goals.push(atMost(`stream at ${load}, ${crowd.name}: p50, ms`, most, own.p50));
      const beside = coordinator[crowd.name]!.waits[n]!;
      const besideColumns = { p50Beside: beside.p50, p99Beside: beside.p99, p999Beside: beside.p999 };
      return { crowd: crowd.name, load, ...own, ...besideColumns, rowsBeside: beside.rowsAQuery };
    });
  });
  const columns: Column[] = [
    { key: "crowd", title: "crowd" },
    { key: "load", title: "load", digits: 1 },
    { key: "p50", title: "p50, ms" },
    { key: "p99", title: "p99" },
    { key: "p999", title: "p99.9" },
    { key: "rowsAQuery", title: "rows a query", digits: 3 },
    { key: "p50Beside", title: "coordinator, uncoded: p50" },
    { key: "p99Beside", title: "p99" },
    { key: "p999Beside", title: "p99.9" },
    { key: "rowsBeside", title: "rows a query", digits: 3 },
  ];
  const notes = [
    `12 tabs, a claim takes 15 ms and 6 ms a row times the tab's own speed (.75 to 1.5), Poisson arrivals, ${STREAM_ROWS} rows of which the first ${STREAM_WARM_UP} do not count; loads are of what the coordinator answered before the ledger when there was always more to do.`,
  ];
  return { table: { name: "streams", title: "Rows of open jobs", columns, rows, notes }, goals };
}
