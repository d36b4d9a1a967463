/**
 * JPEG, PNG and WebP as pixels. PNG is read bit for bit as on the command line; JPEG and WebP are decoded by the browser, whose numbers
 * may be one or two levels off. The camera's orientation is kept, no colour profile is applied, alpha is dropped.
 */
import type { Pixels } from "../../../../../shared/hub/resample.ts";
import { InputError } from "../../../../../shared/inputs/input-error.ts";
import { type Picture, readPng } from "../../../../../shared/inputs/png.ts";
import { PHOTO_FILE_BYTES_MAX, PHOTO_PIXELS_MAX } from "../../../../../shared/protocol/limits.ts";

/** @returns RGB @throws InputError where it is no such picture, or not a whole one */
export async function decodePhoto(file: File): Promise<Pixels> {
  const { name, size } = file;
  if (size > PHOTO_FILE_BYTES_MAX) {
    throw new InputError(`${name}: expected a picture of at most ${PHOTO_FILE_BYTES_MAX} bytes, got ${size}`);
  }
  const head = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
  const starts = (at: number, ...expected: number[]) => expected.every((byte, i) => head[at + i] === byte);
  if (starts(0, 0x89, 0x50, 0x4e, 0x47)) return inColours(readPng(new Uint8Array(await file.arrayBuffer()), name));
  const isWebp = starts(0, 0x52, 0x49, 0x46, 0x46) && starts(8, 0x57, 0x45, 0x42, 0x50);
  if (starts(0, 0xff, 0xd8, 0xff) || isWebp) return decoded(file);
  throw new InputError(`${name}: expected a JPEG, PNG or WebP picture, got other bytes`);
}

const HEAD_BYTES = 16;

async function decoded(file: File): Promise<Pixels> {
  const refuse = (why: string): never => {
    throw new InputError(
      `${file.name}: expected a whole picture of at most ${PHOTO_PIXELS_MAX} pixels, got one that cannot be read (${why})`,
    );
  };
  const bitmap = await createImageBitmap(file, {
    colorSpaceConversion: "none",
    imageOrientation: "from-image",
    premultiplyAlpha: "none",
  }).catch((error: Error) => refuse(error.message));
  const { width, height } = bitmap;
  if (width * height > PHOTO_PIXELS_MAX) refuse(`${width} x ${height}`);
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  if (context === null) return refuse("the browser gives no canvas of that size");
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const { data } = context.getImageData(0, 0, width, height);
  return inColours({ width, height, channels: 4, pixels: new Uint8Array(data.buffer) });
}

function inColours({ width, height, channels, pixels }: Picture): Pixels {
  if (channels === 3) return { width, height, channels, data: pixels };
  const data = new Uint8Array(width * height * 3);
  const isGrey = channels < 3;
  for (let p = 0; p < width * height; p++) {
    for (let c = 0; c < 3; c++) data[p * 3 + c] = pixels[p * channels + (isGrey ? 0 : c)]!;
  }
  return { width, height, channels: 3, data };
}
