/** Question answering: where in a context the answer stands, as transformers' pipeline reads the two rows of logits. */
import { defused, type WriteCell } from "../inputs/csv-cell.ts";
import type { WrittenAnswer } from "./label-lines.ts";
import type { TextTokens } from "./text-tokens.ts";

/** Tokens of an answer, as transformers' pipeline has it. */
const ANSWER_TOKENS_MAX = 15;

export interface AnswerSpan {
  /** As it stands in the context, in whole words, where its letters can be found there; else as the tokenizer writes its tokens. */
  readonly answer: string;
  /** 0 to 1: the chance that it begins there, times the chance that it ends there */
  readonly score: number;
}

/** One pair of question and context, as tokens. */
export interface SpanRow extends ContextTokens {
  readonly context: string;
}

/** What is known of a context's tokens before the model has answered. */
export interface ContextTokens {
  /** Place of the first of them. */
  readonly start: number;
  /** What each adds to those before it, for people. */
  readonly pieces: readonly string[];
}

/** @param ids of the pair @param second places of the context's tokens */
export function contextTokens(
  ids: readonly number[],
  { start, end }: { readonly start: number; readonly end: number },
  tokens: Pick<TextTokens, "textOf">,
): ContextTokens {
  const pieces: string[] = [];
  for (let at = start; at < end; at++) {
    // A piece within a word is written otherwise alone than behind the piece before it.
    const before = at === start ? "" : tokens.textOf([ids[at - 1]!]);
    const both = tokens.textOf(ids.slice(Math.max(start, at - 1), at + 1));
    pieces.push(both.startsWith(before) ? both.slice(before.length) : tokens.textOf([ids[at]!]));
  }
  return { start, pieces };
}

/**
 * @param outputs logits of the beginning for each place, padding too, then those of the end; none where there is no answer
 * @returns null: there is no answer yet, or no token of the context was left
 */
export function answerSpan(outputs: readonly number[], { start, pieces, context }: SpanRow): AnswerSpan | null {
  const end = start + pieces.length;
  if (outputs.length === 0 || end <= start) return null;
  const length = outputs.length / 2;
  // The first place stands for "there is none": it counts in the sum, and is never the answer.
  const places = [0, ...Array.from({ length: end - start }, (_, i) => start + i)];
  const begins = chances(places.map((place) => outputs[place]!));
  const ends = chances(places.map((place) => outputs[length + place]!));
  let best = { from: 1, to: 1, score: -1 };
  for (let from = 1; from < places.length; from++) {
    for (let to = from; to < Math.min(places.length, from + ANSWER_TOKENS_MAX); to++) {
      const score = begins[from]! * ends[to]!;
      if (score > best.score) best = { from, to, score };
    }
  }
  const [first, behind] = [places[best.from]! - start, places[best.to]! + 1 - start];
  const found = pieces.slice(first, behind).join("");
  const before = lettersOf(pieces.slice(0, first).join(""));
  const answer = inContext(context, before.length, lettersOf(found)) ?? found.trim();
  return { answer, score: best.score };
}

/** @param spanOf what the answer at a place came to @param cell how a text is written in CSV @returns the writer of one line */
export function spanLines(
  format: "csv" | "json",
  spanOf: (outputs: readonly number[], place: number) => AnswerSpan | null,
  cell: WriteCell = defused,
): (answer: WrittenAnswer, asked: readonly [question: string, context: string]) => string {
  let hasHead = false;
  return ({ index, mark, final, bound, outputs }, [question, context]) => {
    const span = spanOf(outputs, index);
    const { answer = null, score = null } = span ?? {};
    if (format === "json")
      return `${JSON.stringify({ question, context, index, answer, score, mark, final, bound })}\n`;
    const head = hasHead ? "" : "question,answer,score,mark,final,bound\n";
    hasHead = true;
    const cells = [cell(question), cell(answer ?? ""), score?.toPrecision(6) ?? "", mark, final, bound ?? ""];
    return `${head}${cells.join()}\n`;
  };
}

function chances(logits: readonly number[]): number[] {
  const most = Math.max(...logits);
  const powers = logits.map((value) => Math.exp(value - most));
  const sum = powers.reduce((all, power) => all + power, 0);
  return powers.map((power) => power / sum);
}

/** What stays of a text where a tokenizer has changed its case, accents and spaces. */
const lettersOf = (text: string) =>
  text
    .normalize("NFD")
    .toLowerCase()
    .replaceAll(/[\s\p{M}]/gu, "");

/** @returns the part of the context that has these letters behind so many others; null: they do not stand there */
function inContext(context: string, before: number, letters: string): string | null {
  if (letters === "") return null;
  let [count, from, to] = [0, -1, -1];
  let at = 0;
  for (const character of context) {
    const own = lettersOf(character).length;
    if (from < 0 && own > 0 && count >= before) from = at;
    count += own;
    at += character.length;
    if (count >= before + letters.length) {
      to = at;
      break;
    }
  }
  const found = from < 0 || to < 0 ? "" : context.slice(from, to);
  if (lettersOf(found) !== letters) return null;
  const [head] = /[\p{L}\p{N}\p{M}]*$/u.exec(context.slice(0, from))!;
  const [tail] = /^[\p{L}\p{N}\p{M}]*/u.exec(context.slice(to))!;
  const begins = /^[\p{L}\p{N}]/u.test(found) ? head : "";
  const ends = /[\p{L}\p{N}\p{M}]$/u.test(found) ? tail : "";
  return `${begins}${found}${ends}`;
}
