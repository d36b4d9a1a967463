/**
 * How finely a regression rounds, and what that costs. Sums in the field must stay below (q-1)/2, about 2^30, so a feature and a
 * weight of 22 bits each do not fit. They are cut into limbs: x = x_0 + 2^L x_1 + ..., each limb a matrix of its own below the
 * other, and the vector v = v_0 / s_0 + v_1 / s_1 + ..., each limb a column of its own. Every limb is exact in the field; limbs
 * are put together in Float64.
 *
 * For n terms with a largest norm R, quantizeSafely gives entries of a vector v = log2((B/R - sqrt(n)/2) / sqrt(n)) bits in the
 * root mean square. What it rounds away is spread evenly over a step, so a further limb adds v + log2(sqrt(12)) bits.
 */

import { CENTRED_MAX } from "../../../../shared/field/modulus.ts";
import type { RegressionRounding } from "../../../../shared/kinds/regression/rounding.ts";
import type { FeatureFacts } from "./survey.ts";
import { WHOLE_FEATURE_MAX } from "./survey.ts";

/** What training follows; see RegressionRounding for the words. */
export type Rounding = Omit<RegressionRounding, "notes">;

/** With these, weights of ordinary data come within 1e-6 of a descent in Float64. */
const FEATURE_BITS = 22;
const VECTOR_BITS = 22;
/** Fewer, and an iteration learns little. */
const VECTOR_BITS_LEAST = 7;
/** A limb of more bits would leave vectors too few. */
const LIMB_BITS_MAX = 12;
/** As far as steps are refined where that costs nothing. */
const FREE_LIMB_BITS_MAX = 15;
/** Of more parts each, what is there is not worth the price. */
const PARTS_MAX = 4_096;
/** Of a uniform error within a step, log2(sqrt(12)). */
const BITS_OF_REST = Math.log2(Math.sqrt(12));
/** A uniform error is below half a step, with this root mean square. */
const REST_ROOT = 1 / Math.sqrt(3);

/** @param featureBits as the submitter asked for; null: as fine as the field's bound allows without further parts, 22 at least */
export function planRounding(facts: FeatureFacts, featureBits: number | null): Rounding {
  const isExact = facts.exactColumns === facts.columns;
  const vectorBits = Math.max(VECTOR_BITS_LEAST, Math.min(featureBits ?? VECTOR_BITS, VECTOR_BITS));
  if (isExact) return roundingOf(facts, Math.log2(WHOLE_FEATURE_MAX + 1), 1, vectorBits);
  const bits = featureBits ?? FEATURE_BITS;
  const limbs = Math.ceil(bits / LIMB_BITS_MAX);
  let rounding = roundingOf(facts, bits, limbs, vectorBits);
  if (featureBits !== null) return rounding;
  for (let limbBits = rounding.limbBits + 1; limbBits <= FREE_LIMB_BITS_MAX; limbBits++) {
    const finer = roundingOf(facts, limbs * limbBits, limbs, vectorBits);
    if (partsOf(finer) > partsOf(rounding)) break;
    rounding = finer;
  }
  return rounding;
}

const partsOf = ({ forward, backward }: Rounding) => forward.limbs * forward.chunks + backward.limbs * backward.chunks;

function roundingOf(facts: FeatureFacts, featureBits: number, featureLimbs: number, vectorBits: number): Rounding {
  const limbBits = Math.ceil(featureBits / featureLimbs);
  const { rows, columns, rowNorm, columnNorm, exactColumns, wholePeak } = facts;
  const most = exactColumns === columns ? wholePeak : Math.max(2 ** featureBits, wholePeak);
  const top = most / 2 ** (limbBits * (featureLimbs - 1));
  const lower = featureLimbs === 1 ? 0 : 2 ** (limbBits - 1) * REST_ROOT;
  const normOf = (norm: number, length: number) => Math.max(top * norm, lower * Math.sqrt(length));
  const forward = vectorParts(normOf(rowNorm, columns), columns, vectorBits);
  const backward = vectorParts(normOf(columnNorm, rows), rows, vectorBits);
  return { featureBits, limbBits, featureLimbs, vectorBits, forward, backward };
}

/** The fewest columns a class that give a vector of `length` entries so many bits: limbs times chunks. */
function vectorParts(largestNorm: number, length: number, vectorBits: number) {
  let best = { limbs: vectorBits, chunks: 1 };
  let fewest = PARTS_MAX;
  for (let chunks = 1; chunks <= Math.min(length, fewest); chunks *= 2) {
    const terms = length / chunks;
    const room = CENTRED_MAX / Math.max(1, largestNorm / Math.sqrt(chunks)) - Math.sqrt(terms) / 2;
    const bits = room <= 0 ? 0 : Math.log2(room / Math.sqrt(terms));
    if (bits < 1) continue;
    const limbs = Math.max(1, Math.ceil((vectorBits + BITS_OF_REST) / (bits + BITS_OF_REST)));
    if (limbs * chunks < fewest) [best, fewest] = [{ limbs, chunks }, limbs * chunks];
  }
  return best;
}

/** Bits that each limb of a vector needs, so that all of them have vectorBits. @returns at least 1 */
export function bitsOfLimb(vectorBits: number, limbs: number): number {
  // The plan's norms are those of all rows, evenly spread: half a bit is not worth twice the columns.
  return Math.max(1, (vectorBits - BITS_OF_REST * (limbs - 1)) / limbs - 0.5);
}

/** For the estimate, the receipt and the job's notes: what is rounded, what it costs, and which outlier eats the precision. */
/** @param names of the columns as they were uploaded; null: they have none */
export function roundingNotes(
  rounding: Rounding,
  { columns, exactColumns, outliers }: FeatureFacts,
  names: readonly string[] | null = null,
): string[] {
  const { featureBits, featureLimbs, vectorBits, forward, backward } = rounding;
  const notes: string[] = [];
  const whole = `whole numbers up to ${WHOLE_FEATURE_MAX}, taken as they are`;
  if (exactColumns === columns) notes.push(`The features are ${whole}.`);
  else {
    const rest = exactColumns > 0 ? `; ${exactColumns} of ${columns} columns are ${whole}` : "";
    const steps = `steps of 2^-${featureBits} of its largest usual entry (four times the root mean square)`;
    notes.push(`Each column of features is rounded to ${steps}, or of its largest entry where that is less${rest}.`);
  }
  const parts = (forward.limbs * forward.chunks + backward.limbs * backward.chunks) / 2;
  const times = `${featureLimbs * parts} times the multiplications`;
  const takes =
    featureLimbs === 1
      ? `no more data than numbers that need no parts, and ${times}`
      : `${featureLimbs} times the data and ${times} of numbers that need no parts`;
  notes.push(
    `Weights and residuals are rounded to ${vectorBits} bits. This takes ${takes}; featureBits 10 is cheaper and coarser.`,
  );
  for (const { column, row, value, typical, bitsLost } of outliers) {
    const kept = Math.floor(featureBits - bitsLost);
    if (kept >= featureBits / 2) continue;
    notes.push(
      `Column ${names?.[column] ?? column}: ${short(value)} in row ${row} is ${short(Math.abs(value) / typical)} times the typical entry ` +
        `(${short(typical)}), which keeps ${Math.max(0, kept)} of ${featureBits} bits. Clip it, take logarithms, or raise featureBits.`,
    );
  }
  return notes;
}

const short = (value: number) => String(Number(value.toPrecision(3)));
