import { describe, expect, test } from "vitest";
import { decodeGroups } from "../../../../shared/coding/decode-groups.ts";
import { encodeGroups } from "../../../../shared/coding/encode-groups.ts";
import { localityOrder } from "../../../../shared/coding/locality.ts";
import { makeScheme } from "../../../../shared/coding/make-scheme.ts";
import { placements } from "../../../../shared/coding/placement.ts";
import { principalProjection } from "../../../../shared/coding/principal-components.ts";
import { normal, shuffle } from "../../../../shared/random/draws.ts";
import { simulationRandom } from "../../../../shared/random/simulation-random.ts";
import {
  agreedCount,
  BIN_COUNT,
  comparedCount,
  ESTIMATORS,
  type EstimateTally,
  emptyTally,
  sumOfTallies,
} from "../../../../shared/verify/estimate-confidence.ts";
import { featuresByPlace } from "../testing/place-features.ts";
import { CLASSIFICATION } from "./answer-rule.ts";
import { argmax } from "./argmax.ts";
import { confidenceOfCode, NO_ESTIMATE } from "./estimate-codes.ts";
import { estimateRound, type RoundResults } from "./held-out-estimates.ts";
import { JobAnswers } from "./job-answers.ts";
import { neighbourhoodOf } from "./neighbourhood.ts";

const [INPUT_SIZE, OUTPUT_SIZE, K, GROUP_COUNT] = [6, 5, 4, 8];
const ROWS = K * GROUP_COUNT;
const scheme = makeScheme("systematic", { queryCount: K, stragglerCount: 2, liarCount: 1 });

/** Each class has a centre; a query's outputs fall with its distance to them. */
const CENTRES = Array.from({ length: OUTPUT_SIZE }, (_, c) => {
  const random = simulationRandom(100 + c);
  return Array.from({ length: INPUT_SIZE }, () => 2 * normal(random));
});

function modelOf(rows: Float32Array): Float32Array {
  const outputs = new Float32Array((rows.length / INPUT_SIZE) * OUTPUT_SIZE);
  for (let at = 0, out = 0; at < rows.length; at += INPUT_SIZE) {
    for (const centre of CENTRES) {
      outputs[out++] = -Math.sqrt(centre.reduce((sum, value, d) => sum + (value - rows[at + d]!) ** 2, 0));
    }
  }
  return outputs;
}

/** All rounds of a job with clustered queries, of which two workers are lost in each. @param spread of a cluster */
function jobOf(seed: number, rounds: number, spread: number) {
  const random = simulationRandom(seed);
  const count = rounds * ROWS;
  const queries = new Float32Array(count * INPUT_SIZE);
  for (let q = 0; q < count; q++) {
    const centre = CENTRES[random.integer(OUTPUT_SIZE)]!;
    for (let d = 0; d < INPUT_SIZE; d++) queries[q * INPUT_SIZE + d] = centre[d]! + spread * normal(random);
  }
  const order = localityOrder(queries, count, INPUT_SIZE, K, random);
  const { projected, componentCount } = principalProjection(queries, count, INPUT_SIZE, random);
  const byPlace = featuresByPlace({ values: projected, width: componentCount }, order);
  const answers = new JobAnswers(count, OUTPUT_SIZE, CLASSIFICATION);
  const expected = modelOf(queries);
  const roundOf = (r: number, earlier: EstimateTally): RoundResults & { rows: Uint32Array } => {
    const rows = order.subarray(r * ROWS, (r + 1) * ROWS);
    const groups = new Float32Array(ROWS * INPUT_SIZE);
    rows.forEach((query, row) => {
      groups.set(queries.subarray(query * INPUT_SIZE, (query + 1) * INPUT_SIZE), row * INPUT_SIZE);
    });
    const dealt = placements(random, GROUP_COUNT, K);
    const batches = encodeGroups(scheme, groups, GROUP_COUNT, INPUT_SIZE, dealt).map(modelOf);
    const arrived = shuffle([...batches.keys()], random)
      .slice(2)
      .sort((a, b) => a - b);
    const arrivedBatches = arrived.map((workerIndex) => batches[workerIndex]!);
    return {
      scheme,
      arrived,
      batches: arrivedBatches,
      groupCount: GROUP_COUNT,
      outputSize: OUTPUT_SIZE,
      placements: dealt,
      rule: CLASSIFICATION,
      ownRows: ROWS,
      decoded: decodeGroups(scheme, arrived, arrivedBatches, GROUP_COUNT, OUTPUT_SIZE, dealt),
      neighbourhood: neighbourhoodOf(byPlace, order, answers, r * ROWS, ROWS),
      earlier,
      rows,
    };
  };
  const answer = (rows: Uint32Array) => {
    for (const query of rows) {
      const output = expected.subarray(query * OUTPUT_SIZE, (query + 1) * OUTPUT_SIZE);
      answers.set(query, { output, mark: "audited", source: null });
    }
  };
  return { roundOf, answer, labelOf: (query: number) => argmax(expected, query, OUTPUT_SIZE) };
}

describe("[ES1] what is measured is what estimates are used for", () => {
  test.each(ESTIMATORS)("a column that is left out is estimated as if it had been lost: %s", (estimator) => {
    // A long record of one estimator makes it the better one, whatever this round says.
    const record = { agreed: new Array(BIN_COUNT).fill(1_000), total: new Array(BIN_COUNT).fill(1_000) };
    const earlier = { ...emptyTally(), [estimator]: record };
    const round = jobOf(1, 1, 2).roundOf(0, earlier);
    const { heldOut, better } = estimateRound(round);
    expect(better).toBe(estimator);
    let [agreed, compared] = [0, 0];
    round.arrived.forEach((workerIndex, left) => {
      if (workerIndex >= K) return;
      const arrived = round.arrived.filter((_, r) => r !== left);
      const batches = round.batches.filter((_, r) => r !== left);
      const decoded = decodeGroups(scheme, arrived, batches, GROUP_COUNT, OUTPUT_SIZE, round.placements!);
      const { outputs, codes } = estimateRound({ ...round, arrived, batches, decoded });
      for (let row = 0; row < ROWS; row++) {
        if (round.placements![row] !== workerIndex) continue;
        expect(codes[row]).toBeGreaterThanOrEqual(estimator === "coded" ? 0 : BIN_COUNT);
        const g = Math.floor(row / K);
        compared++;
        if (argmax(outputs, row, OUTPUT_SIZE) === argmax(round.batches[left]!, g, OUTPUT_SIZE)) agreed++;
      }
    });
    expect(compared).toBeGreaterThan(ROWS / 3);
    expect([agreedCount(heldOut[estimator]), comparedCount(heldOut[estimator])]).toEqual([agreed, compared]);
  });

  test("rows that were lost have an estimate and a code, others have none, and the tally counts each answered row once", () => {
    const round = jobOf(2, 1, 1).roundOf(0, emptyTally());
    const { codes, heldOut, outputs } = estimateRound(round);
    let lost = 0;
    for (let row = 0; row < ROWS; row++) {
      const isLost = !round.arrived.includes(round.placements![row]!);
      expect(codes[row] !== NO_ESTIMATE).toBe(isLost);
      if (isLost) lost++;
      const said = outputs.subarray(row * OUTPUT_SIZE, (row + 1) * OUTPUT_SIZE);
      expect(said.some((value) => value !== 0)).toBe(isLost);
    }
    expect(comparedCount(heldOut.neighbours)).toBe(ROWS - lost);
    expect(comparedCount(heldOut.coded)).toBeLessThanOrEqual(ROWS - lost);
  });
});

test("[ES2] what an estimate carries is how often those like it agree, within two points where there are many", () => {
  const { roundOf, answer, labelOf } = jobOf(3, 60, 2.5);
  let tally = emptyTally();
  const lost: { code: number; isRight: boolean }[] = [];
  for (let r = 0; r < 60; r++) {
    const round = roundOf(r, tally);
    const { codes, outputs, heldOut } = estimateRound(round);
    tally = sumOfTallies(tally, heldOut);
    codes.forEach((code, row) => {
      if (code === NO_ESTIMATE) return;
      lost.push({ code, isRight: argmax(outputs, row, OUTPUT_SIZE) === labelOf(round.rows[row]!) });
    });
    answer(round.rows);
  }
  let sizeable = 0;
  for (let code = 0; code < 2 * BIN_COUNT; code++) {
    const own = lost.filter((estimate) => estimate.code === code);
    if (own.length < 60) continue;
    sizeable++;
    const agreed = own.filter(({ isRight }) => isRight).length / own.length;
    const noise = 2 * Math.sqrt((agreed * (1 - agreed)) / own.length);
    expect(confidenceOfCode(tally, code)!).toBeLessThan(agreed + 0.02 + noise);
  }
  expect(sizeable).toBeGreaterThan(1);
  // The bins tell good estimates from bad ones.
  const stated = lost.map(({ code }) => confidenceOfCode(tally, code)!);
  const rightOf = (keep: (confidence: number) => boolean) => {
    const kept = lost.filter((_, l) => keep(stated[l]!));
    return kept.filter(({ isRight }) => isRight).length / kept.length;
  };
  expect(rightOf((confidence) => confidence >= 0.9)).toBeGreaterThan(0.9);
  expect(rightOf((confidence) => confidence < 0.9)).toBeLessThan(0.8);
});

test("padding is neither compared nor estimated", () => {
  const round = jobOf(5, 1, 1).roundOf(0, emptyTally());
  const ownRows = ROWS - 3;
  const { codes, heldOut } = estimateRound({ ...round, ownRows });
  expect([...codes.subarray(ownRows)]).toEqual([NO_ESTIMATE, NO_ESTIMATE, NO_ESTIMATE]);
  expect(comparedCount(heldOut.neighbours) + codes.filter((code) => code !== NO_ESTIMATE).length).toBe(ownRows);
});
