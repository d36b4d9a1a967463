/** Gives a target hostile inputs until its time is over. */
import fc from "fast-check";
import { type FuzzTarget, runTarget } from "./fuzz-target.ts";
import { hostileBytes } from "./hostile-bytes.ts";

export interface FuzzRow {
  readonly target: string;
  readonly inputs: number;
  /** What went wrong, with the seed and the smallest input, in hexadecimal. */
  readonly crashes: string[];
}

const BATCH = 200;
/** Inputs that crash alike are one crash: after so many of one target it is left alone. */
const CRASHES_MAX = 3;
const SHOWN_BYTES = 400;

export async function fuzz(target: FuzzTarget, options: { seed: number; msMax: number }): Promise<FuzzRow> {
  const untilMs = performance.now() + options.msMax;
  const crashes: string[] = [];
  let inputs = 0;
  for (let batch = 0; batch === 0 || performance.now() < untilMs; batch++) {
    const seed = (options.seed + batch * 7_919) | 0;
    const property = fc.asyncProperty(hostileBytes(target.seeds), async (input) => {
      inputs++;
      await runTarget(target, input);
    });
    const found = await fc.check(property, { seed, numRuns: BATCH });
    if (!found.failed) continue;
    const [input] = found.counterexample ?? [];
    const shown = Buffer.from(input ?? [])
      .subarray(0, SHOWN_BYTES)
      .toString("hex");
    const error = found.errorInstance instanceof Error ? found.errorInstance.message : String(found.errorInstance);
    crashes.push(`seed ${seed}: ${error}\n  input ${shown}`);
    if (crashes.length >= CRASHES_MAX) break;
  }
  return { target: target.name, inputs, crashes };
}
