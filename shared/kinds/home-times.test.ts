import { expect, test } from "vitest";
import { ALONE_MS_WORTH_LEAST } from "./alone-and-together.ts";
import { aloneOfProducts, productPace } from "./home-products.ts";
import { aloneOfRuns, needsAllCores } from "./home-times.ts";

const ONE = { rowCount: 1_000, cores: 4, by: "WebAssembly", onOne: [8, 10, 12] };

test("runs on one core say what one core takes, and with all of them what they take together", () => {
  expect(aloneOfRuns({ ...ONE, onAll: null })).toEqual({
    ...{ lowMs: 8_000, highMs: 12_000, oneCoreMs: 10_000 },
    how: "this computer, WebAssembly on one core of 4; a native runtime is faster",
  });
  // Four cores share memory: a row takes each of them longer than it takes one alone.
  expect(aloneOfRuns({ ...ONE, onAll: { threads: 4, times: [16, 20, 24] } })).toEqual({
    ...{ lowMs: 4_000, highMs: 6_000, oneCoreMs: 10_000 },
    how: "this computer, WebAssembly on 4 cores; a native runtime is faster",
  });
  expect(aloneOfRuns({ ...ONE, cores: null, by: "WebGL", onAll: null }).how).toBe(
    "this computer, WebGL; a native runtime is faster",
  );
});

test("all cores are tried where one of them does not do the job in seconds", () => {
  expect(needsAllCores({ onOne: [1], rowCount: ALONE_MS_WORTH_LEAST })).toBe(false);
  expect(needsAllCores({ onOne: [1], rowCount: ALONE_MS_WORTH_LEAST + 1 })).toBe(true);
});

test("products are timed until the time is over, and a library's are the quick end of the range", () => {
  let now = 0;
  // Each look at the clock is 10 ms later: at the start, after each of three products, and at the end.
  const paceMs = productPace(25, () => (now += 10));
  expect(paceMs).toBeCloseTo(40 / 3 / 1_024 ** 2, 12);
  const { lowMs, highMs } = aloneOfProducts(1_024 ** 2, paceMs);
  expect(highMs).toBeCloseTo(40 / 3, 9);
  expect(lowMs).toBeCloseTo(40 / 60, 9);
});
