import { writeFile } from "node:fs/promises";
import { loadavg } from "node:os";
import type { Measurement, MeasureOptions, Measurer } from "./measurement.ts";
import { npmRun } from "./npm-run.ts";
import { printed } from "./table.ts";
import { commit, machine } from "./where.ts";

export interface MeasureRun extends Pick<MeasureOptions, "flags"> {
  readonly seed: number;
  readonly jsonFile: string | null;
  /** Of `npm run SCRIPT`; bench unless told. */
  readonly script?: string;
}

/** Runs a bench or a scenario, prints its table, and writes the figures where a file is named. */
export async function measure(
  measurer: Measurer,
  { seed, jsonFile, flags = {}, script = "bench" }: MeasureRun,
): Promise<Measurement> {
  if (!Number.isSafeInteger(seed)) throw new Error(`--seed: expected a whole number, got ${seed}`);
  const begun = beginning();
  const measurement = await measurer.run({ seed, flags, progress: (line) => console.error(line) });
  console.log(`${printed(measurement)}\n\nSeed ${seed}. ${begun.machine}.`);
  if (jsonFile !== null) await writeFigures(jsonFile, measurement, { script, seed, begun });
  return measurement;
}

interface Beginning {
  readonly startMs: number;
  readonly load: number;
  readonly machine: string;
  readonly commit: string | null;
}

/** Before the run: whoever edits while it lasts changes nothing of what is measured. */
export function beginning(): Beginning {
  return { startMs: Date.now(), load: Number(loadavg()[0]!.toFixed(2)), machine: machine(), commit: commit() };
}

/** @param script of `npm run`, whose arguments are this process's */
export async function writeFigures(
  jsonFile: string,
  { name, rows, set, tables = [] }: Pick<Measurement, "name" | "rows" | "set" | "tables">,
  { script, seed, begun }: { readonly script: string; readonly seed: number; readonly begun: Beginning },
): Promise<void> {
  const { startMs, load, machine, commit } = begun;
  const further = Object.fromEntries(tables.map((table) => [table.name, table.rows]));
  const date = new Date(startMs).toISOString().slice(0, "YYYY-MM-DD".length);
  const seconds = Math.round((Date.now() - startMs) / 1000);
  const common = { name, command: typedCommand(script, jsonFile), date, seconds, load, machine, commit, seed };
  await writeFile(jsonFile, figuresText({ ...common, ...(set === undefined ? {} : { set }) }, { rows, ...further }));
}

/** What was typed, without the file of figures, as `npm run` takes it. */
function typedCommand(script: string, jsonFile: string): string {
  const args = process.argv.slice(2);
  const at = args.indexOf(jsonFile);
  const typed = args.filter((arg, i) => i !== at && (i !== at - 1 || at < 0) && arg !== `--json=${jsonFile}`);
  return npmRun(script, typed);
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
