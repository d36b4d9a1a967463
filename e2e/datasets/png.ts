/**
 * Reads PNG pictures of one kind: 8 bits a channel, RGB, not interlaced. That is what the CIFAR-10 sheets are; no package
 * is needed for it. https://www.w3.org/TR/png-3/
 */
import { inflateSync } from "node:zlib";
import { DatasetError } from "./image-set.ts";

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];
const CHANNELS = 3;

export interface RgbPicture {
  readonly width: number;
  readonly height: number;
  /** height x width x 3 */
  readonly pixels: Uint8Array;
}

/** @throws DatasetError on anything else than such a picture. Checksums of chunks are not looked at. */
export function readRgbPng(file: Uint8Array): RgbPicture {
  if (!SIGNATURE.every((byte, at) => file[at] === byte)) fail("its signature", "other bytes");
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  let header: { width: number; height: number } | undefined;
  const data: Uint8Array[] = [];
  let at = SIGNATURE.length;
  while (at + 12 <= file.length) {
    const length = view.getUint32(at);
    const type = String.fromCharCode(...file.subarray(at + 4, at + 8));
    const body = file.subarray(at + 8, at + 8 + length);
    if (body.length !== length) fail(`${length} bytes of ${type}`, `${body.length}`);
    if (type === "IHDR") header = readHeader(body);
    if (type === "IDAT") data.push(body);
    if (type === "IEND") break;
    at += 12 + length;
  }
  if (header === undefined) return fail("a header", "none");
  return { ...header, pixels: unfiltered(inflateSync(Buffer.concat(data)), header.width, header.height) };
}

function readHeader(body: Uint8Array): { width: number; height: number } {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const [depth, colour, , , interlace] = body.subarray(8);
  if (depth !== 8 || colour !== 2 || interlace !== 0) {
    fail("8 bits, RGB, not interlaced", `depth ${depth}, colour type ${colour}, interlace ${interlace}`);
  }
  return { width: view.getUint32(0), height: view.getUint32(4) };
}

/** Each row has a filter byte in front: how its bytes were predicted from those to the left, above, and above left. */
function unfiltered(rows: Uint8Array, width: number, height: number): Uint8Array {
  const stride = width * CHANNELS;
  if (rows.length !== height * (stride + 1)) fail(`${height * (stride + 1)} bytes of rows`, `${rows.length}`);
  const pixels = new Uint8Array(height * stride);
  for (let y = 0; y < height; y++) {
    const filter = rows[y * (stride + 1)]!;
    if (filter > 4) fail("a filter in 0..4", `${filter}`);
    const from = y * (stride + 1) + 1;
    const to = y * stride;
    for (let x = 0; x < stride; x++) {
      const left = x >= CHANNELS ? pixels[to + x - CHANNELS]! : 0;
      const above = y > 0 ? pixels[to + x - stride]! : 0;
      const aboveLeft = y > 0 && x >= CHANNELS ? pixels[to + x - stride - CHANNELS]! : 0;
      pixels[to + x] = rows[from + x]! + predicted(filter, left, above, aboveLeft);
    }
  }
  return pixels;
}

function predicted(filter: number, left: number, above: number, aboveLeft: number): number {
  if (filter === 0) return 0;
  if (filter === 1) return left;
  if (filter === 2) return above;
  if (filter === 3) return (left + above) >> 1;
  // Paeth: whichever of the three is nearest to left + above - aboveLeft.
  const [p, q, r] = [Math.abs(above - aboveLeft), Math.abs(left - aboveLeft), Math.abs(left + above - 2 * aboveLeft)];
  if (p <= q && p <= r) return left;
  return q <= r ? above : aboveLeft;
}

function fail(expected: string, got: string): never {
  throw new DatasetError(`png: expected ${expected}, got ${got}`);
}
