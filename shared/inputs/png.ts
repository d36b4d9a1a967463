/** PNG pictures as bytes of pixels: any kind of PNG, in as many channels as the model wants. */
import { convertIndexedToRgb, decode } from "fast-png";
import { Unzlib } from "fflate";
import { PICTURE_PIXELS_MAX } from "../protocol/limits.ts";
import { InputError } from "./input-error.ts";

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** 1: grey, 2: grey and alpha, 3: RGB, 4: RGB and alpha */
  readonly channels: number;
  /** height x width x channels */
  readonly pixels: Uint8Array;
}

/** @throws InputError where it is no PNG, or one too large */
export function readPng(bytes: Uint8Array, name: string): Picture {
  requireSize(bytes, name);
  try {
    const { width, height, depth, channels, data, palette } = decode(pixelsAlone(bytes));
    // Fewer than 8 bits are packed; the palette's unpacking does for greys too, with a palette of greys.
    const colours = palette ?? (depth < 8 && channels === 1 ? greysOf(depth) : null);
    if (colours !== null) {
      const pixels = convertIndexedToRgb({ width, height, depth, channels, data, palette: colours, text: {} });
      return { width, height, channels: pixels.length / (width * height), pixels };
    }
    const pixels = depth === 16 ? Uint8Array.from(data, (value) => value >> 8) : Uint8Array.from(data);
    return { width, height, channels, pixels };
  } catch (error) {
    throw new InputError(`${name}: expected a PNG picture, got one that cannot be read (${(error as Error).message})`);
  }
}

function greysOf(depth: number): number[][] {
  const last = 2 ** depth - 1;
  return Array.from({ length: last + 1 }, (_, i) => new Array<number>(3).fill(Math.round((i * 255) / last)));
}

/** What pixels are made of: size, palette, transparent colours, pixels and the end. Texts and profiles would be unpacked for nothing. */
const PIXEL_CHUNKS = ["IHDR", "PLTE", "tRNS", "IDAT", "IEND"];
const SIGNATURE_BYTES = 8;
/** Of a chunk beside its data: length, type, checksum. */
const CHUNK_BYTES = 12;
/** Zlib makes at most so many bytes of one; as little as this is unpacked unseen. */
const UNSEEN_BYTES_MAX = 64 * 1024;

/** @returns the picture with these chunks alone @throws Error where its pixels are more than its size says */
function pixelsAlone(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kept = [bytes.subarray(0, SIGNATURE_BYTES)];
  const packed: Uint8Array[] = [];
  for (let at = SIGNATURE_BYTES; at + CHUNK_BYTES <= bytes.length; ) {
    const end = at + CHUNK_BYTES + view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (PIXEL_CHUNKS.includes(type)) kept.push(bytes.subarray(at, end));
    if (type === "IDAT") packed.push(bytes.subarray(at + 8, end - 4));
    at = end;
  }
  requirePixels(packed, view.getUint32(16), view.getUint32(20));
  const whole = new Uint8Array(kept.reduce((sum, { length }) => sum + length, 0));
  kept.reduce((at, part) => {
    whole.set(part, at);
    return at + part.length;
  }, 0);
  return whole;
}

/** At most four channels of 16 bits; interlaced, up to 7 smaller pictures with a byte more each line. */
function requirePixels(packed: readonly Uint8Array[], width: number, height: number): void {
  if (packed.reduce((sum, { length }) => sum + length, 0) <= UNSEEN_BYTES_MAX) return;
  const countMax = (8 * width + 7) * (height + 7) * 2;
  let count = 0;
  const unpacked = new Unzlib((part) => {
    count += part.length;
    if (count > countMax) throw new Error(`more pixels than ${width} x ${height}`);
  });
  for (const part of packed) {
    for (let at = 0; at < part.length; at += UNSEEN_BYTES_MAX) unpacked.push(part.subarray(at, at + UNSEEN_BYTES_MAX));
  }
}

/** Width and height stand at fixed places of the header: nothing is allocated for a picture that only claims to be huge. */
function requireSize(bytes: Uint8Array, name: string): void {
  const isPng = bytes.length > 24 && [0x89, 0x50, 0x4e, 0x47].every((byte, i) => bytes[i] === byte);
  if (!isPng) throw new InputError(`${name}: expected a PNG picture, got other bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  if (width * height > PICTURE_PIXELS_MAX || width === 0 || height === 0) {
    throw new InputError(`${name}: expected 1 to ${PICTURE_PIXELS_MAX} pixels, got ${width} x ${height}`);
  }
}

/**
 * Grey from colours by the weights of ITU-R BT.601; colours from grey by repeating it; what is transparent is shown on black.
 * @param wanted 1 or 3
 */
export function withChannels({ width, height, channels, pixels }: Picture, wanted: 1 | 3): Uint8Array {
  const count = width * height;
  const colours = channels >= 3 ? 3 : 1;
  const hasAlpha = channels === 2 || channels === 4;
  const out = new Uint8Array(count * wanted);
  for (let p = 0; p < count; p++) {
    const alpha = hasAlpha ? pixels[p * channels + colours]! / 255 : 1;
    const at = (c: number) => pixels[p * channels + (colours === 1 ? 0 : c)]! * alpha;
    if (wanted === 3) for (let c = 0; c < 3; c++) out[p * 3 + c] = Math.round(at(c));
    else out[p] = Math.round(colours === 1 ? at(0) : 0.299 * at(0) + 0.587 * at(1) + 0.114 * at(2));
  }
  return out;
}
