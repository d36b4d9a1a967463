/** docs/measured/figures/RUN.json: what a bench left, committed beside the pages that show it. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Figures } from "./measured-table.ts";

export const DOCS = join(import.meta.dirname, "../../docs");
export const FIGURES = join(DOCS, "measured/figures");

/** All files of figures together: they travel with every clone. */
export const FIGURES_BYTES_MAX = 5_000_000;

export const figuresPath = (run: string): string => join(FIGURES, `${run}.json`);

/** @returns null where nobody measured it yet */
export function figuresOf(run: string): Figures | null {
  const path = figuresPath(run);
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Figures) : null;
}

/** Bytes of each file of figures, by the name of its run. */
export function figuresSizes(): ReadonlyMap<string, number> {
  if (!existsSync(FIGURES)) return new Map();
  const names = readdirSync(FIGURES).filter((name) => name.endsWith(".json"));
  return new Map(names.map((name) => [name.slice(0, -".json".length), statSync(join(FIGURES, name)).size]));
}
