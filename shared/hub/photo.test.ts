import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readJpeg } from "../inputs/jpeg/read-jpeg.ts";
import { photoKind, readPhotoBytes } from "./photo.ts";

/** JPEGs of 35 x 21 pixels, and the digest of what Pillow makes of each (shared/inputs/vectors/README.md). */
const JPEGS = Object.entries(
  JSON.parse(readFileSync(new URL("../inputs/vectors/jpeg.json", import.meta.url), "utf8")) as Record<
    string,
    { jpeg: string; sha256: string }
  >,
).map(([name, { jpeg, sha256 }]) => ({ name, bytes: new Uint8Array(Buffer.from(jpeg, "base64")), sha256 }));
const bytesOf = (wanted: string) => JPEGS.find(({ name }) => name === wanted)!.bytes;

test.each(JPEGS)("a JPEG, $name: every pixel is Pillow's", ({ bytes, sha256 }) => {
  const { width, height, channels, data } = readPhotoBytes(bytes, "jpeg", "x.jpg");
  expect([width, height, channels]).toEqual([35, 21, 3]);
  expect(createHash("sha256").update(data).digest("hex")).toBe(sha256);
});

describe("broken JPEGs", () => {
  const read = (bytes: Uint8Array) => () => readPhotoBytes(bytes, "jpeg", "x.jpg");

  test("one that is cut off is refused, wherever it ends", () => {
    for (const { name, bytes } of JPEGS.slice(0, 3)) {
      for (let end = 3; end < bytes.length; end += 7) {
        expect(read(bytes.subarray(0, end)), `${name}, ${end} bytes`).toThrow(
          /^x.jpg: expected a whole picture of at most/,
        );
      }
    }
  });

  test("more pixels than there may be, codes that nobody writes and twelve bits are refused in words", () => {
    const changed = (code: number, at: number, ...values: number[]) => {
      const bytes = Uint8Array.from(bytesOf("sampled 2x2"));
      const marker = bytes.findIndex((byte, i) => byte === 0xff && bytes[i + 1] === code);
      bytes.set(values, marker + at);
      return bytes;
    };
    expect(read(changed(0xc0, 5, 0xff, 0xff, 0xff, 0xff))).toThrow(/\(65535 x 65535\)/);
    expect(read(changed(0xc0, 1, 0xc9))).toThrow(/arithmetic codes, which the command line reads/);
    expect(read(changed(0xc0, 4, 12))).toThrow(/expected 8 bits a sample, got 12/);
    expect(read(changed(0xc0, 5, 0, 0))).toThrow(/\(35 x 0\)/);
  });

  test("a changed byte gives a picture or a reason, never another error, and soon", () => {
    let random = 1;
    const next = (below: number) => {
      random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((random / 2 ** 32) * below);
    };
    for (const { bytes } of JPEGS) {
      for (let i = 0; i < 60; i++) {
        const changed = Uint8Array.from(bytes);
        for (let k = 0; k <= next(3); k++) changed[2 + next(bytes.length - 2)] = next(256);
        try {
          readJpeg(changed, 2 ** 16);
        } catch (error) {
          expect((error as Error).constructor, (error as Error).stack!).toBe(Error);
        }
      }
    }
  });
});

test("a picture's first bytes say what it is", () => {
  expect(photoKind(bytesOf("restarts"))).toBe("jpeg");
  expect(photoKind(Buffer.from("GIF89a..........").subarray(0, 16))).toBeNull();
});
