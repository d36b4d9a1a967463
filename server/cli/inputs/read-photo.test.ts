import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { readPhoto } from "./read-photo.ts";

const drawn = (channels: 3 | 4 = 3) => {
  const data = Buffer.from(Array.from({ length: 20 * 10 * channels }, (_, i) => (i * 37) % 256));
  return sharp(data, { raw: { width: 20, height: 10, channels } });
};

describe("photographs", () => {
  test("PNG and lossless WebP come as they are, without alpha", async () => {
    const expected = await drawn(4).removeAlpha().raw().toBuffer();
    for (const bytes of [
      await drawn(4).png().toBuffer(),
      await drawn(4).webp({ lossless: true, exact: true }).toBuffer(),
    ]) {
      const { width, height, channels, data } = await readPhoto(bytes, "x");
      expect([width, height, channels]).toEqual([20, 10, 3]);
      expect(Buffer.from(data).equals(expected)).toBe(true);
    }
  });

  test("a grey JPEG gets three channels, a turned one stands upright, one for printing has colours", async () => {
    const grey = await readPhoto(await drawn().greyscale().jpeg().toBuffer(), "x");
    expect([grey.channels, grey.data.length]).toEqual([3, 600]);
    expect(grey.data[0]).toBe(grey.data[1]);
    const turned = await readPhoto(await drawn().withMetadata({ orientation: 6 }).jpeg().toBuffer(), "x");
    expect([turned.width, turned.height]).toEqual([10, 20]);
    const printed = await readPhoto(await drawn().toColourspace("cmyk").jpeg().toBuffer(), "x");
    expect(printed.channels).toBe(3);
  });

  test("sixteen bits become eight", async () => {
    const deep = await sharp(Uint16Array.of(0, 0x80ff, 0xffff), { raw: { width: 1, height: 1, channels: 3 } })
      .toColourspace("rgb16")
      .png()
      .toBuffer();
    expect([...(await readPhoto(deep, "x")).data]).toEqual([0, 128, 255]);
  });

  test("what is none, or half of one, is refused by name", async () => {
    await expect(readPhoto(Buffer.from("GIF89a..."), "a.gif")).rejects.toThrow(
      /a.gif: expected a JPEG, PNG or WebP picture, got other bytes/,
    );
    const whole = await drawn().resize(300, 300).jpeg().toBuffer();
    await expect(readPhoto(whole.subarray(0, whole.length / 2), "b.jpg")).rejects.toThrow(
      /b.jpg: expected a whole picture of at most 67108864 pixels, got one that cannot be read \(/,
    );
  });
});
