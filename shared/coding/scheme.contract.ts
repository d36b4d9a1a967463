/** What every scheme promises; scheme.test.ts runs it for each. */
import { describe, expect, test } from "vitest";
import { normal } from "../random/draws.ts";
import { simulationRandom } from "../random/simulation-random.ts";
import { CodingError } from "./coding-error.ts";
import { decodeGroups } from "./decode-groups.ts";
import { encodeGroups } from "./encode-groups.ts";
import { makeScheme, workerCountOf } from "./make-scheme.ts";
import { type CodingScheme, DECODED_HOW, type SchemeName, type SchemeParameters } from "./scheme.ts";

const INPUT_SIZE = 5;
const OUTPUT_SIZE = 3;
/** Float32 has 24 bits; a handful of sums and weights of order one lose a few. */
const FLOAT32_TOLERANCE = 1e-5;
/** Every subset of so many workers is tried at most. */
const SUBSETS_MAX = 1 << 12;

export interface ContractParameters {
  /** Small enough that every subset of workers can be tried. */
  readonly small: readonly SchemeParameters[];
  /** Realistic. */
  readonly large: readonly SchemeParameters[];
  /** Does the code give the answers of a linear function back exactly once all results are in? */
  readonly isExactForAll: boolean;
}

export function subsetsOf(workerCount: number): number[][] {
  return Array.from({ length: 1 << workerCount }, (_, bits) =>
    Array.from({ length: workerCount }, (_, i) => i).filter((i) => (bits >> i) & 1),
  );
}

export function randomRows(seed: number, rowCount: number, width: number): Float32Array {
  const random = simulationRandom(seed);
  return Float32Array.from({ length: rowCount * width }, () => normal(random));
}

/** rows (R x INPUT_SIZE) times a fixed matrix: a linear model without bias. */
function linearModel(rows: Float32Array): Float32Array {
  const weights = randomRows(77, INPUT_SIZE, OUTPUT_SIZE);
  return Float32Array.from({ length: (rows.length / INPUT_SIZE) * OUTPUT_SIZE }, (_, at) => {
    const [r, c] = [Math.floor(at / OUTPUT_SIZE), at % OUTPUT_SIZE];
    let sum = 0;
    for (let d = 0; d < INPUT_SIZE; d++) sum += rows[r * INPUT_SIZE + d]! * weights[d * OUTPUT_SIZE + c]!;
    return sum;
  });
}

function expectClose(got: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(got.length).toBe(expected.length);
  const worst = Math.max(...Array.from(got, (value, at) => Math.abs(value - expected[at]!)));
  expect(worst).toBeLessThan(FLOAT32_TOLERANCE);
}

/** A parity model is trained on sums: its weights are ones, and it says K times what the base model says of a constant. */
const weightSumOf = (scheme: CodingScheme, workerIndex: number): number =>
  scheme.modelOf?.[workerIndex] ? scheme.queryCount : 1;

const all = (scheme: CodingScheme): number[] => Array.from({ length: scheme.workerCount }, (_, i) => i);

export function registerSchemeContractTests(name: SchemeName, makeParameters: () => ContractParameters): void {
  const { small, large, isExactForAll } = makeParameters();

  describe.each([...small, ...large])(`${name}, K = $queryCount, S = $stragglerCount, E = $liarCount`, (parameters) => {
    const scheme = makeScheme(name, parameters);
    const { queryCount, workerCount, encodeMatrix, rawQueryOf } = scheme;

    test("sizes fit together", () => {
      expect(scheme.name).toBe(name);
      expect(scheme.parameters).toEqual(parameters);
      expect(queryCount).toBe(parameters.queryCount);
      expect(workerCount).toBe(workerCountOf(name, parameters));
      expect(encodeMatrix.length).toBe(workerCount * queryCount);
      expect(rawQueryOf.length).toBe(workerCount);
      expect(scheme.resultCountTarget).toBeGreaterThan(0);
      expect(scheme.resultCountTarget).toBeLessThanOrEqual(workerCount);
    });

    test("weights of a coded query sum to one, of a parity model's to K, and a raw worker's are a unit row", () => {
      expect(scheme.modelOf?.length ?? workerCount).toBe(workerCount);
      for (let i = 0; i < workerCount; i++) {
        const row = encodeMatrix.subarray(i * queryCount, (i + 1) * queryCount);
        expect(row.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(weightSumOf(scheme, i), 12);
        const isUnit = row.filter((weight) => weight !== 0).length === 1 && !scheme.modelOf?.[i];
        expect(rawQueryOf[i]! >= 0).toBe(isUnit);
        if (isUnit) expect(row[rawQueryOf[i]!]).toBe(1);
      }
    });

    test("a raw worker's batch is the query, bit for bit; the others follow the encode matrix", () => {
      const [groupCount, groups] = [3, randomRows(1, 3 * queryCount, INPUT_SIZE)];
      const batches = encodeGroups(scheme, groups, groupCount, INPUT_SIZE);
      expect(batches.length).toBe(workerCount);
      batches.forEach((batch, i) => {
        for (let g = 0; g < groupCount; g++) {
          const coded = batch.subarray(g * INPUT_SIZE, (g + 1) * INPUT_SIZE);
          const group = groups.subarray(g * queryCount * INPUT_SIZE, (g + 1) * queryCount * INPUT_SIZE);
          const raw = rawQueryOf[i]!;
          if (raw >= 0) expect(coded).toEqual(group.subarray(raw * INPUT_SIZE, (raw + 1) * INPUT_SIZE));
          const expected = Array.from({ length: INPUT_SIZE }, (_, d) => {
            let sum = 0;
            for (let j = 0; j < queryCount; j++) sum += encodeMatrix[i * queryCount + j]! * group[j * INPUT_SIZE + d]!;
            return sum;
          });
          expectClose(coded, expected);
        }
      });
    });

    if (isExactForAll) {
      test("with all results of a linear function every answer is exact", () => {
        const [groupCount, groups] = [4, randomRows(2, 4 * queryCount, INPUT_SIZE)];
        const batches = encodeGroups(scheme, groups, groupCount, INPUT_SIZE).map(linearModel);
        const decoded = decodeGroups(scheme, all(scheme), batches, groupCount, OUTPUT_SIZE);
        expect(decoded.outputs).toEqual(linearModel(groups));
        expect(decoded.how.every((how) => how === DECODED_HOW.raw || how === DECODED_HOW.voted)).toBe(true);
        expect(decoded.rejectedCounts.every((count) => count === 0)).toBe(true);
      });
    }

    test("any N-S results are decodable where the code says that S may be missing", () => {
      expect(scheme.isDecodable(all(scheme))).toBe(true);
      const isAny = (name !== "replication" && name !== "uncoded") || parameters.liarCount === 0;
      const target = scheme.resultCountTarget;
      if (isAny) expect(scheme.isDecodable(all(scheme).slice(0, target))).toBe(true);
      if (isAny) expect(scheme.isDecodable(all(scheme).slice(workerCount - target))).toBe(true);
      expect(scheme.isDecodable([])).toBe(false);
    });

    test("no results leave everything missing and zero", () => {
      const decoded = scheme.decode([], new Float32Array(0), OUTPUT_SIZE);
      expect(decoded.outputs).toEqual(new Float32Array(queryCount * OUTPUT_SIZE));
      expect(decoded.how).toEqual(new Uint8Array(queryCount).fill(DECODED_HOW.missing));
      expect(decoded.rejectedWorkers).toEqual([]);
    });

    test("finite results, however large, give finite answers", () => {
      const random = simulationRandom(9);
      const extremes = [3.4e38, -3.4e38, 1e-45, 0, 1, 1e20];
      for (let trial = 0; trial < 5; trial++) {
        const results = Float32Array.from(
          { length: workerCount * OUTPUT_SIZE },
          () => extremes[random.integer(extremes.length)]!,
        );
        for (const arrived of [all(scheme), all(scheme).slice(1)]) {
          const arrivedResults = results.subarray((workerCount - arrived.length) * OUTPUT_SIZE);
          expect(scheme.decode(arrived, arrivedResults, OUTPUT_SIZE).outputs.every(Number.isFinite)).toBe(true);
        }
      }
    });

    test("arrivals out of order, repeated or out of range are refused", () => {
      const bad = [[0, 0], [-1], [workerCount], [0.5], [Number.NaN], ...(workerCount > 1 ? [[1, 0]] : [])];
      for (const arrived of bad) {
        const results = new Float32Array(arrived.length * OUTPUT_SIZE);
        expect(() => scheme.isDecodable(arrived)).toThrow(CodingError);
        expect(() => scheme.decode(arrived, results, OUTPUT_SIZE)).toThrow(CodingError);
        expect(() => scheme.estimate([0], arrived, results, OUTPUT_SIZE)).toThrow(CodingError);
      }
    });

    test("wrong lengths and queries are refused", () => {
      const arrived = all(scheme);
      const right = workerCount * OUTPUT_SIZE;
      for (const length of [0, right - 1, right + 1]) {
        expect(() => scheme.decode(arrived, new Float32Array(length), OUTPUT_SIZE)).toThrow(CodingError);
        expect(() => scheme.estimate([0], arrived, new Float32Array(length), OUTPUT_SIZE)).toThrow(CodingError);
      }
      for (const outputSize of [0, -1, 0.5]) {
        expect(() => scheme.decode(arrived, new Float32Array(right), outputSize)).toThrow(CodingError);
      }
      for (const query of [-1, queryCount, 0.5]) {
        expect(() => scheme.estimate([query], arrived, new Float32Array(right), OUTPUT_SIZE)).toThrow(CodingError);
      }
      expect(() => encodeGroups(scheme, new Float32Array(queryCount * INPUT_SIZE + 1), 1, INPUT_SIZE)).toThrow(
        CodingError,
      );
      expect(() => decodeGroups(scheme, [0], [], 1, OUTPUT_SIZE)).toThrow(CodingError);
      expect(() => decodeGroups(scheme, [0], [new Float32Array(OUTPUT_SIZE + 1)], 1, OUTPUT_SIZE)).toThrow(CodingError);
    });

    test("an estimate never uses the workers that computed those queries themselves", () => {
      const results = randomRows(3, workerCount, OUTPUT_SIZE);
      const arrived = all(scheme);
      for (let query = 0; query < queryCount; query++) {
        const estimate = scheme.estimate([query], arrived, results, OUTPUT_SIZE);
        const disturbed = results.slice();
        rawQueryOf.forEach((raw, i) => {
          if (raw === query) disturbed.fill(1e6, i * OUTPUT_SIZE, (i + 1) * OUTPUT_SIZE);
        });
        expect(scheme.estimate([query], arrived, disturbed, OUTPUT_SIZE)).toEqual(estimate);
        if (name === "uncoded" || name === "replication") expect(estimate).toBeNull();
      }
    });
  });

  test.each(small)(
    `${name}, K = $queryCount, S = $stragglerCount, E = $liarCount: every subset of workers is decodable just where it answers every query, and a constant comes back as that constant`,
    (parameters) => {
      const scheme = makeScheme(name, parameters);
      expect(1 << scheme.workerCount).toBeLessThanOrEqual(SUBSETS_MAX);
      const constant = Float32Array.from([-2.5, 0.125, 7]);
      let [subsetCount, decodableCount] = [0, 0];
      for (const arrived of subsetsOf(scheme.workerCount)) {
        const results = Float32Array.from(
          { length: arrived.length * OUTPUT_SIZE },
          (_, at) => weightSumOf(scheme, arrived[Math.floor(at / OUTPUT_SIZE)]!) * constant[at % OUTPUT_SIZE]!,
        );
        const { outputs, how } = scheme.decode(arrived, results, OUTPUT_SIZE);
        expect(scheme.isDecodable(arrived)).toBe(how.every((mark) => mark !== DECODED_HOW.missing));
        how.forEach((mark, query) => {
          const row = outputs.subarray(query * OUTPUT_SIZE, (query + 1) * OUTPUT_SIZE);
          expectClose(row, mark === DECODED_HOW.missing ? new Float32Array(OUTPUT_SIZE) : constant);
        });
        const estimates = scheme.estimate([0, parameters.queryCount - 1], arrived, results, OUTPUT_SIZE);
        if (estimates !== null) expectClose(estimates, [...constant, ...constant]);
        subsetCount++;
        if (scheme.isDecodable(arrived)) decodableCount++;
      }
      expect(subsetCount).toBe(2 ** scheme.workerCount);
      expect(decodableCount).toBe(decodableSubsetCount(name, parameters, scheme.workerCount));
    },
  );
}

/** Counted by combinatorics, not by the code under test. */
function decodableSubsetCount(name: SchemeName, parameters: SchemeParameters, workerCount: number): number {
  const { queryCount, stragglerCount, liarCount } = parameters;
  if (name === "replication") {
    const copies = workerCount / queryCount;
    return atLeast(copies, liarCount + 1) ** queryCount;
  }
  const least = name === "uncoded" ? workerCount : name === "approxifer" ? workerCount - stragglerCount : queryCount;
  return atLeast(workerCount, least);
}

function atLeast(from: number, least: number): number {
  let count = 0;
  for (let chosen = least, ways = 1; chosen <= from; chosen++) {
    ways = 1;
    for (let step = 0; step < chosen; step++) ways = (ways * (from - step)) / (step + 1);
    count += ways;
  }
  return Math.round(count);
}
