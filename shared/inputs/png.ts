/** PNG pictures as bytes of pixels: any kind of PNG, in as many channels as the model wants. */
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

export interface PngPicture extends Picture {
  /** What a camera says of it; null: nothing. */
  readonly exif: Uint8Array | null;
}

/** @throws InputError where it is no PNG, or one too large */
export function readPng(bytes: Uint8Array, name: string): PngPicture {
  requireSize(bytes, name);
  try {
    const chunks = chunksOf(bytes);
    return { ...pictureOf(chunks), exif: chunks.exif };
  } catch (error) {
    throw new InputError(`${name}: expected a PNG picture, got one that cannot be read (${(error as Error).message})`);
  }
}

/** What pixels are made of; texts, profiles and animations are passed over. */
interface Chunks {
  readonly head: Uint8Array;
  readonly palette: Uint8Array | null;
  /** How opaque the colours of the palette are. */
  readonly alphas: Uint8Array | null;
  readonly exif: Uint8Array | null;
  readonly packed: readonly Uint8Array[];
}

const SIGNATURE_BYTES = 8;
/** Of a chunk beside its data: length, type, checksum. */
const CHUNK_BYTES = 12;

function chunksOf(bytes: Uint8Array): Chunks {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found = new Map<string, Uint8Array>();
  const packed: Uint8Array[] = [];
  for (let at = SIGNATURE_BYTES; at + CHUNK_BYTES <= bytes.length; ) {
    const end = at + CHUNK_BYTES + view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (type === "IEND") break;
    if (["IHDR", "PLTE", "tRNS", "eXIf", "IDAT"].includes(type)) {
      if (end > bytes.length) throw new Error("it ends too soon");
      const isWhole = pngChecksum(bytes.subarray(at + 4, end - 4)) === view.getUint32(end - 4);
      if (!isWhole) throw new Error(`the checksum of its ${type} does not match`);
      const data = bytes.subarray(at + 8, end - 4);
      if (type === "IDAT") packed.push(data);
      else found.set(type, data);
    }
    at = end;
  }
  const head = found.get("IHDR");
  if (head === undefined || head.length !== HEAD_BYTES) throw new Error("it has no head");
  const [palette = null, alphas = null, exif = null] = ["PLTE", "tRNS", "eXIf"].map((type) => found.get(type));
  return { head, palette, alphas, exif, packed };
}

const CHECKSUM_OF_BYTE = Int32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

export function pngChecksum(bytes: Uint8Array): number {
  let value = -1;
  for (const byte of bytes) value = CHECKSUM_OF_BYTE[(value ^ byte) & 0xff]! ^ (value >>> 8);
  return ~value >>> 0;
}

const HEAD_BYTES = 13;
/** By PNG's colour type. */
const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const PALETTE = 3;
const DEPTHS: Readonly<Record<number, readonly number[]>> = {
  ...{ 0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16] },
};
/** Interlaced: where each of the seven smaller pictures begins, and how far its pixels are apart. */
const PASSES = [
  { left: 0, top: 0, across: 8, down: 8 },
  { left: 4, top: 0, across: 8, down: 8 },
  { left: 0, top: 4, across: 4, down: 8 },
  { left: 2, top: 0, across: 4, down: 4 },
  { left: 0, top: 2, across: 2, down: 4 },
  { left: 1, top: 0, across: 2, down: 2 },
  { left: 0, top: 1, across: 1, down: 2 },
];
const WHOLE = [{ left: 0, top: 0, across: 1, down: 1 }];

function pictureOf({ head, palette, alphas, packed }: Chunks): Picture {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const [depth, colour, compression, filter, interlace] = head.subarray(8) as unknown as number[];
  const samples = CHANNELS[colour!];
  if (
    samples === undefined ||
    !DEPTHS[colour!]!.includes(depth!) ||
    compression !== 0 ||
    filter !== 0 ||
    interlace! > 1
  ) {
    throw new Error("a kind of PNG that there is not");
  }
  const passes = (interlace === 1 ? PASSES : WHOLE)
    .map((pass) => ({
      ...pass,
      wide: Math.ceil((width - pass.left) / pass.across),
      high: Math.ceil((height - pass.top) / pass.down),
    }))
    .filter(({ wide, high }) => wide > 0 && high > 0);
  const bits = samples * depth!;
  const lineBytes = (wide: number) => Math.ceil((wide * bits) / 8);
  const byteCount = passes.reduce((sum, { wide, high }) => sum + (1 + lineBytes(wide)) * high, 0);
  const raw = unpacked(packed, byteCount, `${width} x ${height}`);
  const levels = new Uint8Array(width * height * samples);
  let at = 0;
  for (const { left, top, across, down, wide, high } of passes) {
    const length = lineBytes(wide);
    let before = new Uint8Array(length);
    for (let y = 0; y < high; y++) {
      const line = raw.subarray(at + 1, at + 1 + length);
      unfilter(raw[at]!, line, before, Math.max(1, bits >> 3));
      before = line;
      at += 1 + length;
      for (let x = 0; x < wide; x++) {
        const to = ((top + y * down) * width + left + x * across) * samples;
        for (let c = 0; c < samples; c++) levels[to + c] = levelAt(line, x * samples + c, depth!);
      }
    }
  }
  if (colour === PALETTE) return coloured({ width, height, levels, palette, alphas });
  // Greys of fewer bits go from black to white too.
  const white = depth! < 8 ? 2 ** depth! - 1 : 255;
  const pixels = white === 255 ? levels : levels.map((level) => Math.round((level * 255) / white));
  return { width, height, channels: samples, pixels };
}

/** Zlib makes at most so many bytes of one. */
const ZLIB_TIMES_MAX = 1032;
const PART_BYTES = 64 * 1024;

/** @returns so many bytes @throws Error where there are fewer, or many more, before those are in memory */
function unpacked(packed: readonly Uint8Array[], byteCount: number, size: string): Uint8Array<ArrayBuffer> {
  const packedCount = packed.reduce((sum, { length }) => sum + length, 0);
  if (packedCount * ZLIB_TIMES_MAX < byteCount) throw new Error("it ends too soon");
  const raw = new Uint8Array(byteCount);
  let count = 0;
  const unzlib = new Unzlib((part) => {
    if (count < byteCount) raw.set(part.subarray(0, byteCount - count), count);
    count += part.length;
    if (count > byteCount + PART_BYTES) throw new Error(`more pixels than ${size}`);
  });
  for (const part of packed) {
    for (let at = 0; at < part.length; at += PART_BYTES) unzlib.push(part.subarray(at, at + PART_BYTES));
  }
  if (count < byteCount) throw new Error("it ends too soon");
  return raw;
}

/** In place. @param before the line above, already unfiltered @param step bytes to the pixel on the left */
function unfilter(kind: number, line: Uint8Array, before: Uint8Array, step: number): void {
  if (kind > 4) throw new Error(`a filter that there is not: ${kind}`);
  for (let i = 0; kind > 0 && i < line.length; i++) {
    const left = i < step ? 0 : line[i - step]!;
    const above = before[i]!;
    if (kind === 1) line[i] = line[i]! + left;
    else if (kind === 2) line[i] = line[i]! + above;
    else if (kind === 3) line[i] = line[i]! + ((left + above) >> 1);
    else line[i] = line[i]! + nearest(left, above, i < step ? 0 : before[i - step]!);
  }
}

/** Paeth's: whichever of the three is nearest to left + above - corner. */
function nearest(left: number, above: number, corner: number): number {
  const toLeft = Math.abs(above - corner);
  const toAbove = Math.abs(left - corner);
  const toCorner = Math.abs(left + above - 2 * corner);
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}

/** Of 16 bits the upper 8. */
function levelAt(line: Uint8Array, place: number, depth: number): number {
  if (depth >= 8) return line[(place * depth) >> 3]!;
  const bit = place * depth;
  return (line[bit >> 3]! >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
}

interface Indexed extends Pick<Chunks, "palette" | "alphas"> {
  readonly width: number;
  readonly height: number;
  /** Places in the palette. */
  readonly levels: Uint8Array;
}

function coloured({ width, height, levels, palette, alphas }: Indexed): Picture {
  if (palette === null) throw new Error("its palette is missing");
  const channels = alphas === null ? 3 : 4;
  const pixels = new Uint8Array(levels.length * channels);
  for (const [i, place] of levels.entries()) {
    for (let c = 0; c < 3; c++) pixels[i * channels + c] = palette[place * 3 + c] ?? 0;
    if (alphas !== null) pixels[i * channels + 3] = alphas[place] ?? 255;
  }
  return { width, height, channels, pixels };
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
