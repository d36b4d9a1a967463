/** The usual distance between the largest and the second number of an answer of the job: by that, margins of estimates are large or small. */
import { upperMedian } from "../../../../../shared/numbers/quantile.ts";
import type { AnswerRule } from "../../engine/answer-rule.ts";
import { marginOf } from "../../engine/held-out-estimates.ts";

/** The latest that count; a median of them is some percents off. */
const MARGINS_MAX = 512;

export class SeenMargins {
  readonly #margins: number[] = [];

  /**
   * @param answers of rows whose own they are, C numbers each: they count from now on
   * @returns the median; 0 where answers have no label, or none was seen. A median: enormous margins of a liar do not move it
   */
  with({ task }: Pick<AnswerRule, "task">, answers: readonly Float32Array[]): number {
    if (task !== "classification") return 0;
    for (const answer of answers) this.#margins.push(marginOf(answer));
    if (this.#margins.length > MARGINS_MAX) this.#margins.splice(0, this.#margins.length - MARGINS_MAX);
    return upperMedian(this.#margins) ?? 0;
  }
}
