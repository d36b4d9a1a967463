import { createHash, createHmac } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { coinOf, coinText, coinThreshold, commitmentText, thresholdOfBatch } from "./coins.ts";
import { BATCH_DUPLICATE_SHARE_MAX, CHECK_SHARE, THRESHOLD_SHARE_MIN } from "./parameters.ts";

/** A batch as the rules make it: up to a fifth of it duplicates, h within its limits. */
const batch = fc.record({
  batchRows: fc.integer({ min: 1, max: 400 }),
  duplicateShare: fc.double({ min: 0, max: BATCH_DUPLICATE_SHARE_MAX, noNaN: true }),
  checkShare: fc.double({ min: CHECK_SHARE.base, max: CHECK_SHARE.most, noNaN: true }),
});

test("coin and hidden duplicates together give every fresh row of every batch its h: theta + dBar/(G-dBar) >= h", () => {
  fc.assert(
    fc.property(batch, ({ batchRows, duplicateShare, checkShare }) => {
      const expected = duplicateShare * batchRows;
      const theta = coinThreshold(checkShare, expected, batchRows);
      expect(theta).toBeGreaterThanOrEqual(0);
      expect(theta + expected / (batchRows - expected)).toBeGreaterThanOrEqual(checkShare - 1e-12);
      // Not more than it needs either, but where duplicates alone exceed it.
      if (theta > 0) expect(theta + expected / (batchRows - expected)).toBeCloseTo(checkShare, 12);
      // What is not hidden checks one side alone: the coin pays for all of h.
      expect(coinThreshold(checkShare, expected, batchRows, false)).toBe(checkShare);
    }),
    { seed: 14_001, numRuns: 2_000 },
  );
});

test("whatever goes with a batch, each of its rows goes out again with two fifths of h or more, and a share that is raised lowers no chance", () => {
  fc.assert(
    fc.property(
      batch,
      fc.double({ min: 1, max: 4, noNaN: true }),
      ({ batchRows, duplicateShare, checkShare }, raise) => {
        const expected = duplicateShare * batchRows;
        const theta = thresholdOfBatch(checkShare, expected, batchRows);
        expect(theta).toBeGreaterThanOrEqual(THRESHOLD_SHARE_MIN * checkShare);
        expect(theta).toBeGreaterThanOrEqual(coinThreshold(checkShare, expected, batchRows));
        expect(theta).toBeLessThanOrEqual(checkShare);
        expect(thresholdOfBatch(Math.min(1, raise * checkShare), expected, batchRows)).toBeGreaterThanOrEqual(theta);
      },
    ),
    { seed: 14_009, numRuns: 2_000 },
  );
});

test("where a batch is nothing but duplicates no fresh row is left to toss for", () => {
  expect(coinThreshold(0.15, 40, 40)).toBe(0);
  expect(coinThreshold(0.15, 41, 40)).toBe(0);
});

test("coins under one key are uniform, those of a row that is done again are others, and the key can be opened", () => {
  const secretHex = "5c".repeat(32);
  const toss = (row: number, attempt: number) =>
    coinOf(
      createHmac("sha256", Buffer.from(secretHex, "hex"))
        .update(coinText("job", row, attempt))
        .digest("binary"),
    );
  const cells = new Array<number>(16).fill(0);
  let covariance = 0;
  for (let row = 0; row < 16_000; row++) {
    const [first, second] = [toss(row, 0), toss(row, 1)];
    cells[Math.floor(first * 16)]! += 1;
    covariance += (first - 0.5) * (second - 0.5);
  }
  // 15 degrees of freedom: 99.99 % lie below 44.3. Standard deviation of the mean of products: (1/12) / 126.
  expect(cells.reduce((sum, count) => sum + (count - 1_000) ** 2 / 1_000, 0)).toBeLessThan(44.3);
  expect(Math.abs(covariance / 16_000)).toBeLessThan(4 / 12 / 126);

  const commitment = (secret: string, nonce: string) =>
    createHash("sha256")
      .update(commitmentText(secret, nonce, "ab"))
      .digest("hex");
  expect(commitment(secretHex, "n")).toBe(commitment("5c".repeat(32), "n"));
  expect(commitment(secretHex, "n")).not.toBe(commitment("5d".repeat(32), "n"));
  expect(commitment(secretHex, "n")).not.toBe(commitment(secretHex, "m"));
});

test("no two rows, jobs or attempts share a coin's name", () => {
  const names = ["job-1", "job-11"].flatMap((job) =>
    [1, 11, 111].flatMap((row) => [0, 1, 11].map((attempt) => coinText(job, row, attempt))),
  );
  expect(new Set(names).size).toBe(18);
});

test("what is too short for a coin is refused", () => {
  for (const text of ["", "123456"]) {
    expect(() => coinOf(text)).toThrow(`expected a digest of at least 7 bytes, got ${text.length}`);
  }
});
