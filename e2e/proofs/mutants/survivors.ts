/**
 * The mutants of StrykerJS that no test beside them killed, and the list of those that are accepted, with a reason each
 * (survivors.md). A mutant is known by its file and the text of its line, with what is changed in it between brackets: numbers
 * of lines move with every edit, the text of one line does not.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PROJECT } from "./patch-files.ts";

/** What is read of a report (mutation-testing-report-schema). Lines and columns count from 1; the end is behind the last one. */
export interface Report {
  readonly files: Readonly<Record<string, { readonly source: string; readonly mutants: readonly Mutant[] }>>;
}

export interface Mutant {
  readonly mutatorName: string;
  readonly replacement?: string;
  readonly status: string;
  readonly location: { readonly start: Place; readonly end: Place };
}

interface Place {
  readonly line: number;
  readonly column: number;
}

export interface Survivor {
  readonly file: string;
  readonly line: number;
  /** The line: `if ([[a < b -> a <= b]]) return;`. Of code over several lines, its first. */
  readonly change: string;
  readonly isReached: boolean;
}

export interface AcceptedSurvivor {
  readonly reason: string;
  readonly file: string;
  /** A star stands for any text, here and in the file's name. */
  readonly change: string;
}

const LIST = join("e2e", "proofs", "mutants", "survivors.md");

export function survivorsOf(file: string, { source, mutants }: Report["files"][string]): Survivor[] {
  return mutants
    .filter(({ status }) => status === "Survived" || status === "NoCoverage")
    .map((mutant) => ({
      file,
      line: mutant.location.start.line,
      change: changeOf(source, mutant),
      isReached: mutant.status === "Survived",
    }));
}

function changeOf(source: string, { replacement = "", location: { start, end } }: Mutant): string {
  const lines = source.split("\n");
  const [first, last] = [lines[start.line - 1]!, lines[end.line - 1]!];
  const before = first.slice(0, start.column - 1);
  const changed =
    start.line === end.line ? first.slice(start.column - 1, end.column - 1) : `${first.slice(start.column - 1)}...`;
  const change = `${before}[[${changed} -> ${replacement}]]${last.slice(end.column - 1)}`;
  return change.replaceAll(/\s+/g, " ").trim();
}

/** `## reason`, some words on it perhaps, then one mutant a line, indented: `file: change`. */
export function acceptedSurvivors(list = readFileSync(join(PROJECT, LIST), "utf8")): AcceptedSurvivor[] {
  const accepted: AcceptedSurvivor[] = [];
  let reason: string | undefined;
  for (const line of list.split("\n")) {
    if (line.startsWith("## ")) reason = line.slice("## ".length);
    if (!line.startsWith("    ")) continue;
    const [, file, change] = /^ {4}(\S+?): (.+)$/.exec(line) ?? [];
    if (file === undefined || reason === undefined)
      throw new Error(`${LIST}: expected "## reason" and below it "    file: change", got "${line}"`);
    accepted.push({ reason, file, change: change! });
  }
  return accepted;
}

export function accepts({ file, change }: AcceptedSurvivor, survivor: Survivor): boolean {
  return matches(file, survivor.file) && matches(change, survivor.change);
}

/** @param pattern a star stands for any text */
export function matches(pattern: string, text: string): boolean {
  const [first, ...rest] = pattern.split("*").map((part) => part.replaceAll(/[\\^$.|?+(){}[\]]/g, "\\$&"));
  return new RegExp(`^${[first, ...rest].join(".*")}$`).test(text);
}
