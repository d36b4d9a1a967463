/**
 * What would have been estimated for every row of a round? For the rows that were lost, that is what they are answered with. For
 * those that were answered, it tells what estimates are worth, and which answers look wrong. Two estimators: the coded one, and
 * the mean answer of the nearest answered queries.
 */

import type { DecodedGroups } from "../../../../shared/coding/decode-groups.ts";
import { NEIGHBOURS_AVERAGED, neighbourEstimates } from "../../../../shared/coding/neighbours.ts";
import { arrivedPositions } from "../../../../shared/coding/placement.ts";
import { type CodingScheme, DECODED_HOW } from "../../../../shared/coding/scheme.ts";
import { upperMedian } from "../../../../shared/numbers/quantile.ts";
import {
  betterEstimator,
  binOf,
  type EstimateTally,
  type Estimator,
  emptyTally,
  sumOfTallies,
} from "../../../../shared/verify/estimate-confidence.ts";
import { type AnswerRule, saysTheSame } from "./answer-rule.ts";
import { estimateCodeOf, NO_ESTIMATE } from "./estimate-codes.ts";
import { checkedAnswers, type Neighbourhood } from "./neighbourhood.ts";

export interface RoundResults {
  readonly scheme: CodingScheme;
  /** strictly increasing worker indices, and |arrived| batches of G x C */
  readonly arrived: readonly number[];
  readonly batches: readonly Float32Array[];
  readonly groupCount: number;
  readonly outputSize: number;
  readonly placements: Uint32Array | null;
  readonly rule: AnswerRule;
  /** Of the G x K rows those that are queries of their own; what follows is padding. */
  readonly ownRows: number;
  readonly decoded: DecodedGroups;
  /** null: there are no neighbours to estimate from */
  readonly neighbourhood: Neighbourhood | null;
  /** What was compared in earlier rounds. */
  readonly earlier: EstimateTally;
  /** The median margin of answers of the job; absent: of those of the round. */
  readonly typicalMargin?: number;
}

export interface RoundEstimates {
  /** What was compared in this round: whole columns left out, beside those that are lost. */
  readonly heldOut: EstimateTally;
  /** Which estimator does better, by this round and the earlier ones. */
  readonly better: Estimator;
  /** G x K x C: estimates of lost rows by the better one, or by the other where it has none. */
  readonly outputs: Float32Array;
  /** G x K, of lost rows: where they belong (estimate-codes.ts); NO_ESTIMATE for all others. */
  readonly codes: Uint8Array;
}

interface Row {
  /** Over G x K. */
  readonly row: number;
  /** null: it is lost */
  readonly answer: Float32Array | null;
  readonly workerIndex: number;
  coded: Float32Array | null;
  neighbours: Float32Array | null;
}

export function estimateRound(results: RoundResults): RoundEstimates {
  const { outputSize, rule, decoded, earlier } = results;
  const rows = rowsOf(results);
  addNeighbours(results, rows);
  const typicalMargin = results.typicalMargin ?? medianMargin(rows, rule);
  const binOfRow = ({ coded, neighbours }: Row, estimator: Estimator): number => {
    const estimate = (estimator === "coded" ? coded : neighbours)!;
    const isSilent = coded === null || neighbours === null;
    const other = isSilent ? "silent" : saysTheSame(rule, coded, neighbours) ? "repeats" : "contradicts";
    const margin = rule.task === "classification" && typicalMargin > 0 ? marginOf(estimate) / typicalMargin : 0;
    return binOf(margin, other);
  };

  const heldOut = emptyTally();
  for (const row of rows) {
    if (row.answer === null) continue;
    for (const estimator of ["coded", "neighbours"] as const) {
      const estimate = row[estimator];
      if (estimate === null) continue;
      const bin = binOfRow(row, estimator);
      const { agreed, total } = heldOut[estimator] as { agreed: number[]; total: number[] };
      total[bin]!++;
      if (saysTheSame(rule, row.answer, estimate)) agreed[bin]!++;
    }
  }

  const tally = sumOfTallies(earlier, heldOut);
  const better = betterEstimator(tally);
  const other = better === "coded" ? "neighbours" : "coded";
  const outputs = new Float32Array(decoded.outputs.length);
  const codes = new Uint8Array(decoded.how.length).fill(NO_ESTIMATE);
  for (const row of rows) {
    const estimator = row[better] !== null ? better : other;
    const estimate = row[estimator];
    if (estimate === null) continue;
    const bin = binOfRow(row, estimator);
    if (row.answer === null) {
      outputs.set(estimate, row.row * outputSize);
      codes[row.row] = estimateCodeOf(estimator, bin);
    }
  }
  return { heldOut, better, outputs, codes };
}

/** Every row that has a worker of its own, with its coded estimate. Padding repeats a query: it says nothing new. */
function rowsOf(results: RoundResults): Row[] {
  const { scheme, arrived, batches, groupCount, outputSize, placements, ownRows, decoded } = results;
  const { queryCount, rawQueryOf } = scheme;
  const rows: Row[] = [];
  const held = new Float32Array(arrived.length * outputSize);
  for (let g = 0; g < groupCount; g++) {
    const ofGroup = placements?.subarray(g * queryCount, (g + 1) * queryCount);
    const { positions, arrivedRows } =
      ofGroup === undefined
        ? { positions: arrived, arrivedRows: arrived.map((_, r) => r) }
        : arrivedPositions(arrived, ofGroup);
    arrivedRows.forEach((r, p) => {
      held.set(batches[r]!.subarray(g * outputSize, (g + 1) * outputSize), p * outputSize);
    });
    for (let query = 0; query < queryCount; query++) {
      const row = g * queryCount + query;
      if (row >= ownRows) return rows;
      const p = positions.findIndex((position) => rawQueryOf[position] === query);
      if (p >= 0) {
        const answer = held.slice(p * outputSize, (p + 1) * outputSize);
        const workerIndex = arrived[arrivedRows[p]!]!;
        rows.push({
          row,
          answer,
          workerIndex,
          coded: scheme.estimate([query], positions, held, outputSize),
          neighbours: null,
        });
      } else {
        const isDecoded = decoded.how[row] === DECODED_HOW.estimated;
        const coded = isDecoded ? decoded.outputs.slice(row * outputSize, (row + 1) * outputSize) : null;
        rows.push({ row, answer: null, workerIndex: ofGroup?.[query] ?? query, coded, neighbours: null });
      }
    }
  }
  return rows;
}

function addNeighbours({ neighbourhood, outputSize, ownRows }: RoundResults, rows: readonly Row[]): void {
  if (neighbourhood === null) return;
  const { features, width, centres, firstPlace } = neighbourhood;
  const { isAnswered, answers } = checkedAnswers(neighbourhood, outputSize);
  const columns = new Uint16Array(isAnswered.length);
  isAnswered.fill(0, firstPlace, firstPlace + ownRows);
  for (const { row, answer, workerIndex } of rows) {
    columns[firstPlace + row] = 1 + workerIndex;
    if (answer === null) continue;
    isAnswered[firstPlace + row] = 1;
    answers.set(answer, (firstPlace + row) * outputSize);
  }
  const { outputs, nearestSquared } = neighbourEstimates({
    features,
    width,
    centres,
    isAnswered,
    answers,
    outputSize,
    lost: Uint32Array.from(rows, ({ row }) => firstPlace + row),
    neighbourCount: NEIGHBOURS_AVERAGED,
    columns,
  });
  rows.forEach((row, place) => {
    if (nearestSquared[place] === Number.POSITIVE_INFINITY) return;
    row.neighbours = outputs.subarray(place * outputSize, (place + 1) * outputSize);
  });
}

/** Between the largest and the second largest output. */
export function marginOf(output: Float32Array): number {
  let [first, second] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of output) {
    if (value > first) [first, second] = [value, first];
    else if (value > second) second = value;
  }
  return second === Number.NEGATIVE_INFINITY ? 0 : first - second;
}

/** A median: a liar's enormous margins do not move it. */
function medianMargin(rows: readonly Row[], rule: AnswerRule): number {
  if (rule.task !== "classification") return 0;
  const margins = rows.flatMap(({ answer }) => (answer === null ? [] : [marginOf(answer)]));
  return upperMedian(margins) ?? 0;
}
