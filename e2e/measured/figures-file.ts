/** docs/measured/figures/RUN.json: what a bench left, committed beside the pages that show it; RUN.1.json and so on of a run in parts. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { npmRun } from "../bench/npm-run.ts";
import type { Figures, MeasuredRun, Row } from "./measured-table.ts";

export const DOCS = join(import.meta.dirname, "../../docs");
export const FIGURES = join(DOCS, "measured/figures");

/** All files of figures together: they travel with every clone. */
export const FIGURES_BYTES_MAX = 5_000_000;

/** A run of a bench that has a file of its own. */
export interface Part {
  readonly path: string;
  /** As anybody can type it. */
  readonly command: string;
  /** Of `npm run`. */
  readonly script: string;
  readonly args: readonly string[];
}

export function partsOf({ name, bench, script = "bench", args, parts }: MeasuredRun): Part[] {
  return (parts ?? [[]]).map((own, n) => {
    const all = [...(bench === null ? [] : [bench]), ...args, ...own];
    const file = parts === undefined ? name : `${name}.${n + 1}`;
    return { path: join(FIGURES, `${file}.json`), command: npmRun(script, all), script, args: all };
  });
}

/** @returns null where some of it was not measured yet */
export function figuresOf(run: MeasuredRun): Figures | null {
  const paths = partsOf(run).map(({ path }) => path);
  if (!paths.every((path) => existsSync(path))) return null;
  const all = paths.map((path) => JSON.parse(readFileSync(path, "utf8")) as Figures);
  return run.parts === undefined ? all[0]! : together(all);
}

/**
 * Figures of several parts as one: their tables have the rows of all, each with the number of its part from 1 on. What else is said (machine,
 * commit, seed) is the first part's, `seconds` are added up, and `load` is the largest.
 */
export function together(parts: readonly Figures[]): Figures {
  const tables = Object.keys(parts[0]!).filter((key) => Array.isArray(parts[0]![key]));
  const rowsOf = (key: string) =>
    parts.flatMap((part, n) => (part[key] as readonly Row[]).map((row) => ({ ...row, part: n + 1 })));
  return {
    ...parts[0]!,
    seconds: parts.reduce((sum, { seconds }) => sum + seconds, 0),
    load: Math.max(...parts.map(({ load }) => load)),
    ...Object.fromEntries(tables.map((key) => [key, rowsOf(key)])),
  };
}

/** Bytes of each file of figures, by its path. */
export function figuresSizes(): ReadonlyMap<string, number> {
  if (!existsSync(FIGURES)) return new Map();
  const paths = readdirSync(FIGURES)
    .filter((name) => name.endsWith(".json"))
    .map((name) => join(FIGURES, name));
  return new Map(paths.map((path) => [path, statSync(path).size]));
}
