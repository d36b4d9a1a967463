import fc from "fast-check";
import { expect, test } from "vitest";
import { simulationRandom } from "../../shared/random/simulation-random.ts";
import { HmacDigest } from "../hmac-digest.ts";
import { sampleByCoins } from "./checked-rows-windows.ts";
import { coinOfRow, secondWordOf } from "./coins.ts";
import { planBlockSample } from "./sample.ts";
import { termsOf } from "./terms.ts";
import { blockAsked } from "./testing/block-asked.ts";
import type { BlockTerms } from "./words.ts";

const TERMS = termsOf(100, 1e-3, blockAsked({ rows: 10_000, hasCrowd: true, submitterRows: 200 })) as BlockTerms;

test("the coin of a row is that of its place and attempt under the job's key, and uniform", () => {
  const keyed = new HmacDigest(Buffer.alloc(32, 7));
  const coin = (place: number, attempt: number) => coinOfRow((text) => keyed.of(text), "job-0", place, attempt);
  expect(coin(5, 0)).toBe(coin(5, 0));
  expect(new Set([coin(5, 0), coin(5, 1), coin(6, 0)]).size).toBe(3);
  const coins = Array.from({ length: 4_000 }, (_, place) => coin(place, 0));
  for (const share of [0.02, 0.05, 0.5]) {
    const below = coins.filter((drawn) => drawn < share).length / coins.length;
    expect(Math.abs(below - share)).toBeLessThan(4 * Math.sqrt((share * (1 - share)) / coins.length));
  }
});

test("a coin says coordinator below q, crowd up to q + h, and the submitter's first rows have a larger q and the same h", () => {
  const { anchorShare: q, duplicateShare: h, firstAnchorShare, firstRows } = TERMS;
  expect([firstRows, firstAnchorShare]).toEqual([200, 0.05]);
  const tiny = 1e-9;
  for (const [before, share] of [
    [0, 0.05],
    [199, 0.05],
    [200, q],
    [9_999, q],
  ] as const) {
    expect(secondWordOf(share - tiny, TERMS, before, false)).toBe("coordinator");
    expect(secondWordOf(share, TERMS, before, false)).toBe("crowd");
    expect(secondWordOf(share + h - tiny, TERMS, before, false)).toBe("crowd");
    expect(secondWordOf(share + h, TERMS, before, false)).toBe("none");
  }
  expect(secondWordOf(0.999, TERMS, 9_999, true)).toBe("coordinator");
});

/** Chance that a sample of m of n rows misses b given rows, of each hit with chance `covered` no word against it: every sample is looked at. */
function escapeByAllSamples(n: number, m: number, b: number, covered: number): number {
  let [sum, samples] = [0, 0];
  for (let set = 0; set < 2 ** n; set++) {
    const drawn = Array.from({ length: n }, (_, row) => (set >> row) & 1);
    if (drawn.reduce((total, one) => total + one, 0) !== m) continue;
    samples++;
    sum += covered ** drawn.slice(0, b).reduce((total, one) => total + one, 0);
  }
  return sum / samples;
}

test("of b lies a sample of either kind misses all with chance (1-s)^b at most: every sample of up to ten rows", () => {
  for (const sampleShare of [0.05, 0.2, 0.5, 0.63]) {
    for (const n of [1, 4, 7, 10]) {
      for (const colluderShare of [1 / 3, 0.527]) {
        for (const by of ["coordinator", "crowd"] as const) {
          const plan = planBlockSample({ sampleShare, colluderShare }, n, by);
          for (let b = 1; b <= n; b++) {
            const missed = escapeByAllSamples(n, plan.rows, b, plan.by === "crowd" ? colluderShare : 0);
            expect(missed).toBeLessThanOrEqual((1 - sampleShare) ** b + 1e-12);
          }
        }
      }
    }
  }
});

test("a sample is never larger than what stands, and none is drawn where s is 0", () => {
  fc.assert(
    fc.property(fc.nat(5_000), fc.nat(1_000), fc.boolean(), (standing, thousandths, isOfCrowd) => {
      const terms = { sampleShare: thousandths / 1_000, colluderShare: 1 / 3 };
      const plan = planBlockSample(terms, standing, isOfCrowd ? "crowd" : "coordinator");
      expect(plan.rows).toBeLessThanOrEqual(standing);
      expect(plan.rows).toBeGreaterThanOrEqual(Math.floor(terms.sampleShare * standing));
      if (thousandths === 0) expect(plan.rows).toBe(0);
      if (terms.sampleShare > 2 / 3 && standing > 30) expect(plan.by).toBe("coordinator");
    }),
  );
});

test("each standing answer is drawn as often as any other", () => {
  const standing = [3, 5, 8, 13, 21, 34, 55, 89].map((place) => ({ place, attempt: 0 }));
  const random = simulationRandom(3);
  const drawn = new Map(standing.map(({ place }) => [place, 0]));
  const runs = 8_000;
  for (let run = 0; run < runs; run++) {
    const sample = sampleByCoins(standing, 3, () => random.uniform());
    expect(new Set(sample).size).toBe(3);
    for (const { place } of sample) drawn.set(place, drawn.get(place)! + 1);
  }
  for (const times of drawn.values()) expect(Math.abs(times / runs - 3 / 8)).toBeLessThan(0.025);
});
