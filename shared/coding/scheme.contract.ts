/** What every scheme promises; scheme.test.ts runs it for each. */
import { describe, expect, test } from "vitest";
import { simulationRandom } from "../random/simulation-random.ts";
import { CodingError } from "./coding-error.ts";
import { decodeGroups } from "./decode-groups.ts";
import { encodeGroups } from "./encode-groups.ts";
import { makeScheme, workerCountOf } from "./make-scheme.ts";
import { type CodingScheme, DECODED_HOW, type SchemeParameters } from "./scheme.ts";
import type { SchemeDefinition } from "./scheme-definition.ts";
import { SCHEMES, type SchemeName } from "./schemes/schemes.ts";
import { of, randomRows, subsetsOf } from "./testing/codes.ts";

const INPUT_SIZE = 5;
const OUTPUT_SIZE = 3;
/** Float32 has 24 bits; a handful of sums and weights of order one lose a few. */
const FLOAT32_TOLERANCE = 1e-5;
/** Every subset of so many workers is tried at most. */
const SUBSETS_MAX = 1 << 12;

/** K, S and E: some so few that every subset of the workers can be tried, some realistic. */
const PARAMETERS: readonly SchemeParameters[] = [
  ...[of(1, 0, 0), of(1, 1, 0), of(1, 1, 1), of(1, 2, 1), of(1, 3, 0), of(1, 5, 1), of(2, 0, 2), of(2, 1, 0)],
  ...[of(2, 1, 1), of(3, 1, 0), of(3, 1, 2), of(3, 2, 0), of(3, 2, 1), of(3, 2, 2), of(4, 0, 0), of(4, 1, 0)],
  ...[of(4, 2, 1), of(4, 4, 0), of(4, 5, 3), of(8, 1, 0), of(8, 2, 1), of(8, 3, 0), of(8, 8, 0), of(12, 0, 3)],
  ...[of(12, 1, 1), of(12, 1, 2), of(64, 0, 0), of(64, 1, 0), of(64, 3, 3), of(64, 5, 0)],
];

/** A locator's decompositions of larger codes would take seconds. */
const WORKERS_MAX = 100;

/** Those of PARAMETERS of which the scheme makes a code, not too large. */
function parametersOf(name: SchemeName): SchemeParameters[] {
  return PARAMETERS.filter((parameters) => {
    try {
      return workerCountOf(name, parameters) <= WORKERS_MAX;
    } catch (error) {
      if (error instanceof CodingError) return false;
      throw error;
    }
  });
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

const everyone = (scheme: CodingScheme): number[] => Array.from({ length: scheme.workerCount }, (_, i) => i);

/** A scheme is tested by its line in schemes.ts alone; what is particular to it, its own folder tests. */
export function registerSchemeContractTests(name: SchemeName): void {
  const definition: SchemeDefinition = SCHEMES[name];
  const all = parametersOf(name);
  const small = all.filter((parameters) => 1 << workerCountOf(name, parameters) <= SUBSETS_MAX);

  registerFactTests(name, definition, all);

  describe.each(all)(`${name}, K = $queryCount, S = $stragglerCount, E = $liarCount`, (parameters) => {
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

    if (definition.canEndExact || definition.estimates === "none") {
      test("with all results of a linear function every answer is exact", () => {
        const [groupCount, groups] = [4, randomRows(2, 4 * queryCount, INPUT_SIZE)];
        const batches = encodeGroups(scheme, groups, groupCount, INPUT_SIZE).map(linearModel);
        const decoded = decodeGroups(scheme, everyone(scheme), batches, groupCount, OUTPUT_SIZE);
        expect(decoded.outputs).toEqual(linearModel(groups));
        expect(decoded.how.every((how) => how === DECODED_HOW.raw || how === DECODED_HOW.voted)).toBe(true);
        expect(decoded.rejectedCounts.every((count) => count === 0)).toBe(true);
      });
    }

    test("any N-S results are decodable where the code says that S may be missing", () => {
      expect(scheme.isDecodable(everyone(scheme))).toBe(true);
      const target = scheme.resultCountTarget;
      expect(scheme.isDecodable(everyone(scheme).slice(0, target))).toBe(true);
      expect(scheme.isDecodable(everyone(scheme).slice(workerCount - target))).toBe(true);
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
        for (const arrived of [everyone(scheme), everyone(scheme).slice(1)]) {
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
      const arrived = everyone(scheme);
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
      const arrived = everyone(scheme);
      for (let query = 0; query < queryCount; query++) {
        const estimate = scheme.estimate([query], arrived, results, OUTPUT_SIZE);
        const disturbed = results.slice();
        rawQueryOf.forEach((raw, i) => {
          if (raw === query) disturbed.fill(1e6, i * OUTPUT_SIZE, (i + 1) * OUTPUT_SIZE);
        });
        expect(scheme.estimate([query], arrived, disturbed, OUTPUT_SIZE)).toEqual(estimate);
        if (definition.estimates === "none") expect(estimate).toBeNull();
      }
    });
  });

  test.each(small)(
    `${name}, K = $queryCount, S = $stragglerCount, E = $liarCount: every subset of workers is decodable just where it answers every query, and a constant comes back as that constant`,
    (parameters) => {
      const scheme = makeScheme(name, parameters);
      expect(1 << scheme.workerCount).toBeLessThanOrEqual(SUBSETS_MAX);
      const constant = Float32Array.from([-2.5, 0.125, 7]);
      const isConstant = (row: Float32Array) =>
        row.every((value, c) => Math.abs(value - constant[c]!) < FLOAT32_TOLERANCE);
      const rowOf = (rows: Float32Array, r: number) => rows.subarray(r * OUTPUT_SIZE, (r + 1) * OUTPUT_SIZE);
      for (const arrived of subsetsOf(scheme.workerCount)) {
        const results = Float32Array.from(
          { length: arrived.length * OUTPUT_SIZE },
          (_, at) => weightSumOf(scheme, arrived[Math.floor(at / OUTPUT_SIZE)]!) * constant[at % OUTPUT_SIZE]!,
        );
        const { outputs, how } = scheme.decode(arrived, results, OUTPUT_SIZE);
        const wrongRows = [...how.keys()].filter((query) => {
          const row = rowOf(outputs, query);
          return how[query] === DECODED_HOW.missing ? row.some((value) => value !== 0) : !isConstant(row);
        });
        const answersAll = how.every((mark) => mark !== DECODED_HOW.missing);
        const estimates = scheme.estimate([0, parameters.queryCount - 1], arrived, results, OUTPUT_SIZE);
        const isRight = estimates === null || (isConstant(rowOf(estimates, 0)) && isConstant(rowOf(estimates, 1)));
        expect([arrived, scheme.isDecodable(arrived), wrongRows, isRight]).toEqual([arrived, answersAll, [], true]);
      }
    },
  );
}

/** What a scheme says of itself (scheme-definition.ts) is what its codes are. */
function registerFactTests(name: SchemeName, definition: SchemeDefinition, all: readonly SchemeParameters[]): void {
  const schemes = () => all.map((parameters) => makeScheme(name, parameters));

  describe(`${name}: what it says of itself`, () => {
    test("the name of its line, words for people, and words for every code", () => {
      expect(definition.name).toBe(name);
      expect(all.length).toBeGreaterThan(10);
      const { words } = definition;
      expect(words.describe).toMatch(/^[A-Z].*\.$/);
      expect(words.inShort).toMatch(/[^.]$/);
      const code = { queriesPerGroup: 4, stragglers: 1, liars: 0, sendsMixtures: definition.mixesRows };
      expect(words.code(code)).toMatch(/4|four/);
    });

    test("rows are mixed just where it says so", () => {
      const mixes = schemes().some(({ queryCount, encodeMatrix, workerCount }) =>
        Array.from({ length: workerCount }, (_, i) => encodeMatrix.subarray(i * queryCount, (i + 1) * queryCount)).some(
          (row) => row.filter((weight) => weight !== 0).length > 1,
        ),
      );
      expect(mixes).toBe(definition.mixesRows);
    });

    test("an exact end needs audits, and a worker for each query that computes it as it is; so do spares", () => {
      const hasRawWorkers = schemes().every(({ queryCount, rawQueryOf }) =>
        Array.from({ length: queryCount }, (_, query) => rawQueryOf.includes(query)).every(Boolean),
      );
      if (definition.canEndExact || definition.hasSpares) expect(hasRawWorkers).toBe(true);
      if (definition.canEndExact || definition.estimates === "withheld") {
        for (const liars of [0, 1, 5]) expect(definition.verificationOf(liars)).toBe("audits");
      }
    });

    test("votes are counted among different volunteers", () => {
      if ([0, 1, 5].some((liars) => definition.verificationOf(liars) === "votes")) {
        expect(definition.needsDistinctVolunteers).toBe(true);
      }
    });

    test("a parity model is run by a worker just where one is taken", () => {
      const usesOne = schemes().some(({ modelOf }) => modelOf?.some((model) => model > 0) ?? false);
      expect(usesOne).toBe(definition.takes.parityModel);
    });

    test("groups that may shrink make a code at every size below K", () => {
      if (!definition.groupsMayShrink) return;
      for (const parameters of all) {
        for (let queryCount = 1; queryCount < parameters.queryCount; queryCount++) {
          expect(workerCountOf(name, { ...parameters, queryCount })).toBeGreaterThan(0);
        }
      }
    });

    test("one straggler or liar beyond its bound is refused, with the reason", () => {
      const bounds = [
        [definition.stragglerBound, (most: number) => of(2, most, 0)],
        [definition.liarBound, (most: number) => of(2, 0, most)],
      ] as const;
      for (const [bound, parameters] of bounds) {
        if (bound === null) continue;
        expect(workerCountOf(name, parameters(bound.most))).toBeGreaterThan(0);
        expect(() => makeScheme(name, parameters(bound.most + 1))).toThrow(bound.because);
      }
    });

    test("points to locate suspects by are different, one for each worker", () => {
      for (const { evaluationPoints, workerCount } of schemes()) {
        if (evaluationPoints === undefined) continue;
        expect(new Set(evaluationPoints).size).toBe(workerCount);
      }
    });

    test("what the form and the dial suggest makes a code", () => {
      for (const settings of Object.values(definition.formSettings)) {
        const { queriesPerGroup = 4, stragglers = 0, liars = 0 } = settings;
        expect(workerCountOf(name, of(queriesPerGroup, stragglers, liars))).toBeGreaterThan(0);
      }
      for (const queriesPerGroup of [1, 2, 4, 8, 16]) {
        const question = { queriesPerGroup, volunteers: 20, liars: 1, usesMixtures: true };
        for (const { stragglers, liars } of definition.dialSettings?.(question) ?? []) {
          expect(workerCountOf(name, of(queriesPerGroup, stragglers, liars))).toBeGreaterThan(0);
        }
      }
    });
  });
}
