/**
 * [PC6] Golden rows: queries whose answers the coordinator has computed itself, which go to other tabs too, among the rows of ordinary
 * batches. They measure how exactly a back-end computes the model, and cost the coordinator nothing more.
 */
import { shuffle } from "../../../../shared/random/draws.ts";
import type { RandomSource } from "../../../../shared/random/random.ts";
import type { JobAnswers } from "./job-answers.ts";

/** A row that many have been sent is known to many. */
const GOLDEN_USES_MAX = 8;
/** Draws for each row that is wanted: where few are left that a volunteer has not seen, it gets fewer. */
const DRAWS_PER_ROW = 16;

export class GoldenRows {
  readonly #answers: JobAnswers;
  readonly #random: RandomSource;
  /** By query, who was sent it as a golden row. */
  readonly #sentTo = new Map<number, Set<string>>();

  constructor(answers: JobAnswers, random: RandomSource) {
    this.#answers = answers;
    this.#random = random;
  }

  /** @returns up to `count` queries that this volunteer has not answered; none of `own`, which it is about to be sent */
  draw(volunteerId: string, count: number, own: Uint32Array): number[] {
    const { trusted } = this.#answers;
    const drawn: number[] = [];
    for (let n = 0; n < count * DRAWS_PER_ROW && drawn.length < count && trusted.length > 0; n++) {
      const query = trusted[this.#random.integer(trusted.length)]!;
      const sentTo = this.#sentTo.get(query) ?? new Set();
      const isKnown = sentTo.has(volunteerId) || this.#answers.sources.volunteerOf(query) === volunteerId;
      if (isKnown || sentTo.size >= GOLDEN_USES_MAX || own.includes(query) || drawn.includes(query)) continue;
      drawn.push(query);
      this.#sentTo.set(query, sentTo.add(volunteerId));
    }
    return drawn;
  }
}

/** Where the rows of a batch stand as it travels: in an order that nobody else knows, golden ones among them. */
export interface BatchLayout {
  /** For each place which row stands there: of the batch, or behind its last one a duplicate, or behind those a golden row. */
  readonly order: Uint32Array;
  readonly duplicates: Uint32Array;
  readonly golden: Uint32Array;
}

/** @param duplicates and golden: queries */
export function drawLayout(
  rowCount: number,
  duplicates: readonly number[],
  golden: readonly number[],
  random: RandomSource,
): BatchLayout {
  const rows = Uint32Array.from({ length: rowCount + duplicates.length + golden.length }, (_, row) => row);
  return { order: shuffle(rows, random), duplicates: Uint32Array.from(duplicates), golden: Uint32Array.from(golden) };
}

/**
 * [SL3] The same of the rows at the first places alone.
 * @returns with the rows of the batch that are among them, ascending, and those that are not
 */
export function cutLayout(
  { order, duplicates, golden }: BatchLayout,
  places: number,
  rowCount: number,
): { readonly cut: BatchLayout; readonly done: readonly number[]; readonly others: readonly number[] } {
  const sent = order.slice(0, places).sort();
  const ranks = new Map([...sent].map((row, rank) => [row, rank] as const));
  const goldenFrom = rowCount + duplicates.length;
  const added = sent.filter((row) => row >= rowCount);
  return {
    cut: {
      order: order.slice(0, places).map((row) => ranks.get(row)!),
      duplicates: added.filter((row) => row < goldenFrom).map((row) => duplicates[row - rowCount]!),
      golden: added.filter((row) => row >= goldenFrom).map((row) => golden[row - goldenFrom]!),
    },
    done: [...sent.filter((row) => row < rowCount)],
    others: Array.from({ length: rowCount }, (_, row) => row).filter((row) => !ranks.has(row)),
  };
}

/**
 * What was sent in that order, each in its place again.
 * @param sent |order| x width
 * @returns the batch's rows, duplicates and golden rows
 */
export function putBack({ order, duplicates, golden }: BatchLayout, sent: Float32Array, width: number) {
  const rows = new Float32Array(sent.length);
  order.forEach((row, place) => {
    rows.set(sent.subarray(place * width, (place + 1) * width), row * width);
  });
  const duplicatesEnd = (order.length - golden.length) * width;
  const batchEnd = duplicatesEnd - duplicates.length * width;
  return {
    outputs: rows.subarray(0, batchEnd),
    duplicates: rows.subarray(batchEnd, duplicatesEnd),
    golden: rows.subarray(duplicatesEnd),
  };
}
