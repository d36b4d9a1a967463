/** PNG pictures of one byte a pixel: levels of grey, or places in a palette. */
import { zlibSync } from "fflate";
import { pngChecksum } from "./png.ts";

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const GREY = 0;
const INDEXED = 3;
const DEPTH = 8;
const DEEP = 16;

interface Size {
  readonly width: number;
  readonly height: number;
}

/** @param levels height x width, 0 is black */
export function greyPng({ width, height }: Size, levels: Uint8Array): Uint8Array<ArrayBuffer> {
  return png({ width, height }, GREY, DEPTH, levels, []);
}

/**
 * @param places height x width. Where one is beyond 255 no palette holds it: the picture has 16 bits of grey, which are the places.
 * @param colours red, green and blue of each place, 0 to 255
 */
export function indexedPng(
  { width, height }: Size,
  places: Uint16Array,
  colours: readonly (readonly [number, number, number])[],
): Uint8Array<ArrayBuffer> {
  if (colours.length > 256) {
    const bytes = new Uint8Array(places.length * 2);
    const view = new DataView(bytes.buffer);
    for (const [pixel, place] of places.entries()) view.setUint16(pixel * 2, place);
    return png({ width, height }, GREY, DEEP, bytes, []);
  }
  const palette = chunk("PLTE", Uint8Array.from(colours.flat()));
  return png({ width, height }, INDEXED, DEPTH, Uint8Array.from(places), [palette]);
}

function png({ width, height }: Size, colour: number, depth: number, pixels: Uint8Array, more: readonly Uint8Array[]) {
  const head = new Uint8Array(13);
  const view = new DataView(head.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  head.set([depth, colour], 8);
  const line = (width * depth) / 8;
  // A byte before each line says how it was filtered: not at all.
  const lines = new Uint8Array((line + 1) * height);
  for (let y = 0; y < height; y++) lines.set(pixels.subarray(y * line, (y + 1) * line), y * (line + 1) + 1);
  return joined([
    Uint8Array.from(SIGNATURE),
    chunk("IHDR", head),
    ...more,
    chunk("IDAT", zlibSync(lines)),
    chunk("IEND", new Uint8Array(0)),
  ]);
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(data.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(new TextEncoder().encode(type), 4);
  bytes.set(data, 8);
  view.setUint32(data.length + 8, pngChecksum(bytes.subarray(4, data.length + 8)));
  return bytes;
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
