/** One setting of the `avcc` bench with delays that really pass: what the virtual clock claims, on the wall clock. */
import { createWasmKernels } from "../../shared/compute/field/wasm-kernels.ts";
import { BENCH_SCHEMES, ITERATIONS, SETTINGS } from "./avcc-cases.ts";
import { benchData } from "./avcc-data.ts";
import { ROW_COLUMNS, rowsOf, type Sample, sampleOf } from "./avcc-rows.ts";
import { realRun } from "./avcc-runs.ts";
import type { Measurement, MeasureOptions } from "./measurement.ts";

/** @param flag which setting, "S,M" */
export async function avccInRealTime(flag: string, { seed, progress }: MeasureOptions): Promise<Measurement> {
  const setting = SETTINGS.find(({ stragglers, liars }) => `${stragglers},${liars}` === flag);
  if (setting === undefined) {
    const known = SETTINGS.map(({ stragglers, liars }) => `${stragglers},${liars}`).join(" or ");
    throw new Error(`--real-time: expected ${known}, got "${flag}"`);
  }
  const data = await benchData();
  const samples: [string, Sample][] = [];
  for (const scheme of BENCH_SCHEMES) {
    progress(`${scheme}, in real time`);
    const kernels = await createWasmKernels();
    const crowdCase = { scheme, setting, attack: "reverse", model: "pinned", seed, repeat: 0 } as const;
    const { trajectory } = await realRun(crowdCase, data, kernels, {}, { isRealTime: true });
    kernels.dispose();
    samples.push([scheme, sampleOf(trajectory.endsMs, trajectory.accuracies, trajectory.wrongAccepted)]);
  }
  return {
    name: "avcc",
    title: `Coded logistic regression in real time, S = ${setting.stragglers}, M = ${setting.liars}, ${ITERATIONS} iterations, one run each: injected delays really pass, everything on one thread.`,
    columns: ROW_COLUMNS,
    rows: rowsOf(setting, "reverse", "pinned", samples),
    notes: ["The test accuracy of each iteration is worked out between iterations, some milliseconds of each."],
  };
}
