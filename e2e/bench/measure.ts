import { writeFile } from "node:fs/promises";
import { loadavg } from "node:os";
import type { Measurement, MeasureOptions, Measurer } from "./measurement.ts";
import { printed } from "./table.ts";
import { commit, machine } from "./where.ts";

/** Runs a bench or a scenario, prints its table, and writes the figures where a file is named. */
export async function measure(
  measurer: Measurer,
  { seed, jsonFile, flags = {} }: { seed: number; jsonFile: string | null } & Pick<MeasureOptions, "flags">,
): Promise<Measurement> {
  if (!Number.isSafeInteger(seed)) throw new Error(`--seed: expected a whole number, got ${seed}`);
  const startMs = Date.now();
  const load = Number(loadavg()[0]!.toFixed(2));
  // Before the run: whoever edits while it lasts changes nothing of what is measured.
  const where = { machine: machine(), commit: commit() };
  const measurement = await measurer.run({ seed, flags, progress: (line) => console.error(line) });
  console.log(`${printed(measurement)}\n\nSeed ${seed}. ${where.machine}.`);
  if (jsonFile !== null) {
    const { name, rows, tables = [] } = measurement;
    const further = Object.fromEntries(tables.map((table) => [table.name, table.rows]));
    const date = new Date(startMs).toISOString().slice(0, "YYYY-MM-DD".length);
    const when = { date, seconds: Math.round((Date.now() - startMs) / 1000), load };
    const common = { name, command: typedCommand(jsonFile), ...when, ...where, seed };
    await writeFile(jsonFile, figuresText(common, { rows, ...further }));
  }
  return measurement;
}

/** What was typed, without the file of figures, as `npm run` takes it. */
function typedCommand(jsonFile: string): string {
  const args = process.argv.slice(2);
  const at = args.indexOf(jsonFile);
  const typed = args.filter((arg, i) => i !== at && (i !== at - 1 || at < 0) && arg !== `--json=${jsonFile}`);
  return ["npm run bench --", ...typed].join(" ");
}

/** JSON with a row a line: small, and a change shows as the rows that changed. */
function figuresText(facts: object, tables: Readonly<Record<string, readonly object[]>>): string {
  const factLines = Object.entries(facts).map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)}`);
  const tableLines = Object.entries(tables).map(([key, rows]) => {
    const lines = rows.map((row) => `    ${JSON.stringify(row, rounded)}`);
    return `  ${JSON.stringify(key)}: [\n${lines.join(",\n")}\n  ]`;
  });
  return `{\n${[...factLines, ...tableLines].join(",\n")}\n}\n`;
}

/** Six significant digits: more than any table shows. */
const rounded = (_: string, value: unknown) =>
  typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value;
