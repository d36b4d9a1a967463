import type { CodeInWords } from "../../scheme-definition.ts";

const NUMBERS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight"];

/** Such as "copies of two, no parities", or "groups of four with two parities, for one late and one lying". */
export function systematicCodeInWords({ queriesPerGroup, stragglers, liars, sendsMixtures }: CodeInWords): string {
  const spares = stragglers + liars;
  if (queriesPerGroup === 1) {
    return spares === 0
      ? "every query once, no parities; late batches are sent again"
      : `copies of ${inWords(1 + spares)}, no parities`;
  }
  const groups = `groups of ${inWords(queriesPerGroup)}`;
  if (sendsMixtures) {
    const forLiars = liars === 0 ? "" : ` and ${inWords(liars)} lying`;
    const mixtures = `${inWords(spares)} ${spares === 1 ? "parity" : "parities"}`;
    return `${groups} with ${mixtures}, for ${inWords(stragglers)} late${forLiars}`;
  }
  if (stragglers === 0) return `${groups}, no parities; late batches are sent again`;
  return `${groups}, no parities; the last ${inWords(stragglers)} of a group are backed up at once`;
}

function inWords(count: number): string {
  return NUMBERS[count] ?? String(count);
}
