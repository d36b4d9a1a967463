/** What liars do in the `attacks` bench, by name: what each says in place of an honest batch. */
import { normal } from "../../shared/random/draws.ts";
import type { RandomSource } from "../../shared/random/random.ts";
import { randomAt } from "../../shared/random/simulation-random.ts";
import { fnv1a } from "../crowd/fnv.ts";
import { changedRows } from "../crowd/liars.ts";
import type { HonestBatch } from "../crowd/tab-faults.ts";

export type Lie = (batch: HonestBatch) => Float32Array | null;

export interface LiarSetting {
  readonly seed: number;
  /** Of the liar; draws depend on it and on the count of its batches. */
  readonly tab: number;
  /** count x outputSize: what the model says of single queries. */
  readonly honestOutputs: Float32Array;
}

export interface Attack {
  readonly lie: (setting: LiarSetting) => Lie;
  /** Is every row of every batch a lie? Where it is, not one wrong answer may be final. */
  readonly corruptsEveryRow: boolean;
  /** Once found it comes back as another volunteer. */
  readonly comesAsAnother?: boolean;
  /** Jobs that the crowd does one after another: more than one where lies begin late. */
  readonly jobs?: number;
}

/** A sleeper is honest for so many batches. */
const SLEEPER_BATCHES = 100;

const LIE_DRAW = 50;

export const ATTACKS: Readonly<Record<string, Attack>> = {
  "noise sigma 1": everyRow("noise sigma 1"),
  "noise sigma 10": everyRow("noise sigma 10"),
  "noise sigma 100": everyRow("noise sigma 100"),
  "sign flip": everyRow("sign flip"),
  "constant 0": everyRow("constant 0"),
  "other query": everyRow("other query"),
  "colluding codeword": everyRow("colluding codeword"),
  "bias +5 on a class": everyRow("bias +5 on a class"),
  replay: { lie: replay, corruptsEveryRow: true },
  [`sleeper, ${SLEEPER_BATCHES} batches honest`]: { lie: sleeper(SLEEPER_BATCHES), corruptsEveryRow: false, jobs: 2 },
  "5 % of rows": { lie: someRows(0.05), corruptsEveryRow: false },
  "1 % of rows": { lie: someRows(0.01), corruptsEveryRow: false },
  "another identity each time": { ...everyRow("sign flip"), comesAsAnother: true },
  "25 % of rows, another identity": { lie: someRows(0.25), corruptsEveryRow: false, comesAsAnother: true },
};

/** Lies of a coalition: members who are asked the same row say the same of it, so that they bear each other out. */
export function coalition(share: number): Attack {
  const lie = (): Lie => (batch) =>
    withNextClass(batch, (g) => hashOf(rowOf(batch.rows, g, batch.rowCount)) < share * 2 ** 32);
  return { lie, corruptsEveryRow: false };
}

/** @param share of the rows whose label is another class's */
export function someRows(share: number): Attack["lie"] {
  return ({ seed, tab }) =>
    (batch) => {
      const random = randomAt(seed, LIE_DRAW, tab, batch.count);
      return withNextClass(batch, () => random.uniform() < share);
    };
}

export function sleeper(honestBatches: number): Attack["lie"] {
  return () =>
    ({ count, outputs }) =>
      count < honestBatches ? null : outputs.map((value) => -value);
}

/** What the liar said of its batch before this one, as often as it takes: claims have different sizes. */
function replay(): Lie {
  let earlier: Float32Array | null = null;
  return ({ outputs }) => {
    const before = earlier;
    earlier = outputs;
    return before === null ? null : outputs.map((_, at) => before[at % before.length]!);
  };
}

interface HonestRows {
  /** groupCount x outputSize: what the worker would say. */
  readonly honest: Float32Array;
  /** What the same worker would say of other groups: a codeword that fits together with those of other liars. */
  readonly otherGroups: Float32Array;
  /** groupCount x outputSize: the model's answers to single queries that are in none of the groups. */
  readonly otherQueries: Float32Array;
  readonly outputSize: number;
  readonly random: RandomSource;
}

const lieOfEveryRow: Readonly<Record<string, (rows: HonestRows) => Float32Array>> = {
  "noise sigma 100": noise(100),
  "noise sigma 10": noise(10),
  "noise sigma 1": noise(1),
  "sign flip": ({ honest }) => honest.map((value) => -value),
  "constant 0": ({ honest }) => honest.map(() => 0),
  "other query": ({ otherQueries }) => otherQueries,
  "colluding codeword": ({ otherGroups }) => otherGroups,
  "bias +5 on a class": ({ honest, outputSize }) =>
    honest.map((value, at) => (at % outputSize === 3 ? value + 5 : value)),
};

function noise(sigma: number) {
  return ({ honest, random }: HonestRows) => honest.map((value) => value + sigma * normal(random));
}

/** The codeword of other groups: each row says what belongs to the next. */
function everyRow(name: string): Attack {
  const lie = ({ seed, tab, honestOutputs }: LiarSetting): Lie => {
    return ({ count, outputs, rowCount, outputSize }) => {
      const random = randomAt(seed, LIE_DRAW, tab, count);
      const otherQueries = new Float32Array(outputs.length);
      for (let g = 0; g < rowCount; g++) {
        const query = random.integer(honestOutputs.length / outputSize);
        otherQueries.set(honestOutputs.subarray(query * outputSize, (query + 1) * outputSize), g * outputSize);
      }
      const otherGroups = new Float32Array(outputs.length);
      otherGroups.set(outputs.subarray(outputSize));
      otherGroups.set(outputs.subarray(0, outputSize), outputs.length - outputSize);
      return lieOfEveryRow[name]!({ honest: outputs, otherGroups, otherQueries, outputSize, random });
    };
  };
  return { lie, corruptsEveryRow: true };
}

/** The chosen rows say what belongs to the class before. */
function withNextClass(batch: HonestBatch, isChosen: (row: number) => boolean): Float32Array | null {
  return changedRows(batch, isChosen, (honest) => [...honest.subarray(1), honest[0]!]);
}

function rowOf(rows: Float32Array, g: number, rowCount: number): Float32Array {
  const size = rows.length / rowCount;
  return rows.subarray(g * size, (g + 1) * size);
}

/** Mixed, for its high bits are poor. 0..2^32-1 */
function hashOf(row: Float32Array): number {
  const hash = fnv1a(new Uint32Array(row.buffer, row.byteOffset, row.length));
  return Math.imul(hash ^ (hash >>> 15), 0x735a2d97) >>> 0;
}
