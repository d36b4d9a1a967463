import { describe, expect, it } from "vitest";
import { hash32, hashNoise } from "./hash-noise.ts";

describe("hashNoise", () => {
  it("gives the same numbers for ever", () => {
    expect([0, 1, 2].map((index) => hash32(7, index))).toMatchInlineSnapshot(`
      [
        1420618368,
        2229265414,
        3788636316,
      ]
    `);
  });

  it("is uniform in [-1, 1): mean, variance, and neighbours that know nothing of each other", () => {
    const count = 100_000;
    const values = Float64Array.from({ length: count }, (_, i) => hashNoise(3, i));
    const mean = values.reduce((a, b) => a + b) / count;
    const variance = values.reduce((sum, value) => sum + value * value, 0) / count;
    const neighbours = values.reduce((sum, value, i) => sum + value * (values[i + 1] ?? 0), 0) / count;
    // Five standard deviations: sqrt(1/3), sqrt(4/45) and 1/3, over sqrt(count).
    expect(Math.abs(mean)).toBeLessThan(5 * 0.578 * count ** -0.5);
    expect(Math.abs(variance - 1 / 3)).toBeLessThan(5 * 0.299 * count ** -0.5);
    expect(Math.abs(neighbours)).toBeLessThan((5 / 3) * count ** -0.5);
    expect(Math.min(...values.subarray(0, 10_000))).toBeGreaterThanOrEqual(-1);
    expect(Math.max(...values.subarray(0, 10_000))).toBeLessThan(1);
  });
});
