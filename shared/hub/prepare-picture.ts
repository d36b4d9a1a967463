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
 * @returns as many bytes as the layout has: height x width x channels, or channels x height x width
 */
export function preparePicture(
  picture: Pixels,
  plan: PicturePlan,
  layout: PictureLayout,
  name: string,
): Uint8Array<ArrayBuffer> {
  const { width, height } = resizedSize(picture, plan.resize);
  if (width * height > PHOTO_PIXELS_MAX) {
    throw new InputError(
      `${name}: expected at most ${PHOTO_PIXELS_MAX} pixels once it is resized, got ${picture.width} x ${picture.height}, which become ${width} x ${height}`,
    );
  }
  const resized = resample(picture, width, height, plan.kind);
  return laidOut(plan.crop === null ? resized : centreCrop(resized, plan.crop), plan.isFlipped, layout);
}

function resizedSize({ width, height }: PictureSize, resize: ResizeStep | null): PictureSize {
  if (resize === null) return { width, height };
  if (resize.to === "size") return resize;
  const { pixels } = resize;
  const long = Math.max(1, Math.trunc((pixels * Math.max(width, height)) / Math.min(width, height)));
  return width <= height ? { width: pixels, height: long } : { width: long, height: pixels };
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

/** Grey by the weights of ITU-R BT.601, as Pillow's. */
function laidOut({ width, height, data }: Pixels, isFlipped: boolean, layout: PictureLayout): Uint8Array<ArrayBuffer> {
  const { channels, isChannelsFirst } = layout;
  const count = width * height;
  const out = new Uint8Array(count * channels);
  for (let p = 0; p < count; p++) {
    for (let c = 0; c < channels; c++) {
      const at = p * 3;
      const value =
        channels === 3
          ? data[at + (isFlipped ? 2 - c : c)]!
          : (data[at]! * 19595 + data[at + 1]! * 38470 + data[at + 2]! * 7471 + 0x8000) >> 16;
      out[isChannelsFirst ? c * count + p : p * channels + c] = value;
    }
  }
  return out;
}
