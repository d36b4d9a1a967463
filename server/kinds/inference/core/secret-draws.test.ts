import { expect, test } from "vitest";
import { anchorDraw, anchorText } from "../../../../shared/receipts/job-draws.ts";
import { coinText } from "../../../../shared/verify/cross-checks/coins.ts";
import { SecretDraws } from "./secret-draws.ts";

const KEY = "5e".repeat(32);
const ROW = { place: 17, attempt: 0 };

test("[CC2] a key draws the same coins, anchors and partners each time, and another key, job, row or answer others", () => {
  const draws = new SecretDraws(KEY, "job");
  const all = (of: SecretDraws, row = ROW) => [of.coin(row), of.anchor(row), of.partner(row, 0).uniform()];
  expect(all(new SecretDraws(KEY, "job"))).toEqual(all(draws));
  const others = [
    all(new SecretDraws("5f".repeat(32), "job")),
    all(new SecretDraws(KEY, "another")),
    all(draws, { place: 18, attempt: 0 }),
    all(draws, { place: 17, attempt: 1 }),
  ];
  const numbers = [...all(draws), ...others.flat(), draws.partner(ROW, 1).uniform()];
  expect(new Set(numbers).size).toBe(numbers.length);
});

test("[CC2] coins and anchors are to the last bit what whoever is given the key draws", () => {
  const [draws, secret] = [new SecretDraws(KEY, "job"), Uint8Array.from(Buffer.from(KEY, "hex"))];
  for (let place = 0; place < 500; place++) {
    const row = { place, attempt: place % 3 };
    expect(draws.coin(row)).toBe(anchorDraw(secret, coinText("job", row.place, row.attempt)));
    expect(draws.anchor(row)).toBe(anchorDraw(secret, anchorText("job", row.place, row.attempt)));
  }
});

test("[CC2] coins are uniform: of 20,000 rows the share below a threshold is the threshold", () => {
  const draws = new SecretDraws(KEY, "job");
  const rows = 20_000;
  for (const threshold of [0.04, 0.15, 0.5]) {
    let below = 0;
    for (let place = 0; place < rows; place++) if (draws.coin({ place, attempt: 0 }) < threshold) below++;
    const sigma = Math.sqrt((threshold * (1 - threshold)) / rows);
    expect(Math.abs(below / rows - threshold)).toBeLessThan(4 * sigma);
  }
});

test("[CC2] whole numbers are drawn of each value", () => {
  const random = new SecretDraws(KEY, "job").partner(ROW, 0);
  const counts = new Uint32Array(3);
  for (let n = 0; n < 3_000; n++) counts[random.integer(3)]!++;
  for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(120);
});
