import { writeFile } from "node:fs/promises";
import type { Measurement, MeasureOptions, Measurer } from "./measurement.ts";
import { printed } from "./table.ts";
import { commit, machine } from "./where.ts";

/** Runs a bench or a scenario, prints its table, and writes the figures where a file is named. */
export async function measure(
  measurer: Measurer,
  { seed, jsonFile, flags = {} }: { seed: number; jsonFile: string | null } & Pick<MeasureOptions, "flags">,
): Promise<Measurement> {
  if (!Number.isSafeInteger(seed)) throw new Error(`--seed: expected a whole number, got ${seed}`);
  const measurement = await measurer.run({ seed, flags, progress: (line) => console.error(line) });
  const where = { machine: machine(), commit: commit() };
  console.log(`${printed(measurement)}\n\nSeed ${seed}. ${where.machine}.`);
  if (jsonFile !== null) {
    const { name, rows, tables = [] } = measurement;
    const further = Object.fromEntries(tables.map((table) => [table.name, table.rows]));
    await writeFile(jsonFile, `${JSON.stringify({ name, ...where, seed, rows, ...further }, null, 2)}\n`);
  }
  return measurement;
}
