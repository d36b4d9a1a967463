import type { CsvColumns } from "./csv.ts";

/** Labels that are words, as classes: no and false are 0, yes and true are 1; other words count from 0 by the alphabet. */
const KNOWN: readonly (readonly [string, string])[] = [
  ["no", "yes"],
  ["false", "true"],
  ["n", "y"],
  ["f", "t"],
];

const LABEL_NAMES = /^(y|labels?|targets?|class)$/i;

/** The place of the column whose name says that it holds labels; null where none does, or several do. */
export function likelyLabels({ names }: CsvColumns): string | null {
  const places = (names ?? []).flatMap((name, place) => (LABEL_NAMES.test(name) ? [place] : []));
  return places.length === 1 ? String(places[0]) : null;
}

export const LABEL_WORDS_MAX = 1_000;

/**
 * @param words of all rows
 * @returns the class of each row, and what the classes are called, by class
 * @example classesOf(["yes", "no", "yes"]) // -> { classes: [1, 0, 1], names: ["no", "yes"] }
 */
export function classesOf(words: readonly string[]): { classes: number[]; names: string[] } {
  const found = [...new Set(words)];
  const known = KNOWN.find((pair) => found.every((word) => pair.includes(word.toLowerCase())));
  const names = known === undefined ? found.sort((a, b) => (a < b ? -1 : 1)) : [...known];
  const place = new Map(names.map((name, i) => [name, i]));
  const classes = words.map((word) => place.get(known === undefined ? word : word.toLowerCase()) ?? 0);
  return { classes, names };
}
