import { expect, test } from "vitest";
import { encodeGroups } from "../../../../shared/coding/encode-groups.ts";
import { makeScheme } from "../../../../shared/coding/make-scheme.ts";
import { placements } from "../../../../shared/coding/placement.ts";
import { normal } from "../../../../shared/random/draws.ts";
import { simulationRandom } from "../../../../shared/random/simulation-random.ts";
import { locateSuspects } from "./locate-suspects.ts";

const [K, GROUP_COUNT, SIZE] = [6, 8, 4];

/** Queries of a group lie near each other and the model is smooth, so that results of all workers fit one curve. */
function roundOf(seed: number, stragglerCount: number, liarCount: number) {
  const random = simulationRandom(seed);
  const scheme = makeScheme("systematic", { queryCount: K, stragglerCount, liarCount });
  const groups = new Float32Array(GROUP_COUNT * K * SIZE);
  for (let g = 0; g < GROUP_COUNT; g++) {
    const centre = Array.from({ length: SIZE }, () => normal(random));
    for (let q = 0; q < K; q++) {
      for (let d = 0; d < SIZE; d++) groups[(g * K + q) * SIZE + d] = centre[d]! + 0.1 * normal(random);
    }
  }
  const dealt = placements(random, GROUP_COUNT, K);
  const batches = encodeGroups(scheme, groups, GROUP_COUNT, SIZE, dealt).map((batch) => batch.map(Math.tanh));
  return { scheme, dealt, batches, random };
}

test("[VF2] who lies in a few rows is named with these rows, wherever the secret places put it", () => {
  let [named, rowsHit] = [0, 0];
  for (let seed = 0; seed < 40; seed++) {
    const { scheme, dealt, batches, random } = roundOf(seed, 2, 3);
    const liar = random.integer(K);
    const row = random.integer(GROUP_COUNT);
    const told = batches.map((batch, i) => {
      const lie = batch.slice();
      if (i === liar) for (let d = 0; d < SIZE; d++) lie[row * SIZE + d] = -lie[row * SIZE + d]!;
      return lie;
    });
    const arrived = [...batches.keys()];
    const found = locateSuspects(scheme, arrived, told, GROUP_COUNT, SIZE, dealt).find((s) => s.workerIndex === liar);
    if (found === undefined) continue;
    named++;
    if (found.groups.includes(row)) rowsHit++;
  }
  expect(named).toBeGreaterThan(30);
  expect(rowsHit).toBeGreaterThan(0.9 * named);
});

test("without results to spare nobody is named: K+3 are none, K+4 are", () => {
  const { scheme, dealt, batches } = roundOf(1, 2, 3);
  const lies = batches.map((batch, i) => (i === 1 ? batch.map((value) => 5 - value) : batch));
  const locate = (count: number) =>
    locateSuspects(scheme, [...lies.keys()].slice(0, count), lies.slice(0, count), GROUP_COUNT, SIZE, dealt);
  expect(locate(K + 3)).toEqual([]);
  expect(locate(K + 4).map(({ workerIndex }) => workerIndex)).toEqual([1]);
});

test("codes without points, and copies of one query, have nobody to name", () => {
  const copies = makeScheme("systematic", { queryCount: 1, stragglerCount: 3, liarCount: 3 });
  const batches = Array.from({ length: 7 }, () => new Float32Array(SIZE));
  expect(locateSuspects(copies, [0, 1, 2, 3, 4, 5, 6], batches, 1, SIZE, null)).toEqual([]);
  const parm = makeScheme("parm", { queryCount: 2, stragglerCount: 1, liarCount: 0 });
  expect(locateSuspects(parm, [0, 1, 2], batches.slice(0, 3), 1, SIZE, null)).toEqual([]);
});
