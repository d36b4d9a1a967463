/**
 * Windows of a block: answers that are certified together. A young account has one, the whole block; an old one closes a window now and then.
 * Which answers are in a window is settled before anybody looks at their coins, so that no finding can choose it.
 */

import type { BlockTerms } from "./words.ts";

/** One answer. */
export interface AnswerOf {
  readonly place: number;
  readonly attempt: number;
}

export interface AnswerWindow {
  readonly number: number;
  readonly answers: readonly AnswerOf[];
  /** By which its coins were tossed, and its sample is drawn. */
  readonly terms: BlockTerms;
  /** When its first answer came in, ms. */
  readonly sinceMs: number;
  /** Answers that its sample has; null: it is still to be drawn. */
  sampled: number | null;
}

/** Coins of the sample are those of attempts from here on: nothing says about a row's sample what was said about its own coin. */
export const SAMPLE_ATTEMPTS_FROM = 2 ** 20;

/**
 * The windows of a block in their order.
 * @example
 * const windows = new Windows(0);
 * windows.add({ place: 3, attempt: 0 }, 1_000);
 * windows.freeze(terms);
 * [windows.frozen[0].answers.length, windows.number, windows.oldest] // -> [1, 1, 0]
 */
export class Windows {
  readonly #frozen: AnswerWindow[] = [];
  #answers: AnswerOf[] = [];
  #sinceMs = 0;
  #number: number;

  /** @param number of its first window: windows of a block that is asked again go on counting */
  constructor(number: number) {
    this.#number = number;
  }

  /** Of the window that answers come into now. */
  get number(): number {
    return this.#number;
  }

  /** Of the oldest one that is not certified. */
  get oldest(): number {
    return this.#frozen[0]?.number ?? this.#number;
  }

  /** When the oldest answer that is not certified came in, ms; null: there is none. */
  get oldestMs(): number | null {
    return this.#frozen[0]?.sinceMs ?? (this.#answers.length === 0 ? null : this.#sinceMs);
  }

  /** When the first answer came in since a window was closed, ms; null: none has. */
  get openSinceMs(): number | null {
    return this.#answers.length === 0 ? null : this.#sinceMs;
  }

  /** Answers that came since a window was closed. */
  get openAnswers(): number {
    return this.#answers.length;
  }

  /** Windows that are closed and not certified, the oldest first. */
  get frozen(): readonly AnswerWindow[] {
    return this.#frozen;
  }

  add(answer: AnswerOf, nowMs: number): void {
    if (this.#answers.length === 0) this.#sinceMs = nowMs;
    this.#answers.push(answer);
  }

  /** Answers that came in until now are a window. @param terms by which its coins were tossed */
  freeze(terms: BlockTerms): void {
    const [number, answers, sinceMs] = [this.#number, this.#answers, this.#sinceMs];
    this.#frozen.push({ number, answers, terms, sinceMs, sampled: null });
    this.#answers = [];
    this.#number++;
  }

  /** Closed windows from the oldest on, as long as they may be certified: they are from now on. */
  takeWhile(mayBe: (window: AnswerWindow) => boolean): AnswerWindow[] {
    const end = this.#frozen.findIndex((window) => !mayBe(window));
    return this.#frozen.splice(0, end < 0 ? this.#frozen.length : end);
  }
}

/**
 * Draws the sample of a window: those whose second coin is least. Uniform over its answers, and after a restart the same again.
 * @param coinOf of (place, attempt), uniform in [0, 1)
 * @param count at most all are drawn
 * @example sampleByCoins([{ place: 0, attempt: 0 }, { place: 1, attempt: 0 }], 1, (place) => (place === 0 ? .7 : .2)) // -> [{ place: 1, attempt: 0 }]
 */
export function sampleByCoins(
  answers: readonly AnswerOf[],
  count: number,
  coinOf: (place: number, attempt: number) => number,
): AnswerOf[] {
  if (count <= 0) return [];
  if (count >= answers.length) return [...answers];
  return answers
    .map((answer) => ({ answer, coin: coinOf(answer.place, SAMPLE_ATTEMPTS_FROM + answer.attempt) }))
    .sort((a, b) => a.coin - b.coin)
    .slice(0, count)
    .map(({ answer }) => answer);
}
