import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { simulationRandom } from "../random/simulation-random.ts";
import { CodingError } from "./coding-error.ts";
import { decodeGroups } from "./decode-groups.ts";
import { encodeGroups } from "./encode-groups.ts";
import { makeScheme } from "./make-scheme.ts";
import { arrivedPositions, placement, placements } from "./placement.ts";
import { DECODED_HOW } from "./scheme.ts";
import { randomRows } from "./testing/codes.ts";

const scheme = makeScheme("systematic", { queryCount: 4, stragglerCount: 2, liarCount: 1 });
const [GROUPS, WIDTH] = [6, 3];
const everyone = [0, 1, 2, 3, 4, 5, 6];

describe("placements", () => {
  test("each is a permutation, and over many draws each place meets each worker index equally often", () => {
    const random = simulationRandom(1);
    const counts = new Uint32Array(16);
    for (let draw = 0; draw < 4000; draw++) {
      const dealt = placement(random, 4);
      expect([...dealt].sort()).toEqual([0, 1, 2, 3]);
      dealt.forEach((workerIndex, position) => {
        counts[position * 4 + workerIndex]! += 1;
      });
    }
    // 1000 expected, standard deviation 27.
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(140);
  });

  test("what arrived is told in positions, in order, with the batch each came in", () => {
    expect(arrivedPositions([0, 2, 3, 5], Uint32Array.of(2, 0, 1, 3))).toEqual({
      positions: [0, 1, 3, 5],
      arrivedRows: [1, 0, 2, 3],
    });
  });

  test("a worker index holds the queries that it was dealt", () => {
    const dealt = placements(simulationRandom(2), GROUPS, 4);
    const groups = randomRows(3, GROUPS * 4, WIDTH);
    const batches = encodeGroups(scheme, groups, GROUPS, WIDTH, dealt);
    const asTheyAre = encodeGroups(scheme, groups, GROUPS, WIDTH);
    for (let g = 0; g < GROUPS; g++) {
      const rowAt = (batch: Float32Array) => batch.subarray(g * WIDTH, (g + 1) * WIDTH);
      for (let p = 0; p < 4; p++) expect(rowAt(batches[dealt[g * 4 + p]!]!)).toEqual(rowAt(asTheyAre[p]!));
      for (const parity of [4, 5, 6]) expect(rowAt(batches[parity]!)).toEqual(rowAt(asTheyAre[parity]!));
    }
  });

  test("placements do not change any answer while all arrive, and a lost worker loses what it was dealt", () => {
    const dealt = placements(simulationRandom(4), GROUPS, 4);
    const groups = randomRows(5, GROUPS * 4, WIDTH);
    const batches = encodeGroups(scheme, groups, GROUPS, WIDTH, dealt);
    const complete = decodeGroups(scheme, everyone, batches, GROUPS, WIDTH, dealt);
    expect(complete.outputs).toEqual(groups);
    const arrived = [0, 1, 3, 4, 5, 6];
    const decoded = decodeGroups(
      scheme,
      arrived,
      arrived.map((i) => batches[i]!),
      GROUPS,
      WIDTH,
      dealt,
    );
    decoded.how.forEach((how, at) => {
      expect(how).toBe(dealt[at] === 2 ? DECODED_HOW.estimated : DECODED_HOW.raw);
    });
  });

  test("what is no permutation is refused", () => {
    const groups = new Float32Array(4 * WIDTH);
    for (const bad of [
      [0, 1, 2],
      [0, 1, 2, 2],
      [0, 1, 2, 4],
    ]) {
      expect(() => encodeGroups(scheme, groups, 1, WIDTH, Uint32Array.from(bad))).toThrow(CodingError);
      expect(() => decodeGroups(scheme, [], [], 1, WIDTH, Uint32Array.from(bad))).toThrow(CodingError);
    }
  });
});

test("decoding many groups is decoding each, for any scheme, arrivals and placements", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("uncoded", "replication", "approxifer", "spline", "systematic"),
      fc.integer({ min: 0, max: 1 }),
      fc.integer({ min: 1, max: 1e6 }),
      fc.infiniteStream(fc.boolean()),
      (name, liarCount, seed, coins) => {
        const any = makeScheme(name, { queryCount: 3, stragglerCount: 2, liarCount });
        const arrived = Array.from({ length: any.workerCount }, (_, i) => i).filter(() => coins.next().value);
        const batches = arrived.map((i) => randomRows(seed + i, GROUPS, WIDTH));
        const together = decodeGroups(any, arrived, batches, GROUPS, WIDTH);
        const rejectedCounts = new Uint32Array(any.workerCount);
        for (let g = 0; g < GROUPS; g++) {
          const results = Float32Array.from(
            batches.flatMap((batch) => [...batch.subarray(g * WIDTH, (g + 1) * WIDTH)]),
          );
          const alone = any.decode(arrived, results, WIDTH);
          expect(together.outputs.subarray(g * 3 * WIDTH, (g + 1) * 3 * WIDTH)).toEqual(alone.outputs);
          expect(together.how.subarray(g * 3, (g + 1) * 3)).toEqual(alone.how);
          for (const i of alone.rejectedWorkers) rejectedCounts[i]! += 1;
        }
        expect(together.rejectedCounts).toEqual(rejectedCounts);
      },
    ),
    { seed: 20_003, numRuns: 60 },
  );
});
