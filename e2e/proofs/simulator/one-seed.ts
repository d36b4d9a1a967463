/** One seed of `npm run simulate`: run, judged, and now and then run again to see that it is the same. */
import { simulateCells } from "./cells/simulate-cells.ts";
import { drawnProblems, drawnRun, type SimulationMode } from "./drawn-run.ts";
import { type SimulationReport, simulate } from "./simulation.ts";

/** One run in a hundred is done twice. */
const TWICE_EVERY = 100;

/** cells: several coordinators on one database, in place of one. */
export type SeedMode = SimulationMode | "cells";

export interface SeedOutcome {
  readonly happenings: number;
  readonly problems: readonly string[];
  /** Of jobs on the ledger of rows: answers that were wrong and final, and wrong ones for which accounts were charged. */
  readonly wrongFinal: number;
  readonly charged: number;
}

/** Whatever happens it is told as a problem of this seed, an exception too. */
export async function runDrawnSeed(
  seed: number,
  mode: SeedMode = "safety",
  tabs?: number,
  twice = seed % TWICE_EVERY === 0,
): Promise<SeedOutcome> {
  try {
    if (mode === "cells") return await runCellsSeed(seed, twice);
    const options = drawnRun(seed, mode, tabs);
    const { traceHash, ...outcome } = judged(await simulate(options), mode);
    const { happenings, problems } = outcome;
    const again = twice ? await simulate(options) : { happenings, traceHash };
    if (again.traceHash === traceHash && again.happenings === happenings) return outcome;
    return { ...outcome, problems: [...problems, `[EV1] the same seed gave ${traceHash}, then ${again.traceHash}`] };
  } catch (error) {
    const problem = `the run broke off: ${error instanceof Error ? error.stack : error}`;
    return { happenings: 0, problems: [problem], wrongFinal: 0, charged: 0 };
  }
}

async function runCellsSeed(seed: number, twice: boolean): Promise<SeedOutcome> {
  const report = await simulateCells(seed);
  const isSame = !twice || JSON.stringify(await simulateCells(seed)) === JSON.stringify(report);
  const { happenings, problems } = report;
  const told = isSame ? problems : [...problems, "[EV1] the same seed gave two runs"];
  return { happenings, problems: told, wrongFinal: 0, charged: 0 };
}

function judged(report: SimulationReport, mode: SimulationMode) {
  const { happenings, traceHash, charged, jobs } = report;
  const wrongFinal = jobs.reduce((sum, job) => sum + job.wrongFinal, 0);
  return { happenings, traceHash, problems: drawnProblems(report, mode), wrongFinal, charged };
}
