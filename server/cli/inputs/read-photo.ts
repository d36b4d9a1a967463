/**
 * JPEG, PNG and WebP as pixels, by sharp. It is loaded where the first picture is read and nowhere else: the coordinator never reads
 * a picture. What it gives is what Pillow gives: no colour profile is applied, alpha is dropped, the picture stands as the camera was held,
 * and inks become colours by their plain complement.
 */
import type { default as Sharp } from "sharp";
import type { Pixels } from "../../../shared/hub/resample.ts";
import { InputError } from "../../../shared/inputs/input-error.ts";
import { PHOTO_PIXELS_MAX } from "../../../shared/protocol/limits.ts";

let loaded: Promise<typeof Sharp> | null = null;

/** @returns RGB @throws InputError where it is no such picture, or not a whole one */
export async function readPhoto(bytes: Uint8Array, name: string): Promise<Pixels> {
  if (!looksLikePicture(bytes)) throw new InputError(`${name}: expected a JPEG, PNG or WebP picture, got other bytes`);
  loaded ??= import("sharp").then((module) => module.default);
  const sharp = await loaded;
  try {
    const image = sharp(bytes, { failOn: "error", limitInputPixels: PHOTO_PIXELS_MAX, ignoreIcc: true });
    const isInk = (await image.metadata()).space === "cmyk";
    const upright = image.autoOrient();
    const plain = isInk
      ? upright.pipelineColourspace("cmyk").toColourspace("cmyk")
      : upright.toColourspace("srgb").removeAlpha();
    const { data, info } = await plain.raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true });
    const { width, height, channels } = info;
    return isInk ? ofInks(width, height, data) : asColours({ width, height, channels, data });
  } catch (error) {
    const [reason] = (error as Error).message.split("\n");
    throw new InputError(
      `${name}: expected a whole picture of at most ${PHOTO_PIXELS_MAX} pixels, got one that cannot be read (${reason})`,
    );
  }
}

function looksLikePicture(bytes: Uint8Array): boolean {
  const starts = (at: number, ...expected: number[]) => expected.every((byte, i) => bytes[at + i] === byte);
  const isWebp = starts(0, 0x52, 0x49, 0x46, 0x46) && starts(8, 0x57, 0x45, 0x42, 0x50);
  return starts(0, 0xff, 0xd8, 0xff) || starts(0, 0x89, 0x50, 0x4e, 0x47) || isWebp;
}

/** Pillow's: what black leaves of white, less the ink's share of it. @param data cyan, magenta, yellow and black of each pixel */
function ofInks(width: number, height: number, data: Uint8Array): Pixels {
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

function asColours(picture: Pixels): Pixels {
  if (picture.channels === 3) return picture;
  const { width, height, channels, data } = picture;
  const colours = Uint8Array.from({ length: width * height * 3 }, (_, i) => data[Math.floor(i / 3) * channels]!);
  return { width, height, channels: 3, data: colours };
}
