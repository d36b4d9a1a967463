import { describe, expect, test } from "vitest";
import { normal, shuffle } from "../random/draws.ts";
import { simulationRandom } from "../random/simulation-random.ts";
import { CodingError } from "./coding-error.ts";
import { makeScheme, workerCountOf } from "./make-scheme.ts";
import { randomRows, registerSchemeContractTests, subsetsOf } from "./scheme.contract.ts";
import { DECODED_HOW, SCHEME_NAMES, type SchemeName, type SchemeParameters } from "./scheme.ts";
import { outputsAgree, replicationScheme } from "./schemes/replication/replication.ts";

const of = (queryCount: number, stragglerCount: number, liarCount: number): SchemeParameters => ({
  queryCount,
  stragglerCount,
  liarCount,
});

registerSchemeContractTests("uncoded", () => ({
  small: [of(1, 0, 0), of(4, 0, 0), of(3, 2, 1)],
  large: [of(64, 0, 0)],
  isExactForAll: true,
}));
registerSchemeContractTests("replication", () => ({
  small: [of(1, 0, 0), of(3, 2, 0), of(3, 2, 1), of(4, 2, 1), of(2, 0, 2), of(1, 5, 1)],
  large: [of(8, 1, 0), of(12, 0, 3)],
  isExactForAll: true,
}));
registerSchemeContractTests("parm", () => ({
  small: [of(1, 0, 0), of(1, 1, 0), of(2, 1, 0), of(4, 1, 0), of(3, 1, 2), of(4, 0, 0)],
  large: [of(8, 1, 0), of(64, 1, 0)],
  isExactForAll: true,
}));
registerSchemeContractTests("approxifer", () => ({
  small: [of(1, 0, 0), of(1, 3, 0), of(1, 1, 1), of(3, 1, 0), of(4, 4, 0), of(2, 1, 1), of(3, 2, 2), of(4, 2, 1)],
  large: [of(8, 1, 0), of(8, 8, 0), of(12, 1, 2), of(64, 5, 0)],
  isExactForAll: false,
}));
registerSchemeContractTests("spline", () => ({
  small: [of(1, 0, 0), of(1, 3, 0), of(2, 1, 0), of(3, 1, 0), of(4, 4, 0), of(3, 2, 1), of(4, 2, 1)],
  large: [of(8, 1, 0), of(8, 8, 0), of(12, 1, 2), of(64, 5, 0)],
  isExactForAll: false,
}));
registerSchemeContractTests("systematic", () => ({
  small: [of(1, 0, 0), of(1, 2, 1), of(2, 1, 0), of(3, 2, 1), of(4, 2, 1), of(4, 5, 3), of(8, 2, 1)],
  large: [of(8, 3, 0), of(12, 1, 1), of(64, 3, 3)],
  isExactForAll: true,
}));

describe("how many workers", () => {
  test.each<[SchemeName, SchemeParameters, number]>([
    ["uncoded", of(4, 2, 1), 4],
    ["replication", of(4, 2, 1), 12],
    ["replication", of(8, 2, 0), 24],
    ["approxifer", of(4, 2, 1), 11],
    ["approxifer", of(8, 1, 0), 9],
    ["approxifer", of(12, 1, 3), 30],
    ["systematic", of(4, 2, 1), 7],
    ["spline", of(4, 2, 1), 7],
    ["spline", of(8, 1, 0), 9],
    ["parm", of(8, 1, 3), 9],
    ["parm", of(8, 0, 0), 8],
  ])("%s with %o needs %i", (name, parameters, expected) => {
    expect(workerCountOf(name, parameters)).toBe(expected);
  });

  test("parameters beyond their limits are refused, with who, what and how much", () => {
    for (const name of SCHEME_NAMES) {
      for (const bad of [of(0, 0, 0), of(65, 0, 0), of(1.5, 0, 0), of(4, -1, 0), of(4, 0, -1), of(4, 0.5, 0)]) {
        expect(() => makeScheme(name, bad)).toThrow(CodingError);
        expect(() => workerCountOf(name, bad)).toThrow(CodingError);
      }
    }
    expect(() => makeScheme("replication", of(64, 0, 2))).toThrow(/replication: expected at most 256 workers, got 320/);
    expect(() => makeScheme("parm", of(8, 2, 0))).toThrow(/parm: expected at most 1 straggler/);
    expect(() => makeScheme("toString" as SchemeName, of(4, 0, 0))).toThrow(/expected one of uncoded/);
  });
});

describe("replication", () => {
  test("any E lies a query are outvoted, wherever they sit", () => {
    const scheme = makeScheme("replication", of(2, 0, 2));
    const honest = randomRows(4, 2, 10);
    const random = simulationRandom(5);
    const everyone = Array.from({ length: 10 }, (_, i) => i);
    let caseCount = 0;
    for (const liars of subsetsOf(10)) {
      const isWithin = [0, 1].every((query) => liars.filter((i) => i % 2 === query).length <= 2);
      if (!isWithin) continue;
      const results = new Float32Array(100);
      for (const i of everyone) {
        const row = honest.slice((i % 2) * 10, (i % 2) * 10 + 10);
        // Colluding: every liar of a query says the same.
        results.set(
          liars.includes(i) ? row.map((value) => -value) : row.map((v) => v * (1 + 1e-3 * normal(random))),
          i * 10,
        );
      }
      const decoded = scheme.decode(everyone, results, 10);
      expect([...decoded.how]).toEqual([DECODED_HOW.voted, DECODED_HOW.voted]);
      expect(decoded.rejectedWorkers).toEqual(liars);
      decoded.outputs.forEach((value, at) => {
        expect(Math.abs(value - honest[at]!)).toBeLessThan(0.05);
      });
      caseCount++;
    }
    // (C(5,0) + C(5,1) + C(5,2)) ^ 2
    expect(caseCount).toBe(256);
  });

  test("without E+1 results that agree a query is missing, and none is rejected", () => {
    const scheme = makeScheme("replication", of(1, 0, 1));
    const decoded = scheme.decode([0, 2], Float32Array.of(1, 2, 2, 1), 2);
    expect([...decoded.how]).toEqual([DECODED_HOW.missing]);
    expect(decoded.rejectedWorkers).toEqual([]);
  });

  test("without liars the lowest worker index answers", () => {
    const decoded = makeScheme("replication", of(2, 1, 0)).decode([1, 2, 3], Float32Array.of(5, 6, 7), 1);
    expect([...decoded.outputs]).toEqual([6, 5]);
  });

  test("the tolerance of a vote is a parameter", () => {
    const results = Float32Array.of(1, 2, 1.1, 2, 5, 0);
    const strict = replicationScheme(of(1, 0, 1), 1e-3);
    const lax = replicationScheme(of(1, 0, 1), 0.1);
    expect(strict.decode([0, 1, 2], results, 2).how[0]).toBe(DECODED_HOW.missing);
    expect(lax.decode([0, 1, 2], results, 2).how[0]).toBe(DECODED_HOW.voted);
  });

  test("agreement is symmetric, and needs the same largest entry", () => {
    expect(outputsAgree(Float32Array.of(1, 1.001), Float32Array.of(1.001, 1), 0.05)).toBe(false);
    expect(outputsAgree(Float32Array.of(0, 0), Float32Array.of(0, 0), 0.05)).toBe(true);
    const parts = [1, 1].map((size) => ({ size, scaleFloor: 0 }));
    expect(outputsAgree(Float32Array.of(1e6, 1), Float32Array.of(1e6, 1.01), 0.05, parts)).toBe(true);
    expect(outputsAgree(Float32Array.of(1e6, 1), Float32Array.of(1e6, 2), 0.05, parts)).toBe(false);
    expect(outputsAgree(Float32Array.of(0, 0), Float32Array.of(1e-9, 0), 0.05)).toBe(false);
    const [a, b] = [Float32Array.of(1, 10), Float32Array.of(1, 10.4)];
    expect(outputsAgree(a, b, 0.05)).toBe(outputsAgree(b, a, 0.05));
  });
});

describe("parm", () => {
  test("one lost answer is what the parity model says less the other answers; two are missing", () => {
    const scheme = makeScheme("parm", of(3, 1, 0));
    expect([...scheme.modelOf!]).toEqual([0, 0, 0, 1]);
    const one = scheme.decode([0, 2, 3], Float32Array.of(1, 10, 2, 20, 7, 70), 2);
    expect([...one.outputs]).toEqual([1, 10, 4, 40, 2, 20]);
    expect([...one.how]).toEqual([DECODED_HOW.raw, DECODED_HOW.estimated, DECODED_HOW.raw]);
    const two = scheme.decode([2, 3], Float32Array.of(2, 7), 1);
    expect([...two.how]).toEqual([DECODED_HOW.missing, DECODED_HOW.missing, DECODED_HOW.raw]);
  });

  test("an estimate of one query needs the parity and every other answer", () => {
    const scheme = makeScheme("parm", of(3, 1, 0));
    const results = Float32Array.of(1, 5, 2, 7);
    expect([...scheme.estimate([1], [0, 1, 2, 3], results, 1)!]).toEqual([4]);
    expect(scheme.estimate([0, 1], [0, 1, 2, 3], results, 1)).toBeNull();
    expect(scheme.estimate([1], [0, 1, 2], results.subarray(0, 3), 1)).toBeNull();
    expect(scheme.estimate([1], [0, 1, 3], results.subarray(0, 3), 1)).toBeNull();
  });
});

describe("spline", () => {
  test("a straight line of queries through a linear function comes back, whoever is lost", () => {
    const scheme = makeScheme("spline", of(8, 2, 0));
    const dataPoints = Array.from({ length: 8 }, (_, j) => Math.cos(((2 * j + 1) * Math.PI) / 16));
    const results = Array.from({ length: 10 }, (_, i) =>
      dataPoints.reduce((sum, point, j) => sum + scheme.encodeMatrix[i * 8 + j]! * point, 0),
    );
    let caseCount = 0;
    for (const arrived of subsetsOf(10).filter((subset) => subset.length >= 8)) {
      const arrivedResults = Float32Array.from(arrived, (i) => results[i]!);
      scheme.decode(arrived, arrivedResults, 1).outputs.forEach((value, query) => {
        expect(value).toBeCloseTo(dataPoints[query]!, 5);
      });
      caseCount++;
    }
    // C(10,8) + C(10,9) + C(10,10)
    expect(caseCount).toBe(56);
  });
});

describe("systematic", () => {
  test("a lost answer of a smooth path is estimated near the truth, for every lost set that parities can cover", () => {
    const parameters = of(8, 2, 1);
    const scheme = makeScheme("systematic", parameters);
    // A linear function of queries that lie on a straight line: only the code's own error is left.
    const truth = Float32Array.from({ length: 8 }, (_, j) => j / 8);
    const results = Float32Array.from({ length: scheme.workerCount }, (_, i) => {
      let sum = 0;
      for (let j = 0; j < 8; j++) sum += scheme.encodeMatrix[i * 8 + j]! * truth[j]!;
      return sum;
    });
    const errors: number[] = [];
    for (const arrived of subsetsOf(scheme.workerCount).filter((subset) => scheme.isDecodable(subset))) {
      const decoded = scheme.decode(
        arrived,
        Float32Array.from(arrived, (i) => results[i]!),
        1,
      );
      decoded.how.forEach((how, query) => {
        const isRaw = arrived.includes(query);
        expect(how).toBe(isRaw ? DECODED_HOW.raw : DECODED_HOW.estimated);
        const error = Math.abs(decoded.outputs[query]! - truth[query]!);
        if (isRaw) expect(error).toBe(0);
        else errors.push(error);
      });
    }
    // Lost answers over all sets: sum of l * C(8, l) * (sets of parities with at least l members), l = 1..3.
    expect(errors.length).toBe(8 * 7 + 56 * 4 + 168);
    errors.sort((a, b) => a - b);
    expect(errors[errors.length >> 1]!).toBeLessThan(0.05);
  });

  test("an estimate needs a parity and K-1 results", () => {
    const scheme = makeScheme("systematic", of(4, 1, 0));
    const estimate = (queries: number[], arrived: number[]) =>
      scheme.estimate(queries, arrived, randomRows(1, arrived.length, 2), 2);
    expect(estimate([1], [0, 1, 2, 3])).toBeNull();
    expect(estimate([1], [0, 1, 2, 3, 4])).toHaveLength(2);
    expect(estimate([1], [0, 1, 2, 4])).toHaveLength(2);
    expect(estimate([1, 2], [0, 1, 2, 3, 4])).toHaveLength(4);
    expect(estimate([0, 1, 2], [0, 1, 2, 3, 4])).toBeNull();
    expect(makeScheme("systematic", of(1, 2, 0)).estimate([0], [0, 1, 2], randomRows(1, 3, 2), 2)).toBeNull();
  });
});

describe("approxifer", () => {
  test("a node hit is answered by its worker's own output", () => {
    const scheme = makeScheme("approxifer", of(8, 8, 0));
    expect([...scheme.rawQueryOf].filter((query) => query >= 0)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    const results = randomRows(6, 16, 4);
    const everyone = Array.from({ length: 16 }, (_, i) => i);
    const decoded = scheme.decode(everyone, results, 4);
    expect(decoded.how.every((how) => how === DECODED_HOW.raw)).toBe(true);
    scheme.rawQueryOf.forEach((query, i) => {
      if (query < 0) return;
      expect(decoded.outputs.subarray(query * 4, query * 4 + 4)).toEqual(results.subarray(i * 4, i * 4 + 4));
    });
    const lost = scheme.rawQueryOf.indexOf(3);
    const rest = everyone.filter((i) => i !== lost);
    const without = scheme.decode(
      rest,
      Float32Array.from(rest.flatMap((i) => [...results.subarray(i * 4, i * 4 + 4)])),
      4,
    );
    expect(
      [...without.how].map((how, query) => (how === DECODED_HOW.estimated ? query : -1)).filter((q) => q >= 0),
    ).toEqual([3]);
  });

  test("elsewhere no worker is raw and every answer is an estimate", () => {
    const scheme = makeScheme("approxifer", of(4, 2, 1));
    expect(scheme.rawQueryOf.every((query) => query === -1)).toBe(true);
    const decoded = scheme.decode(
      Array.from({ length: 11 }, (_, i) => i),
      randomRows(7, 11, 10),
      10,
    );
    expect(decoded.how.every((how) => how === DECODED_HOW.estimated)).toBe(true);
    expect(decoded.rejectedWorkers).toHaveLength(1);
  });

  test("with liars exactly E of those that arrived are rejected, and what they said does not matter", () => {
    const scheme = makeScheme("approxifer", of(4, 2, 2));
    const random = simulationRandom(8);
    for (let trial = 0; trial < 20; trial++) {
      const arrived = [
        ...shuffle(
          Array.from({ length: scheme.workerCount }, (_, i) => i),
          random,
        ).slice(2),
      ].sort((a, b) => a - b);
      const results = randomRows(trial, arrived.length, 10);
      const decoded = scheme.decode(arrived, results, 10);
      expect(decoded.rejectedWorkers).toHaveLength(2);
      expect(decoded.rejectedWorkers.every((i) => arrived.includes(i))).toBe(true);
    }
  });
});
