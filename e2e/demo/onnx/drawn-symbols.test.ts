import { expect, test } from "vitest";
import { simulationRandom } from "../../../shared/random/simulation-random.ts";
import { DRAWINGS, drawSymbols, looksLike } from "./drawn-symbols.ts";

const SIDE = 64;
const PIXELS = SIDE * SIDE;

test("drawings fill the picture but for its margin, in white on black, each in turn and none like another", () => {
  const kinds = Object.keys(DRAWINGS);
  const { pixels, meant } = drawSymbols(2 * kinds.length, SIDE, simulationRandom(3));
  expect(meant).toEqual([...kinds, ...kinds]);
  const pictures = meant.map((_, i) => pixels.subarray(i * PIXELS, (i + 1) * PIXELS));
  for (const picture of pictures) {
    expect(Math.max(...picture)).toBe(255);
    const touched = [...picture.keys()].filter((p) => picture[p]! > 0);
    const columns = touched.map((p) => p % SIDE);
    const rows = touched.map((p) => Math.floor(p / SIDE));
    const spans = [columns, rows].map((places) => Math.max(...places) - Math.min(...places));
    // The longer side, and half a line on either end.
    expect(Math.max(...spans)).toBeGreaterThan(SIDE - 20);
    expect(Math.max(...spans)).toBeLessThan(SIDE - 20 + 12);
  }
  expect(new Set(pictures.map((picture) => picture.join())).size).toBe(pictures.length);
});

test("the same seed draws the same", () => {
  expect(drawSymbols(5, SIDE, simulationRandom(1))).toEqual(drawSymbols(5, SIDE, simulationRandom(1)));
});

test("a sum sign may be taken for a sigma, an arrow for no sum", () => {
  expect([looksLike("∑", "∑"), looksLike("∑", "Σ"), looksLike("→", "∑")]).toEqual([true, true, false]);
});
