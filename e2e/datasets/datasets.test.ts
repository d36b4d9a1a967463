import { deflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { checkedBytes } from "./checked-bytes.ts";
import { loadCifar10 } from "./cifar10.ts";
import { loadFashion } from "./fashion.ts";
import { testSetNamed } from "./fetch.ts";
import { DatasetError } from "./image-set.ts";
import { loadMnistSet } from "./mnist.ts";
import { readRgbPng } from "./png.ts";

/** One row for each filter, predicted by the definitions of the standard, from pixels. */
function filteredRows(pixels: Uint8Array, width: number, filters: readonly number[]): Uint8Array {
  const stride = width * 3;
  const at = (y: number, x: number) => (y < 0 || x < 0 ? 0 : pixels[y * stride + x]!);
  const rows: number[] = [];
  filters.forEach((filter, y) => {
    rows.push(filter);
    for (let x = 0; x < stride; x++) {
      const [a, b, c] = [at(y, x - 3), at(y - 1, x), x < 3 ? 0 : at(y - 1, x - 3)];
      const near = [a, b, c].map((value) => Math.abs(a + b - c - value));
      const paeth = [a, b, c][near.indexOf(Math.min(...near))]!;
      rows.push(at(y, x) - [0, a, b, Math.floor((a + b) / 2), paeth][filter]!);
    }
  });
  return Uint8Array.from(rows);
}

function chunk(type: string, body: Uint8Array): Uint8Array {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, body.length);
  return Uint8Array.from([...length, ...Buffer.from(type), ...body, 0, 0, 0, 0]);
}

function png(width: number, height: number, rows: Uint8Array, header = [8, 2, 0, 0, 0]): Uint8Array {
  const packed = deflateSync(rows);
  const size = new Uint8Array(8);
  new DataView(size.buffer).setUint32(0, width);
  new DataView(size.buffer).setUint32(4, height);
  return Uint8Array.from([
    ...[137, 80, 78, 71, 13, 10, 26, 10],
    ...chunk("IHDR", Uint8Array.from([...size, ...header])),
    ...chunk("IDAT", packed.subarray(0, 7)),
    ...chunk("IDAT", packed.subarray(7)),
    ...chunk("IEND", new Uint8Array(0)),
  ]);
}

describe("readRgbPng", () => {
  const [width, filters] = [5, [0, 1, 2, 3, 4, 4, 3, 2, 1]];
  const pixels = Uint8Array.from({ length: filters.length * width * 3 }, (_, i) => (i * i * 31 + 7 * i) % 256);
  const rows = filteredRows(pixels, width, filters);

  it("undoes all five filters, over several chunks", () => {
    expect(readRgbPng(png(width, filters.length, rows))).toEqual({ width, height: filters.length, pixels });
  });

  it("refuses what it cannot read", () => {
    expect(() => readRgbPng(Uint8Array.of(1, 2, 3))).toThrow(/its signature/);
    expect(() => readRgbPng(png(width, filters.length, rows, [8, 6, 0, 0, 0]))).toThrow(/colour type 6/);
    expect(() => readRgbPng(png(width, filters.length, rows, [8, 2, 0, 0, 1]))).toThrow(/interlace 1/);
    expect(() => readRgbPng(png(width, filters.length + 1, rows))).toThrow(/bytes of rows/);
    expect(() =>
      readRgbPng(
        png(
          width,
          filters.length,
          Uint8Array.from(rows, (b, i) => (i === 0 ? 5 : b)),
        ),
      ),
    ).toThrow(/filter in 0..4/);
  });
});

describe("data sets that are not here", () => {
  it("say where they come from", async () => {
    await expect(loadFashion("test", "/nowhere")).rejects.toThrow(/apt-get install dataset-fashion-mnist/);
    await expect(loadCifar10("test", "/nowhere")).rejects.toThrow(/e2e\/datasets\/fetch\.ts/);
    await expect(loadFashion("test", "/nowhere")).rejects.toThrow(DatasetError);
    await expect(testSetNamed("imagenet", () => {})).rejects.toThrow(/expected mnist, fashion or cifar/);
  });

  it("are not taken for those that are meant: bytes with another MD5 are refused", () => {
    const empty = "d41d8cd98f00b204e9800998ecf8427e";
    expect(checkedBytes(new Uint8Array(0), empty, "x")).toHaveLength(0);
    expect(() => checkedBytes(Uint8Array.of(1), empty, "x")).toThrow(/x: expected MD5 d41d8cd9/);
  });
});

it("MNIST is one channel of 28 x 28", async () => {
  const { name, count, rows, columns, channels, images } = await loadMnistSet("test");
  expect([name, count, rows, columns, channels, images.length]).toEqual(["mnist", 10_000, 28, 28, 1, 7_840_000]);
});
