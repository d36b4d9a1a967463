/** JPEG and PNG photographs as pixels, bit for bit as Pillow reads them; wherever they are read without sharp. */
import { orientationOf } from "../inputs/exif.ts";
import { InputError } from "../inputs/input-error.ts";
import { readJpeg } from "../inputs/jpeg/read-jpeg.ts";
import { readPng } from "../inputs/png.ts";
import { PHOTO_PIXELS_MAX } from "../protocol/limits.ts";
import type { Pixels } from "./resample.ts";

const starts = (bytes: Uint8Array, at: number, ...expected: number[]) =>
  expected.every((byte, i) => bytes[at + i] === byte);

/** @param head its first PHOTO_HEAD_BYTES bytes. @returns null: none of these */
export function photoKind(head: Uint8Array): "jpeg" | "png" | "webp" | null {
  if (starts(head, 0, 0xff, 0xd8, 0xff)) return "jpeg";
  if (starts(head, 0, 0x89, 0x50, 0x4e, 0x47)) return "png";
  return starts(head, 0, 0x52, 0x49, 0x46, 0x46) && starts(head, 8, 0x57, 0x45, 0x42, 0x50) ? "webp" : null;
}

/** @returns RGB, as the camera was held @throws InputError where it is not whole, or too large */
export function readPhotoBytes(bytes: Uint8Array, kind: "jpeg" | "png", name: string): Pixels {
  if (kind === "png") {
    const { exif, ...picture } = readPng(bytes, name);
    return upright(asColours({ ...picture, data: picture.pixels }), exif === null ? 1 : orientationOf(exif));
  }
  try {
    const { width, height, channels, pixels, exif } = readJpeg(bytes, PHOTO_PIXELS_MAX);
    const picture = { width, height, channels, data: pixels };
    const colours = channels === 4 ? coloursOfInks(picture) : asColours(picture);
    return upright(colours, exif === null ? 1 : orientationOf(exif));
  } catch (error) {
    throw unreadablePhoto(name, (error as Error).message);
  }
}

/** Bytes of a file that photoKind and noPhoto have to see. */
export const PHOTO_HEAD_BYTES = 16;

interface OtherPicture {
  readonly format: string;
  readonly isIt: (head: Uint8Array) => boolean;
  /** A command that turns it. */
  readonly turnedBy: (name: string) => string;
}

const magick = (name: string) => `magick ${inShell(name)} ${inShell(turned(name))}`;
const brand = (head: Uint8Array) => String.fromCharCode(...head.subarray(8, 12));
const isBox = (head: Uint8Array) => starts(head, 4, 0x66, 0x74, 0x79, 0x70);

/** Pictures that are none here, by how their files begin. */
const OTHER_PICTURES: readonly OtherPicture[] = [
  {
    format: "HEIC",
    isIt: (head) => isBox(head) && /^(hei[cxms]|hev[cxms]|mif1|msf1)$/.test(brand(head)),
    turnedBy: (name) => `heif-convert ${inShell(name)} ${inShell(turned(name))}`,
  },
  { format: "AVIF", isIt: (head) => isBox(head) && /^avi[fs]$/.test(brand(head)), turnedBy: magick },
  {
    format: "TIFF",
    isIt: (head) =>
      starts(head, 0, 0x49, 0x49, 0x2a, 0) ||
      starts(head, 0, 0x4d, 0x4d, 0, 0x2a) ||
      starts(head, 0, 0x49, 0x49, 0x2b, 0) ||
      starts(head, 0, 0x4d, 0x4d, 0, 0x2b),
    // The first of its pages.
    turnedBy: (name) => `magick ${inShell(`${name}[0]`)} ${inShell(turned(name))}`,
  },
  {
    format: "GIF",
    isIt: (head) => starts(head, 0, 0x47, 0x49, 0x46, 0x38),
    turnedBy: (name) => `magick ${inShell(`${name}[0]`)} ${inShell(turned(name))}`,
  },
  { format: "BMP", isIt: (head) => starts(head, 0, 0x42, 0x4d), turnedBy: magick },
  {
    format: "JPEG XL",
    isIt: (head) => starts(head, 0, 0xff, 0x0a) || starts(head, 4, 0x4a, 0x58, 0x4c, 0x20),
    turnedBy: (name) => `djxl ${inShell(name)} ${inShell(turned(name))}`,
  },
];

const turned = (name: string) => `${name.replace(/\.[^./]*$/, "")}.png`;
const inShell = (name: string) => (/^[\w./@%+-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`);

/** @param head its first PHOTO_HEAD_BYTES bytes @param byteCount of the file */
export function noPhoto(name: string, head: Uint8Array, byteCount: number): InputError {
  const expected = `${name}: expected a JPEG, PNG or WebP picture, got`;
  const other = OTHER_PICTURES.find(({ isIt }) => isIt(head));
  if (other !== undefined) return new InputError(`${expected} ${other.format}; turn it: ${other.turnedBy(name)}`);
  return new InputError(`${expected} ${byteCount === 0 ? "an empty file" : "other bytes"}`);
}

export function unreadablePhoto(name: string, why: string): InputError {
  return new InputError(
    `${name}: expected a whole picture of at most ${PHOTO_PIXELS_MAX} pixels, got one that cannot be read (${why})`,
  );
}

/** Pillow's: what black leaves of white, less the ink's share of it. @param inks cyan, magenta, yellow and black of each pixel */
export function coloursOfInks({ width, height, data }: Pixels): Pixels {
  const colours = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const white = 255 - data[pixel * 4 + 3]!;
    for (let c = 0; c < 3; c++) {
      const product = data[pixel * 4 + c]! * white + 128;
      colours[pixel * 3 + c] = white - (((product >> 8) + product) >> 8);
    }
  }
  return { width, height, channels: 3, data: colours };
}

/** Grey becomes a colour, and alpha is dropped. */
export function asColours(picture: Pixels): Pixels {
  const { width, height, channels, data } = picture;
  if (channels === 3) return { width, height, channels, data };
  const colours = new Uint8Array(width * height * 3);
  const isGrey = channels < 3;
  for (let p = 0; p < width * height; p++) {
    for (let c = 0; c < 3; c++) colours[p * 3 + c] = data[p * channels + (isGrey ? 0 : c)]!;
  }
  return { width, height, channels: 3, data: colours };
}

/** @param orientation Exif's: 2 to 4 mirrored or turned by half, 5 to 8 with rows as columns */
function upright(picture: Pixels, orientation: number): Pixels {
  if (orientation === 1) return picture;
  const { channels, data } = picture;
  const isTurned = orientation >= 5;
  const [width, height] = isTurned ? [picture.height, picture.width] : [picture.width, picture.height];
  const out = new Uint8Array(data.length);
  const fromRight = [2, 3, 7, 8].includes(orientation);
  const fromBelow = [3, 4, 6, 7].includes(orientation);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [column, row] = isTurned ? [y, x] : [x, y];
      const fromX = fromRight ? picture.width - 1 - column : column;
      const fromY = fromBelow ? picture.height - 1 - row : row;
      const from = (fromY * picture.width + fromX) * channels;
      const to = (y * width + x) * channels;
      for (let c = 0; c < channels; c++) out[to + c] = data[from + c]!;
    }
  }
  return { width, height, channels, data: out };
}
