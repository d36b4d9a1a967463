/** One seed of `npm run simulate`: run, judged, and now and then run again to see that it is the same. */
import { drawnProblems, drawnRun, type SimulationMode } from "./drawn-run.ts";
import { type SimulationReport, simulate } from "./simulation.ts";

/** One run in a hundred is done twice. */
const TWICE_EVERY = 100;

export interface SeedOutcome {
  readonly happenings: number;
  readonly problems: readonly string[];
}

/** Whatever happens it is told as a problem of this seed, an exception too. */
export async function runDrawnSeed(
  seed: number,
  mode: SimulationMode = "safety",
  tabs?: number,
  twice = seed % TWICE_EVERY === 0,
): Promise<SeedOutcome> {
  try {
    const options = drawnRun(seed, mode, tabs);
    const { happenings, problems, traceHash } = judged(await simulate(options), mode);
    const again = twice ? await simulate(options) : { happenings, traceHash };
    if (again.traceHash === traceHash && again.happenings === happenings) return { happenings, problems };
    return { happenings, problems: [...problems, `[EV1] the same seed gave ${traceHash}, then ${again.traceHash}`] };
  } catch (error) {
    return { happenings: 0, problems: [`the run broke off: ${error instanceof Error ? error.stack : error}`] };
  }
}

function judged(report: SimulationReport, mode: SimulationMode) {
  const { happenings, traceHash } = report;
  return { happenings, traceHash, problems: drawnProblems(report, mode) };
}
