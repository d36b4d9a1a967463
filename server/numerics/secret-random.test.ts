import { expect, test } from "vitest";
import { secretText } from "./secret-random.ts";

test("no secret comes twice, and each has as many bytes as were asked for", () => {
  const texts = Array.from({ length: 1_000 }, () => secretText(18));
  expect(new Set(texts).size).toBe(1_000);
  for (const text of texts) expect(Buffer.from(text, "base64url").length).toBe(18);
});

test("the bytes of secrets are all there, and about as often as each other", () => {
  const counts = new Array<number>(256).fill(0);
  for (let n = 0; n < 4_000; n++) for (const byte of Buffer.from(secretText(17), "base64url")) counts[byte]!++;
  // 266 of each are expected; seven standard deviations are 114.
  expect(Math.min(...counts)).toBeGreaterThan(150);
  expect(Math.max(...counts)).toBeLessThan(380);
});
