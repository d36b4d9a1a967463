/** A run made smaller, to see what a failure needs: without some of its faults, tabs or jobs, or cut short. */
import { HONEST } from "../../crowd/tab-faults.ts";
import type { SimulationOptions } from "./simulation.ts";

/** Troubles of a run that can be left out, by name. */
const TROUBLES = {
  crashes: { crashMsMean: null },
  "crashes in writes": { crashInWriteShare: 0 },
  stops: { stopShare: 0 },
  refusals: { refusalShare: 0 },
  cuts: { cutMsMean: null },
  collections: { collectMsMean: null },
  releases: { releaseMsMean: null },
  cancellations: { cancelShare: 0 },
} satisfies Record<string, Partial<SimulationOptions>>;

export type Trouble = keyof typeof TROUBLES;
export const TROUBLE_NAMES = Object.keys(TROUBLES) as Trouble[];

export interface Reduction {
  readonly without: readonly Trouble[];
  /** Tabs that have no faults. */
  readonly honest: readonly number[];
  readonly tabs: number;
  /** Jobs left out, by kind and number. */
  readonly dropped: readonly string[];
}

const KINDS = ["jobs", "regressionJobs", "matmulJobs"] as const;

export function wholeRun(options: SimulationOptions): Reduction {
  return { without: [], honest: [], tabs: options.tabs ?? 0, dropped: [] };
}

export function jobNames(options: SimulationOptions): string[] {
  return KINDS.flatMap((kind) => (options[kind] ?? []).map((_, n) => `${kind}/${n}`));
}

export function reduced(options: SimulationOptions, { without, honest, tabs, dropped }: Reduction): SimulationOptions {
  const kept = KINDS.map((kind) => [kind, (options[kind] ?? []).filter((_, n) => !dropped.includes(`${kind}/${n}`))]);
  const faultsOf = options.faults;
  return {
    ...options,
    ...Object.assign({}, ...without.map((trouble) => TROUBLES[trouble])),
    ...Object.fromEntries(kept),
    tabs,
    faults: (tab) => (honest.includes(tab) ? HONEST : (faultsOf?.(tab) ?? HONEST)),
  };
}
