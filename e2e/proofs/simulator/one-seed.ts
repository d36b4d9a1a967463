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
    const { happenings, problems, traceHash } = judged(await simulate(options), mode);
    const again = twice ? await simulate(options) : { happenings, traceHash };
    if (again.traceHash === traceHash && again.happenings === happenings) return { happenings, problems };
    return { happenings, problems: [...problems, `[EV1] the same seed gave ${traceHash}, then ${again.traceHash}`] };
  } catch (error) {
    return { happenings: 0, problems: [`the run broke off: ${error instanceof Error ? error.stack : error}`] };
  }
}

async function runCellsSeed(seed: number, twice: boolean): Promise<SeedOutcome> {
  const report = await simulateCells(seed);
  const isSame = !twice || JSON.stringify(await simulateCells(seed)) === JSON.stringify(report);
  const { happenings, problems } = report;
  return { happenings, problems: isSame ? problems : [...problems, "[EV1] the same seed gave two runs"] };
}

function judged(report: SimulationReport, mode: SimulationMode) {
  const { happenings, traceHash } = report;
  return { happenings, traceHash, problems: drawnProblems(report, mode) };
}
