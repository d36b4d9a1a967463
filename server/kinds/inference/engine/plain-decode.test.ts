import fc from "fast-check";
import { expect, test } from "vitest";
import { makeScheme } from "../../../../shared/coding/make-scheme.ts";
import { placements } from "../../../../shared/coding/placement.ts";
import { DECODED_HOW } from "../../../../shared/coding/scheme.ts";
import { simulationRandom } from "../../../../shared/random/simulation-random.ts";
import { NUMERICS_TASKS } from "../../numerics-tasks.ts";
import { CLASSIFICATION } from "./answer-rule.ts";
import { plainDecode } from "./plain-decode.ts";
import type { RoundPlan } from "./round-plan.ts";

const C = 3;
const random = simulationRandom(7);

/** A round of groups of K, each query once; its last group may be filled up. */
function round(K: number, G: number, padding: number, isDealt: boolean) {
  const scheme = makeScheme("systematic", { queryCount: K, stragglerCount: 0, liarCount: 0 });
  const rows = Uint32Array.from({ length: G * K }, (_, row) => row);
  const plan: RoundPlan = {
    ...{ scheme, rows, ownRows: G * K - padding, groupCount: G, splits: [] },
    placements: isDealt ? placements(random, G, K) : null,
  };
  const batches = Array.from({ length: K }, () => Float32Array.from({ length: G * C }, () => random.uniform()));
  return { plan, batches, arrived: batches.map((_, workerIndex) => workerIndex) };
}

test("[SC5] where each query went out once, as it is, answers are what the decoder of codes makes of the results", async () => {
  const shapes = [fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 9 }), fc.nat(5), fc.boolean()] as const;
  await fc.assert(
    fc.asyncProperty(...shapes, async (K, G, filled, isDealt) => {
      const { plan, batches, arrived } = round(K, G, Math.min(filled, K - 1), isDealt);
      const { name, parameters } = plan.scheme;
      const decoded = await NUMERICS_TASKS.decode(
        {
          ...{ scheme: { name: name as "systematic", parameters }, arrived, batches, placements: plan.placements },
          ...{ groupCount: G, outputSize: C, rule: CLASSIFICATION, estimates: null, suspects: null, spotChecks: null },
        },
        { secretRandom: random, model: () => Promise.reject(new Error("no model")) },
      );
      const plain = plainDecode(plan, { arrived, batches, outputSize: C });
      const own = <A extends Float32Array | Uint8Array>(all: A, width: number) => [
        ...all.subarray(0, plan.ownRows * width),
      ];
      expect(own(plain.outputs, C)).toEqual(own(decoded.outputs, C));
      expect(own(plain.how, 1)).toEqual(own(decoded.how, 1));
      const others = ({ outputs: _outputs, how: _how, ...rest }: typeof plain) => rest;
      expect(others(plain)).toEqual(others(decoded));
    }),
    { numRuns: 100 },
  );
});

test("[VF1] rows of results that may not be decoded are missing", () => {
  const { plan, batches } = round(4, 5, 0, true);
  const { how } = plainDecode(plan, { arrived: [0, 2], batches: [batches[0]!, batches[2]!], outputSize: C });
  const answered = [...how.keys()].filter((row) => how[row] === DECODED_HOW.raw);
  expect(answered.map((row) => plan.placements![row]! % 2)).toEqual(answered.map(() => 0));
  expect(answered).toHaveLength(10);
  expect([...how].filter((one) => one === DECODED_HOW.missing)).toHaveLength(10);
});
