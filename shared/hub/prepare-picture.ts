/** A picture as bytes of the size that a model takes, by its plan. */
import { InputError } from "../inputs/input-error.ts";
import { PHOTO_PIXELS_MAX } from "../protocol/limits.ts";
import type { PicturePlan, PictureSize, ResizeStep } from "./picture-plan.ts";
import { type Pixels, resample } from "./resample.ts";

/** In which order a model has the numbers of a picture. */
export interface PictureLayout {
  readonly channels: 1 | 3;
  readonly isChannelsFirst: boolean;
}

/**
 * @param picture RGB
 * @param name of the picture, for errors
 * @throws InputError where it is so narrow that resizing would make more pixels of it than a picture may have
 * @returns RGB, of the plan's size where it has one
 */
export function resizedPicture(picture: Pixels, { resize, kind, crop }: PicturePlan, name: string): Pixels {
  const { width, height } = resizedSize(picture, resize);
  if (width * height > PHOTO_PIXELS_MAX || width * height === 0) {
    throw new InputError(
      `${name}: expected 1 to ${PHOTO_PIXELS_MAX} pixels once it is resized, got ${picture.width} x ${picture.height}, which become ${width} x ${height}`,
    );
  }
  const resized = resample(picture, width, height, kind);
  return crop === null ? resized : centreCrop(resized, crop);
}

/** As the processors of transformers work it out, rounding and all. */
export function resizedSize({ width, height }: PictureSize, resize: ResizeStep | null): PictureSize {
  if (resize === null) return { width, height };
  if (resize.to === "size") return { width: resize.width, height: resize.height };
  const [short, long] = [Math.min(width, height), Math.max(width, height)];
  const upright = (shorter: number, longer: number) =>
    width <= height ? { width: shorter, height: longer } : { width: longer, height: shorter };
  if (resize.to === "shortest-edge") {
    return upright(resize.pixels, Math.max(1, Math.trunc((resize.pixels * long) / short)));
  }
  if (resize.to === "within") {
    const { shortest, longest, multiple } = resize;
    const isCut = (long / short) * shortest > longest;
    const raw = isCut ? (longest * short) / long : shortest;
    const shorter = roundedToEven(raw);
    // A picture whose shorter edge has that length already stays as it is; of upright ones YOLOS' processor does not look.
    const whole =
      shorter === short && (multiple === 1 || width >= height)
        ? { width, height }
        : upright(shorter, Math.trunc((raw * long) / short));
    return { width: whole.width - (whole.width % multiple), height: whole.height - (whole.height % multiple) };
  }
  const [ofWidth, ofHeight] = [resize.width / width, resize.height / height];
  const scale = Math.abs(1 - ofWidth) < Math.abs(1 - ofHeight) ? ofWidth : ofHeight;
  const rounded = (pixels: number) => roundedToEven(pixels / resize.multiple) * resize.multiple;
  return { width: rounded(scale * width), height: rounded(scale * height) };
}

/** Python's round: of two that are equally near the even one. */
function roundedToEven(value: number): number {
  const below = Math.floor(value);
  if (value - below !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}

/** As transformers' center_crop: what is missing on either side is black. */
function centreCrop({ width, height, channels, data }: Pixels, crop: PictureSize): Pixels {
  const [left, top] = [cropStart(width, crop.width), cropStart(height, crop.height)];
  const out = new Uint8Array(crop.width * crop.height * channels);
  const [from, to] = [Math.max(0, left), Math.min(width, left + crop.width)];
  for (let y = 0; y < crop.height; y++) {
    const row = top + y;
    if (row < 0 || row >= height) continue;
    const line = data.subarray((row * width + from) * channels, (row * width + to) * channels);
    out.set(line, (y * crop.width + from - left) * channels);
  }
  return { ...crop, channels, data: out };
}

/** Where the cut begins, in pixels of the picture; below 0 it begins so far outside. */
const cropStart = (length: number, cropLength: number) => Math.floor((length - cropLength) / 2);

/** What stands for "there is a picture" in the channel that says so. */
const INSIDE = 255;

/**
 * @param picture RGB, at most as large as the frame
 * @param showsInside one channel more, behind the colours, that says where in the frame there is a picture
 * @returns as many bytes as the layout has: height x width x channels, or channels x height x width; what is right of the picture and below it is 0
 */
export function framedPicture(
  { width, height, data }: Pixels,
  frame: PictureSize,
  { isFlipped }: Pick<PicturePlan, "isFlipped">,
  { channels, isChannelsFirst }: PictureLayout,
  showsInside: boolean,
): Uint8Array<ArrayBuffer> {
  const count = frame.width * frame.height;
  const all = channels + (showsInside ? 1 : 0);
  const out = new Uint8Array(count * all);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 3;
      const p = y * frame.width + x;
      for (let c = 0; c < all; c++) {
        const value = c === channels ? INSIDE : channels === 3 ? data[at + (isFlipped ? 2 - c : c)]! : greyOf(data, at);
        out[isChannelsFirst ? c * count + p : p * all + c] = value;
      }
    }
  }
  return out;
}

/** Grey by the weights of ITU-R BT.601, as Pillow's. */
const greyOf = (data: Uint8Array, at: number) =>
  (data[at]! * 19595 + data[at + 1]! * 38470 + data[at + 2]! * 7471 + 0x8000) >> 16;
