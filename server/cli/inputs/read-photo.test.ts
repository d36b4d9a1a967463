import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { readPhoto } from "./read-photo.ts";

const drawn = (channels: 3 | 4 = 3) => {
  const data = Buffer.from(Array.from({ length: 20 * 10 * channels }, (_, i) => (i * 37) % 256));
  return sharp(data, { raw: { width: 20, height: 10, channels } });
};

/** Pillow wrote it: 32 x 8 pixels in four colours of cyan, magenta, yellow and black, and reads them as RGB as below. */
const INKS =
  "/9j/7gAOQWRvYmUAZAAAAAAA/9sAQwACAQEBAQECAQEBAgICAgIEAwICAgIFBAQDBAYFBgYGBQYGBgcJCAYHCQcGBggLCAkKCgoKCgYICwwLCg" +
  "wJCgoK/8AAFAgACAAgBEMRAE0RAFkRAEsRAP/EABcAAQEBAQAAAAAAAAAAAAAAAAkKAAj/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/9oADgRDAE0A" +
  "WQBLAAA/AH8P4fw/iANmZf4gDQBsJdcI7cA+/9k=";

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
  });

  test("inks become colours as Pillow makes them: by their complement, and by no profile", async () => {
    const { width, height, channels, data } = await readPhoto(Buffer.from(INKS, "base64"), "x");
    expect([width, height, channels]).toEqual([32, 8, 3]);
    const colours = [4, 12, 20, 28].map((x) => [...data.subarray(x * 3, x * 3 + 3)]);
    expect(colours).toEqual([
      [255, 255, 255],
      [0, 255, 255],
      [255, 0, 0],
      [87, 119, 29],
    ]);
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
      /a.gif: expected a JPEG, PNG or WebP picture, got GIF; turn it: magick 'a.gif\[0\]' a.png/,
    );
    const whole = await drawn().resize(300, 300).jpeg().toBuffer();
    await expect(readPhoto(whole.subarray(0, whole.length / 2), "b.jpg")).rejects.toThrow(
      /b.jpg: expected a whole picture of at most 67108864 pixels, got one that cannot be read \(/,
    );
  });
});
