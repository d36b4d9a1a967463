import { describe, expect, it } from "vitest";
import { growthOf, heapIsFlat, type MemorySample } from "./memory-samples.ts";
import { simulatedService } from "./simulated-service.ts";

const MIB = 1024 * 1024;
const samplesOf = (heaps: readonly number[]): MemorySample[] =>
  heaps.map((heap, n) => ({ jobs: n, rssBytes: 0, heapBytes: heap * MIB }));

describe("memory over a long service", () => {
  it("is flat where it has grown by no more than heaps breathe, and grows where it has", () => {
    expect(heapIsFlat(samplesOf([20, 25, 30, 30, 31, 29, 30, 32]))).toBe(true);
    expect(heapIsFlat(samplesOf([20, 25, 30, 30, 32, 34, 36, 38]))).toBe(false);
    expect(growthOf(samplesOf([1, 2, 3, 4]), ({ heapBytes }) => heapBytes)).toEqual({
      fromBytes: 2 * MIB,
      toBytes: 4 * MIB,
    });
  });

  it("does not grow with jobs of each scheme that have ended, and volunteers that have gone", {
    timeout: 600_000,
  }, async () => {
    const { samples, ends } = await simulatedService({ seed: 1, jobs: 240, hours: 0.1, samples: 12 });
    expect(samples).toHaveLength(12);
    expect((ends.get("done") ?? 0) + (ends.get("cancelled") ?? 0)).toBe(240);
    expect(heapIsFlat(samples), JSON.stringify(samples)).toBe(true);
  });
});
