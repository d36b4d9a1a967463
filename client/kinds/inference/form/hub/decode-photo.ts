/**
 * JPEG, PNG and WebP as pixels. JPEG and PNG are read bit for bit as on the command line; WebP is decoded by the browser, whose numbers may be
 * one or two levels off. The camera's orientation is kept, no colour profile is applied, alpha is dropped.
 */
import {
  asColours,
  noPhoto,
  PHOTO_HEAD_BYTES,
  photoKind,
  readPhotoBytes,
  unreadablePhoto,
} from "../../../../../shared/hub/photo.ts";
import type { Pixels } from "../../../../../shared/hub/resample.ts";
import { InputError } from "../../../../../shared/inputs/input-error.ts";
import { PHOTO_FILE_BYTES_MAX, PHOTO_PIXELS_MAX } from "../../../../../shared/protocol/limits.ts";

/** @returns RGB @throws InputError where it is no such picture, or not a whole one */
export async function decodePhoto(file: File): Promise<Pixels> {
  const { name, size } = file;
  if (size > PHOTO_FILE_BYTES_MAX) {
    throw new InputError(`${name}: expected a picture of at most ${PHOTO_FILE_BYTES_MAX} bytes, got ${size}`);
  }
  const head = new Uint8Array(await file.slice(0, PHOTO_HEAD_BYTES).arrayBuffer());
  const kind = photoKind(head);
  if (kind === null) throw noPhoto(name, head, size);
  if (kind === "webp") return byBrowser(file);
  return readPhotoBytes(new Uint8Array(await file.arrayBuffer()), kind, name);
}

async function byBrowser(file: File): Promise<Pixels> {
  const bitmap = await createImageBitmap(file, {
    colorSpaceConversion: "none",
    imageOrientation: "from-image",
    premultiplyAlpha: "none",
  }).catch((error: Error) => {
    throw unreadablePhoto(file.name, error.message);
  });
  const { width, height } = bitmap;
  if (width * height > PHOTO_PIXELS_MAX) throw unreadablePhoto(file.name, `${width} x ${height}`);
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  if (context === null) throw unreadablePhoto(file.name, "the browser gives no canvas of that size");
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const { data } = context.getImageData(0, 0, width, height);
  return asColours({ width, height, channels: 4, data: new Uint8Array(data.buffer) });
}
