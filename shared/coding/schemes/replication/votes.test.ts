/** How replication counts votes: what agrees, who wins, and how many it takes. */
import { expect, test } from "vitest";
import { DECODED_HOW } from "../../scheme.ts";
import { outputsAgree, replicationScheme, replicationWorkerCount } from "./replication.ts";

const of = (queryCount: number, stragglerCount: number, liarCount: number) => ({
  queryCount,
  stragglerCount,
  liarCount,
});
const rows = (...outputs: number[][]) =>
  outputs.map((output) => Float32Array.from(output)) as [Float32Array, Float32Array];
const agree = (a: number[], b: number[], tolerance: number, scaleFloor?: Parameters<typeof outputsAgree>[3]) => {
  const [one, other] = rows(a, b);
  const verdict = outputsAgree(one, other, tolerance, scaleFloor);
  expect(outputsAgree(other, one, tolerance, scaleFloor), "either way round").toBe(verdict);
  return verdict;
};

test("two outputs agree up to the tolerance of the smaller rms, exactly it included, on either side", () => {
  // rms of (4, 0, 0, 0) is 2, of (4.5, 0, 0, 0) 2.25.
  expect(agree([4, 0, 0, 0], [4.5, 0, 0, 0], 0.25)).toBe(true);
  expect(agree([4, 0, 0, 0], [4.5, 0, 0, 0], 0.24)).toBe(false);
  expect(agree([4, 0, 0, 0], [4.5, 0, 0, 0], 0.2223)).toBe(false); // of the larger rms it would be within
  expect(agree([4, 0, 0, 0], [3.5, 0, 0, 0], 0.29)).toBe(true);
  expect(agree([4, 0, 0, 0], [3.5, 0, 0, 0], 0.28)).toBe(false);
  // The largest difference counts, wherever it is.
  expect(agree([4, 0, 0, 0], [4, 0, 0, 0.5], 0.25)).toBe(true);
  expect(agree([4, 0, 0, 0], [4, 0, 0, -0.51], 0.25)).toBe(false);
});

test("scores agree only where their largest entry stands at the same place, the first of two alike", () => {
  expect(agree([1, 1.01, 0], [1.01, 1, 0], 0.5)).toBe(false);
  expect(agree([1, 1, 0], [1.01, 1, 0], 0.5)).toBe(true);
  expect(agree([1, 1, 0], [1, 1.01, 0], 0.5)).toBe(false);
  expect(agree([-2, -1, -3], [-2, -1.01, -3], 0.5)).toBe(true);
  expect(agree([0, 0, 1], [0, 0, 1.01], 0.5)).toBe(true);
});

test("[SC7] numbers agree on the scale of the job's outputs, wherever the largest stands", () => {
  expect(agree([1, 1.01, 0], [1.01, 1, 0], 0.5, 0)).toBe(true);
  expect(agree([0, 0], [0, 0.25], 0.25, 1)).toBe(true);
  expect(agree([0, 0], [0, 0.2501], 0.25, 1)).toBe(false);
  expect(agree([0, 0], [0, 0.25], 0.25, 0)).toBe(false);
  // A row of larger numbers has its own scale.
  expect(agree([100, 100], [100, 104], 0.05, 1)).toBe(true);
  expect(agree([100, 100], [100, 106], 0.05, 1)).toBe(false);
});

test("[SC7] of several outputs each agrees on its own scale, and all of them must", () => {
  const parts = [
    { size: 1, scaleFloor: 10 },
    { size: 2, scaleFloor: 1 },
  ];
  expect(agree([0, 0, 0], [2.5, 0.25, 0.25], 0.25, parts)).toBe(true);
  expect(agree([0, 0, 0], [2.5, 0.25, 2.5], 0.25, parts)).toBe(false);
  expect(agree([0, 0, 0], [2.6, 0, 0], 0.25, parts)).toBe(false);
  expect(agree([0, 0, 0], [0, 0.26, 0], 0.25, parts)).toBe(false);
});

test("a scheme has 2E+1 workers a query where there are liars to outvote, else S+1, and waits for enough of them", () => {
  expect(replicationWorkerCount(of(4, 2, 0))).toBe(12);
  expect(replicationWorkerCount(of(4, 2, 1))).toBe(12);
  expect(replicationWorkerCount(of(4, 9, 2))).toBe(20);
  expect(replicationScheme(of(4, 2, 0)).resultCountTarget).toBe(10);
  expect(replicationScheme(of(4, 2, 1)).resultCountTarget).toBe(10);
  expect(replicationScheme(of(4, 5, 1)).resultCountTarget).toBe(8);
  expect(replicationScheme(of(4, 2, 2)).resultCountTarget).toBe(18);
});

test("a round of votes is decodable with E+1 results of every query, whoever gave them", () => {
  const scheme = replicationScheme(of(2, 0, 1)); // six workers, three a query
  expect(scheme.isDecodable([0, 1, 2, 3])).toBe(true);
  expect(scheme.isDecodable([2, 3, 4, 5])).toBe(true);
  expect(scheme.isDecodable([0, 2, 4])).toBe(false);
  expect(scheme.isDecodable([0, 1, 2, 4])).toBe(false);
  expect(replicationScheme(of(2, 1, 0)).isDecodable([0, 3])).toBe(true);
  expect(replicationScheme(of(2, 1, 0)).isDecodable([0, 2])).toBe(false);
});

test("[VF6] E+1 votes decide, no fewer; who voted otherwise is named, where the vote decided", () => {
  const scheme = replicationScheme(of(1, 0, 2)); // five workers, three decide
  const decode = (...votes: number[]) => {
    const arrived = votes.map((_, n) => n);
    const { outputs, how, rejectedWorkers } = scheme.decode(arrived, Float32Array.from(votes), 1);
    return [outputs[0], how[0], rejectedWorkers];
  };
  expect(decode(9, 5, 5, 5, 9)).toEqual([5, DECODED_HOW.voted, [0, 4]]);
  expect(decode(5, 5, 5)).toEqual([5, DECODED_HOW.voted, []]);
  expect(decode(5, 5, 9, 9)).toEqual([0, DECODED_HOW.missing, []]);
  expect(decode(5, 5, 9, 9, 7)).toEqual([0, DECODED_HOW.missing, []]);
  expect(decode(9, 9, 5, 5, 5)).toEqual([5, DECODED_HOW.voted, [0, 1]]);
});

test("of equally many votes those of the lower worker index win", () => {
  // Within the tolerance of each other in a chain: 10 agrees with 10.4, that with 10.8, 10 with 10.8 not.
  const scheme = replicationScheme(of(1, 0, 1), 0.05);
  const { outputs, rejectedWorkers } = scheme.decode([0, 1, 2], Float32Array.of(10, 10.4, 10.8), 1);
  expect(outputs[0]).toBeCloseTo(10.4, 6);
  expect(rejectedWorkers).toEqual([]);
  const tie = scheme.decode([0, 1], Float32Array.of(10, 10.4), 1);
  expect(tie.outputs[0]).toBe(10);
});

test("without liars the first result of each query stands as it is, and nobody is named", () => {
  const scheme = replicationScheme(of(2, 1, 0));
  const { outputs, how, rejectedWorkers } = scheme.decode([1, 2, 3], Float32Array.of(7, 8, 9), 1);
  expect([...outputs]).toEqual([8, 7]);
  expect([...how]).toEqual([DECODED_HOW.raw, DECODED_HOW.raw]);
  expect(rejectedWorkers).toEqual([]);
  expect([...scheme.decode([1], Float32Array.of(7), 1).how]).toEqual([DECODED_HOW.missing, DECODED_HOW.raw]);
});

test("without liars the first result stands, though others agree with each other", () => {
  const scheme = replicationScheme(of(1, 2, 0));
  expect([...scheme.decode([0, 1, 2], Float32Array.of(5, 9, 9), 1).outputs]).toEqual([5]);
});

test("worker index i holds query i mod K as it is", () => {
  const { name, rawQueryOf, encodeMatrix } = replicationScheme(of(2, 1, 0));
  expect(name).toBe("replication");
  expect([...rawQueryOf]).toEqual([0, 1, 0, 1]);
  expect([...encodeMatrix]).toEqual([1, 0, 0, 1, 1, 0, 0, 1]);
});
