/** A short look by the simulator: the first seeds in both modes, up to the first one that breaks a rule. */
import type { SimulationMode } from "../simulator/drawn-run.ts";
import { runDrawnSeed } from "../simulator/one-seed.ts";

const SEEDS: Readonly<Record<SimulationMode, number>> = { safety: 20, liveness: 8 };

for (const mode of ["safety", "liveness"] as const) {
  for (let seed = 1; seed <= SEEDS[mode]; seed++) {
    const { problems } = await runDrawnSeed(seed, mode, undefined, false);
    if (problems.length === 0) continue;
    console.log(`seed ${seed} (${mode}): ${problems[0]!.split("\n")[0]}`);
    process.exit(1);
  }
}
