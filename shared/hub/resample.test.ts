import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type Pixels, RESAMPLE_KINDS, resample } from "./resample.ts";

interface Case {
  readonly width: number;
  readonly height: number;
  readonly toWidth: number;
  readonly toHeight: number;
  readonly kind: (typeof RESAMPLE_KINDS)[number];
  readonly sha256: string;
}
const { cases }: { cases: Case[] } = JSON.parse(
  readFileSync(new URL("./vectors/pillow.json", import.meta.url), "utf8"),
);

/** As vectors/pillow.py draws it. */
function picture(width: number, height: number): Pixels {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 3; c++) {
        const edge = (Math.floor(x / 3) + Math.floor(y / 5)) % 2 === 1 ? 255 : 0;
        data[(y * width + x) * 3 + c] = (x * 7 + y * 13 + c * 31 + ((x * y * (c + 3)) % 251) + edge) % 256;
      }
    }
  }
  return { width, height, channels: 3, data };
}

test.each(cases)("$kind of $width x $height to $toWidth x $toHeight is Pillow's, bit for bit", (one) => {
  const { width, height, data } = resample(picture(one.width, one.height), one.toWidth, one.toHeight, one.kind);
  expect([width, height]).toEqual([one.toWidth, one.toHeight]);
  expect(createHash("sha256").update(data).digest("hex")).toBe(one.sha256);
});

test("every kind was compared, and a picture of the wanted size is left alone", () => {
  expect(new Set(cases.map(({ kind }) => kind))).toEqual(new Set(RESAMPLE_KINDS));
  const whole = picture(9, 8);
  expect(resample(whole, 9, 8, "bicubic")).toBe(whole);
});
