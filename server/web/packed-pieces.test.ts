import { randomBytes } from "node:crypto";
import { brotliDecompressSync } from "node:zlib";
import { expect, test } from "vitest";
import { createPackedPieces } from "./packed-pieces.ts";

const zeros = new Uint8Array(100_000);
const noise = new Uint8Array(randomBytes(100_000));

test("[PR94] a piece that Brotli makes smaller by a tenth travels so, another as it is", async () => {
  const pieces = createPackedPieces();
  const packed = await pieces.of("zeros", zeros);
  expect(packed!.length).toBeLessThan(1_000);
  expect(new Uint8Array(brotliDecompressSync(packed!))).toEqual(zeros);
  expect(await pieces.of("noise", noise)).toBeNull();
  // Its middle says that it is worth it, and the whole says that it is not.
  const mostlyNoise = new Uint8Array(20 * 100_000);
  for (let at = 0; at < mostlyNoise.length; at += noise.length) mostlyNoise.set(randomBytes(noise.length), at);
  mostlyNoise.fill(0, mostlyNoise.length / 2 - 40_000, mostlyNoise.length / 2 + 40_000);
  expect(await pieces.of("mostly noise", mostlyNoise)).toBeNull();
  expect(await pieces.of("tiny", new Uint8Array(1_000))).toBeNull();
});

test("[PR94] a piece is compressed once for all who ask, and kept while there is room", async () => {
  const pieces = createPackedPieces(1_000);
  const [one, other] = await Promise.all([pieces.of("a", zeros), pieces.of("a", zeros)]);
  expect(other).toBe(one);
  expect(await pieces.of("a", zeros)).toBe(one);
  const text = new TextEncoder().encode(Array.from({ length: 9_000 }, (_, i) => `${i * 7919} `).join(""));
  await pieces.of("b", text);
  expect(await pieces.of("a", zeros)).not.toBe(one);
});
