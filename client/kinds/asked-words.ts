/** A submission as a command line, word by word: as it was typed, or as somebody would type it. Pure. */
import type { SubmissionAsked } from "../../shared/kinds/job-list.ts";
import { KINDS } from "../../shared/kinds/kinds.ts";

export type Settings = Readonly<Record<string, unknown>>;

/** Settings alone, and of these what is not as it would be anyway. */
export function settingsAsked({ kind, source, asked: _asked, ...settings }: SubmissionAsked): Settings {
  const bare = KINDS[kind].submission.safeParse({ kind, source });
  const fallbacks: Settings = bare.success ? { ...bare.data } : {};
  const isSet = ([name, value]: [string, unknown]) => JSON.stringify(value) !== JSON.stringify(fallbacks[name]);
  return Object.fromEntries(Object.entries(settings).filter(isSet));
}

/** @returns flags and their values */
export function settingWords(settings: Settings): string[] {
  return Object.entries(settings).flatMap(([name, value]) => {
    if (name === "aim") return aimWords(value as Settings);
    if (typeof value !== "object" || value === null) return flagWords(name, value);
    return Object.entries(value).flatMap(([part, inner]) => flagWords(`${name}-${part}`, inner));
  });
}

const AIM_WORDS: Readonly<Record<string, (value: unknown) => string[]>> = {
  finishWithinMs: (ms) => flagWords("within", `${Number(ms)}ms`),
};

function aimWords(aim: Settings): string[] {
  return Object.entries(aim).flatMap(([name, value]) => AIM_WORDS[name]?.(value) ?? flagWords(name, value));
}

/** @param name of the API, or of the flag */
export function flagWords(name: string, value: unknown): string[] {
  return [`--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`, String(value)];
}

/** @returns the words as a shell reads them, a line for each flag */
export function shellCommand(words: readonly string[]): string {
  const lines: string[] = [];
  for (const word of words) {
    if (lines.length === 0 || word.startsWith("--")) lines.push(inShell(word));
    else lines[lines.length - 1] += ` ${inShell(word)}`;
  }
  return lines.join(" \\\n  ");
}

/** Quoted where a shell would read it otherwise. */
function inShell(word: string): string {
  return /^[\w./:@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
