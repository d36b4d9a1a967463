/**
 * JPEG pictures as pixels, bit for bit as libjpeg gives them with its defaults, and so Pillow and sharp: browsers differ from it by a level or
 * two of 255, and know nothing of inks. Sequential and progressive pictures of 8 bits with Huffman codes: what cameras and programs write.
 */
import { HuffmanTable } from "./entropy.ts";
import { inverseCosine } from "./idct.ts";
import { type ColourForm, pixelsOfPlanes } from "./planes.ts";
import { type Component, NATURAL_ORDER, readScan } from "./scans.ts";

export interface Jpeg {
  readonly width: number;
  readonly height: number;
  /** 1: grey, 3: RGB, 4: cyan, magenta, yellow, black, where 255 is all of the ink */
  readonly channels: number;
  /** height x width x channels, as they lie in the file */
  readonly pixels: Uint8Array;
  /** What the camera says, Exif's; null: nothing. */
  readonly exif: Uint8Array | null;
}

/** More than any program writes; each may go through all coefficients. */
const SCANS_MAX = 100;

interface Frame {
  readonly width: number;
  readonly height: number;
  readonly isProgressive: boolean;
  readonly components: readonly Component[];
  readonly unitsWide: number;
  readonly unitsHigh: number;
}

/** What the segments before a scan have said. */
interface Said {
  readonly steps: Uint16Array[];
  readonly dc: HuffmanTable[];
  readonly ac: HuffmanTable[];
  restartEach: number;
  frame: Frame | null;
  exif: Uint8Array | null;
  hasJfif: boolean;
  /** What Adobe's segment says of the colours; null: there is none. */
  adobe: number | null;
}

/**
 * @param pixelsMax nothing is allocated for a picture of more
 * @throws Error with what is wrong with it, in a few words
 */
export function readJpeg(bytes: Uint8Array, pixelsMax: number): Jpeg {
  const said: Said = {
    steps: [],
    dc: [],
    ac: [],
    ...{ restartEach: 0, frame: null, exif: null, hasJfif: false, adobe: null },
  };
  let scans = 0;
  for (let at = 2; ; ) {
    const marker = nextMarker(bytes, at);
    if (marker === null) throw new Error("it ends too soon");
    const code = bytes[marker + 1]!;
    at = marker + 2;
    if (code === 0xd9) break;
    if (code === 0x01 || (code >= 0xd0 && code <= 0xd8)) continue;
    const length = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
    if (length < 2 || at + length > bytes.length) throw new Error("it ends too soon");
    const segment = bytes.subarray(at + 2, at + length);
    at += length;
    if (code !== 0xda) {
      readSegment(code, segment, said, pixelsMax);
      continue;
    }
    if (++scans > SCANS_MAX) throw new Error(`more than ${SCANS_MAX} scans`);
    at = readScan(bytes, at, scanOf(segment, said));
  }
  if (said.frame === null || scans === 0) throw new Error("it has no picture");
  return jpegOf(said.frame, said);
}

/** What stands between segments is passed over, as libjpeg does. */
function nextMarker(bytes: Uint8Array, from: number): number | null {
  for (let at = from; at + 1 < bytes.length; at++) {
    const code = bytes[at + 1]!;
    if (bytes[at] === 0xff && code !== 0 && code !== 0xff) return at;
  }
  return null;
}

function readSegment(code: number, segment: Uint8Array, said: Said, pixelsMax: number): void {
  const text = (start: number, end: number) => String.fromCharCode(...segment.subarray(start, end));
  if (code === 0xdb) readSteps(segment, said.steps);
  else if (code === 0xc4) readTables(segment, said);
  else if (code === 0xdd) said.restartEach = ((segment[0] ?? 0) << 8) | (segment[1] ?? 0);
  else if (code === 0xc0 || code === 0xc1 || code === 0xc2) {
    if (said.frame !== null) throw new Error("it has two pictures");
    said.frame = frameOf(segment, code === 0xc2, pixelsMax);
  } else if (code >= 0xc3 && code <= 0xcf && code !== 0xc8 && code !== 0xcc) {
    throw new Error(
      code >= 0xc9
        ? "it has arithmetic codes, which the command line reads: submit it there, or save it with Huffman codes"
        : "lossless or in layers: save it as a usual JPEG",
    );
  } else if (code === 0xe0 && text(0, 5) === "JFIF\0") said.hasJfif = true;
  else if (code === 0xe1 && text(0, 6) === "Exif\0\0") said.exif = segment.subarray(6);
  else if (code === 0xee && text(0, 5) === "Adobe" && segment.length >= 12) said.adobe = segment[11]!;
}

function readSteps(segment: Uint8Array, steps: Uint16Array[]): void {
  for (let at = 0; at < segment.length; ) {
    const [isWide, place] = [segment[at]! >> 4 > 0, segment[at]! & 3];
    const end = at + 1 + (isWide ? 128 : 64);
    if (end > segment.length) throw new Error("it ends too soon");
    const table = new Uint16Array(64);
    for (let k = 0; k < 64; k++) {
      const from = at + 1 + (isWide ? 2 * k : k);
      table[NATURAL_ORDER[k]!] = isWide ? (segment[from]! << 8) | segment[from + 1]! : segment[from]!;
    }
    steps[place] = table;
    at = end;
  }
}

function readTables(segment: Uint8Array, { dc, ac }: Said): void {
  for (let at = 0; at < segment.length; ) {
    const counts = segment.subarray(at + 1, at + 17);
    const count = counts.reduce((sum, n) => sum + n, 0);
    const end = at + 17 + count;
    if (counts.length < 16 || count > 256 || end > segment.length) throw new Error("a broken Huffman table");
    (segment[at]! >> 4 === 0 ? dc : ac)[segment[at]! & 3] = new HuffmanTable(counts, segment.slice(at + 17, end));
    at = end;
  }
}

function frameOf(segment: Uint8Array, isProgressive: boolean, pixelsMax: number): Frame {
  const [bits, h1, h0, w1, w0, count] = segment as unknown as number[];
  if (segment.length < 6 || segment.length < 6 + 3 * count!) throw new Error("it ends too soon");
  if (bits !== 8) throw new Error(`expected 8 bits a sample, got ${bits}`);
  const [height, width] = [(h1! << 8) | h0!, (w1! << 8) | w0!];
  if (width * height === 0 || width * height > pixelsMax) throw new Error(`${width} x ${height}`);
  if (![1, 3, 4].includes(count!)) throw new Error(`expected 1, 3 or 4 planes, got ${count}`);
  const planes = Array.from({ length: count! }, (_, i) => {
    const [id, sampling, table] = segment.subarray(6 + 3 * i, 9 + 3 * i) as unknown as [number, number, number];
    return { id, across: sampling >> 4, down: sampling & 15, table: table & 3 };
  });
  if (planes.some(({ across, down }) => across < 1 || across > 4 || down < 1 || down > 4)) {
    throw new Error("planes whose sizes do not go together");
  }
  const [across, down] = [Math.max(...planes.map((p) => p.across)), Math.max(...planes.map((p) => p.down))];
  const [unitsWide, unitsHigh] = [Math.ceil(width / (8 * across)), Math.ceil(height / (8 * down))];
  const components = planes.map((plane): Component => {
    const own = { width: Math.ceil((width * plane.across) / across), height: Math.ceil((height * plane.down) / down) };
    const blocksEachRow = unitsWide * plane.across;
    return {
      ...{ ...plane, ...own, blocksEachRow, before: 0 },
      blocksWide: Math.ceil(own.width / 8),
      blocksHigh: Math.ceil(own.height / 8),
      coefficients: new Int16Array(blocksEachRow * unitsHigh * plane.down * 64),
    };
  });
  return { width, height, isProgressive, components, unitsWide, unitsHigh };
}

function scanOf(segment: Uint8Array, { frame, dc, ac, restartEach }: Said): Parameters<typeof readScan>[2] {
  if (frame === null) throw new Error("a scan before the picture's size");
  const count = segment[0] ?? 0;
  if (count < 1 || count > 4 || segment.length < 4 + 2 * count) throw new Error("a broken scan");
  const [first, last, bits] = segment.subarray(1 + 2 * count) as unknown as [number, number, number];
  const { isProgressive, components, unitsWide, unitsHigh } = frame;
  const [high, low] = [bits >> 4, bits & 15];
  if (isProgressive && (last > 63 || first > last || low > 13 || (first === 0 ? last > 0 : count > 1))) {
    throw new Error("a broken scan");
  }
  const chosen = Array.from({ length: count }, (_, i) => {
    const [id, tables] = segment.subarray(1 + 2 * i, 3 + 2 * i) as unknown as [number, number];
    const component = components.find((one) => one.id === id);
    if (component === undefined) throw new Error("a scan of a plane that is not there");
    const [ownDc, ownAc] = [dc[tables >> 4], ac[tables & 15]];
    const needsDc = !isProgressive || (first === 0 && high === 0);
    const needsAc = !isProgressive || first > 0;
    if ((needsDc && ownDc === undefined) || (needsAc && ownAc === undefined))
      throw new Error("a Huffman table is missing");
    return { component, ...(ownDc === undefined ? {} : { dc: ownDc }), ...(ownAc === undefined ? {} : { ac: ownAc }) };
  });
  if (new Set(chosen.map(({ component }) => component)).size < count)
    throw new Error("a scan that names a plane twice");
  return { components: chosen, isProgressive, first, last, high, low, restartEach, unitsWide, unitsHigh };
}

function jpegOf(frame: Frame, { steps, exif, hasJfif, adobe }: Said): Jpeg {
  const { width, height, components } = frame;
  const form = formOf(components, hasJfif, adobe);
  const planes = components.map((component) => {
    const { blocksEachRow, coefficients, table } = component;
    const step = steps[table];
    if (step === undefined) throw new Error("a quantization table is missing");
    const stride = blocksEachRow * 8;
    const data = new Uint8Array(coefficients.length);
    const block = new Int32Array(64);
    for (let at = 0, place = 0; at < coefficients.length; at += 64, place++) {
      for (let k = 0; k < 64; k++) block[k] = coefficients[at + k]! * step[k]!;
      inverseCosine(block, data, Math.floor(place / blocksEachRow) * 8 * stride + (place % blocksEachRow) * 8, stride);
    }
    return { ...component, stride, data };
  });
  const pixels = pixelsOfPlanes(planes, width, height, form);
  // As Adobe writes them, and so everybody, 255 is no ink.
  if (components.length === 4) for (let i = 0; i < pixels.length; i++) pixels[i] = 255 - pixels[i]!;
  return { width, height, channels: components.length, pixels, exif };
}

/** As libjpeg guesses (jdapimin.c). */
function formOf(components: readonly Component[], hasJfif: boolean, adobe: number | null): ColourForm {
  if (components.length === 1) return "grey";
  if (components.length === 4) return adobe === null || adobe === 0 ? "cmyk" : "ycck";
  if (hasJfif) return "ycc";
  if (adobe !== null) return adobe === 0 ? "rgb" : "ycc";
  return String.fromCharCode(...components.map(({ id }) => id)) === "RGB" ? "rgb" : "ycc";
}
