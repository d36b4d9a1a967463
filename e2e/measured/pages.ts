/** Which pages hold written tables, and what stands in them by the committed figures. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { DOCS, FIGURES_BYTES_MAX, figuresOf, figuresSizes, partsOf } from "./figures-file.ts";
import { markedIn, withMarked } from "./marked-blocks.ts";
import type { Figures, MeasuredRun } from "./measured-table.ts";
import { RUNS } from "./runs.ts";

const ROOT = join(DOCS, "..");

interface Page {
  readonly path: string;
  /** As a reader knows it: docs/measured.md */
  readonly name: string;
  readonly text: string;
}

/** The README and every page of docs. */
function pages(): Page[] {
  const inDocs = readdirSync(DOCS, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".md"));
  return [join(ROOT, "README.md"), ...inDocs.map((name) => join(DOCS, name))].map((path) => {
    return { path, name: relative(ROOT, path), text: readFileSync(path, "utf8") };
  });
}

/** Texts of all tables and single figures by RUN/NAME; where nobody measured a run yet, they say so. */
export function writtenTexts(
  runs: readonly MeasuredRun[] = RUNS,
  figures: (run: MeasuredRun) => Figures | null = figuresOf,
): Map<string, string> {
  const texts = new Map<string, string>();
  for (const run of runs) {
    const measured = figures(run);
    if (measured === null) {
      for (const name of Object.keys(run.tables)) texts.set(`${run.name}/${name}`, notMeasured(run.name));
      for (const name of Object.keys(run.figures ?? {})) texts.set(`${run.name}/${name}`, "*not measured yet*");
      continue;
    }
    for (const [name, textOf] of Object.entries({ ...run.tables, ...run.figures })) {
      texts.set(`${run.name}/${name}`, textOf(measured));
    }
  }
  return texts;
}

const notMeasured = (run: string) => `*Not measured yet: \`npm run measure -- --only ${run}\` writes this table.*`;

/** Every picture of runs that were measured: its file, and what it should hold. */
function pictures(): { readonly path: string; readonly svg: string }[] {
  return RUNS.flatMap((run) => {
    const measured = figuresOf(run);
    if (measured === null) return [];
    return Object.entries(run.pictures ?? {}).map(([name, svgOf]) => {
      return { path: join(DOCS, "measured", `${name}.svg`), svg: svgOf(measured) };
    });
  });
}

const holds = (path: string, text: string) => existsSync(path) && readFileSync(path, "utf8") === text;

/** Puts every table, figure and picture in its place. @returns names of the files that changed */
export function writePages(): string[] {
  const texts = writtenTexts();
  const changed = pages().filter(({ text }) => withMarked(text, texts) !== text);
  for (const { path, text } of changed) writeFileSync(path, withMarked(text, texts));
  const drawn = pictures().filter(({ path, svg }) => !holds(path, svg));
  for (const { path, svg } of drawn) writeFileSync(path, svg);
  return [...changed.map(({ name }) => name), ...drawn.map(({ path }) => relative(ROOT, path))];
}

/** @returns a sentence for each thing that is wrong: a page that says something else than the figures, a name that is none, ... */
export function whatIsWrong(): string[] {
  const texts = writtenTexts();
  const shown = new Set<string>();
  const wrong: string[] = [];
  for (const { name, text } of pages()) {
    const { tables, figures } = markedIn(text);
    for (const marked of [...tables, ...figures]) {
      shown.add(marked);
      if (!texts.has(marked)) wrong.push(`${name} names "${marked}", of which there are no figures: npm run measure`);
    }
    if (withMarked(text, texts) !== text) {
      wrong.push(`${name} says something else than docs/measured/figures: npm run measure writes it`);
    }
  }
  for (const marked of texts.keys()) if (!shown.has(marked)) wrong.push(`"${marked}" stands in no page`);
  for (const { path, svg } of pictures()) {
    if (!holds(path, svg)) wrong.push(`${relative(ROOT, path)} shows something else than the figures: npm run measure`);
  }
  const sizes = figuresSizes();
  const known = new Map(RUNS.flatMap(partsOf).map((part) => [part.path, part]));
  for (const path of sizes.keys()) {
    const part = known.get(path);
    if (part === undefined) {
      wrong.push(`${relative(ROOT, path)} is of no run`);
      continue;
    }
    const { command } = JSON.parse(readFileSync(path, "utf8")) as Figures;
    if (command !== part.command)
      wrong.push(`${relative(ROOT, path)} comes from "${command}", expected "${part.command}"`);
  }
  const bytes = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  if (bytes > FIGURES_BYTES_MAX) {
    wrong.push(`docs/measured/figures: expected at most ${FIGURES_BYTES_MAX} bytes, got ${bytes}`);
  }
  return wrong;
}
