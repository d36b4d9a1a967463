/** A short look by the simulator: the first seeds in each mode, up to the first one that breaks a rule. */
import { runDrawnSeed, type SeedMode } from "../simulator/one-seed.ts";

const SEEDS: Readonly<Record<SeedMode, number>> = { safety: 20, liveness: 8, cells: 6 };

for (const mode of ["safety", "liveness", "cells"] as const) {
  for (let seed = 1; seed <= SEEDS[mode]; seed++) {
    const { problems } = await runDrawnSeed(seed, mode, undefined, false);
    if (problems.length === 0) continue;
    console.log(`seed ${seed} (${mode}): ${problems[0]!.split("\n")[0]}`);
    process.exit(1);
  }
}
