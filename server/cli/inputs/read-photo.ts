/**
 * JPEG, PNG and WebP as pixels, by sharp. It is loaded where the first picture is read and nowhere else: the coordinator never reads
 * a picture. What it gives is what Pillow gives: no colour profile is applied, alpha is dropped, the picture stands as the camera was held,
 * and inks become colours by their plain complement.
 */
import type { default as Sharp } from "sharp";
import { asColours, coloursOfInks, noPhoto, photoKind, unreadablePhoto } from "../../../shared/hub/photo.ts";
import type { Pixels } from "../../../shared/hub/resample.ts";
import { PHOTO_PIXELS_MAX } from "../../../shared/protocol/limits.ts";

let loaded: Promise<typeof Sharp> | null = null;

/** @returns RGB @throws InputError where it is no such picture, or not a whole one */
export async function readPhoto(bytes: Uint8Array, name: string): Promise<Pixels> {
  if (photoKind(bytes) === null) throw noPhoto(name, bytes, bytes.length);
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
    const picture = { width, height, channels, data };
    return isInk ? coloursOfInks(picture) : asColours(picture);
  } catch (error) {
    const [reason] = (error as Error).message.split("\n");
    // libvips has one place for the reasons of all threads, and whoever comes second finds it empty.
    throw unreadablePhoto(name, reason === "Unknown error" ? "it is broken, or ends too early" : reason!);
  }
}
