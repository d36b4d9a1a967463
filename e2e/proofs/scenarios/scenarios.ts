/** The experiments by name, for `npm run swarm -- --scenario NAME`. */
import type { Measurer } from "../../bench/measurement.ts";
import { approxiferAccuracy } from "./approxifer-accuracy.ts";

const ALL: readonly Measurer[] = [approxiferAccuracy];

/** @throws Error that lists the names there are */
export function scenarioNamed(name: string): Measurer {
  const found = ALL.find((scenario) => scenario.name === name);
  if (found === undefined) {
    throw new Error(`scenario: expected one of ${ALL.map((scenario) => scenario.name).join(", ")}, got "${name}"`);
  }
  return found;
}
