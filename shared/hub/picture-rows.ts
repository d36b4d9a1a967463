/** Pictures of a job as rows of one size. Where the folder names no size the frame is as large as the largest of them, once all are read. */
import { InputError } from "../inputs/input-error.ts";
import { TENSOR_BYTES_MAX } from "../protocol/limits.ts";
import type { NpyArray } from "../protocol/npy.ts";
import type { PicturePlan, PictureSize } from "./picture-plan.ts";
import { framedPicture, type PictureLayout } from "./prepare-picture.ts";
import type { Pixels } from "./resample.ts";

/** What is known of a picture beside its row. */
export interface PictureShape {
  /** Pixels of the file, as the camera was held. */
  readonly own: PictureSize;
  /** Pixels that it has in its row, from the upper left. */
  readonly seen: PictureSize;
}

export interface RowsPlan {
  readonly plan: PicturePlan;
  readonly layout: PictureLayout;
  /** Height and width that the model's file fixes; null: it leaves them free. */
  readonly fixed: PictureSize | null;
  /** Has the model an input that says where there is a picture? */
  readonly takesMask: boolean;
}

export interface MadeRows {
  readonly queries: Extract<NpyArray, { dtype: "U8" }>;
  readonly frame: PictureSize;
  /** Has each row the channel that says where there is a picture? */
  readonly showsInside: boolean;
  readonly shapes: readonly PictureShape[];
}

export class PictureRows {
  readonly #plan: RowsPlan;
  /** The frame, where it is known before the pictures are. */
  readonly #frame: PictureSize | null;
  readonly #shapes: PictureShape[];
  readonly #waiting: Pixels[] = [];
  readonly #data: Uint8Array<ArrayBuffer> | null;

  constructor(count: number, plan: RowsPlan) {
    this.#plan = plan;
    this.#frame = plan.takesMask ? null : plan.plan.size;
    this.#shapes = new Array(count);
    this.#data = this.#frame === null ? null : new Uint8Array(count * rowBytes(this.#frame, plan.layout.channels));
  }

  /** @param picture RGB, resized */
  add(place: number, picture: Pixels, own: PictureSize): void {
    const { width, height } = picture;
    this.#shapes[place] = { own: { width: own.width, height: own.height }, seen: { width, height } };
    if (this.#frame === null || this.#data === null) this.#waiting[place] = picture;
    else
      this.#data.set(this.#row(picture, this.#frame, false), place * rowBytes(this.#frame, this.#plan.layout.channels));
  }

  /**
   * @param where the pictures are, for errors
   * @param places of those that were added, which are all or some, in their order
   * @throws InputError where they have no frame in common, or too large a one
   */
  finish(where: string, places: readonly number[]): MadeRows {
    const shapes = places.map((place) => this.#shapes[place]!);
    const { plan, layout, takesMask, fixed } = this.#plan;
    if (this.#frame !== null && this.#data !== null) {
      const each = rowBytes(this.#frame, layout.channels);
      // Each moves to the front or stays: none is overwritten before it has moved.
      for (const [row, place] of places.entries())
        if (row !== place) this.#data.copyWithin(row * each, place * each, (place + 1) * each);
      return {
        queries: asArray(shapes.length, this.#frame, layout, 0, this.#data.subarray(0, shapes.length * each)),
        frame: this.#frame,
        showsInside: false,
        shapes,
      };
    }
    const frame = frameOf(
      where,
      shapes.map(({ seen }) => seen),
      plan,
      fixed,
    );
    const isFull = shapes.every(({ seen }) => seen.width === frame.width && seen.height === frame.height);
    const showsInside = takesMask || !isFull;
    const more = showsInside ? 1 : 0;
    const each = rowBytes(frame, layout.channels + more);
    if (each * shapes.length > TENSOR_BYTES_MAX) {
      throw new InputError(
        `${where}: expected at most ${Math.floor(TENSOR_BYTES_MAX / each)} pictures of ${frame.width} x ${frame.height} x ${layout.channels + more} bytes in one job, got ${shapes.length}; submit them in parts`,
      );
    }
    const data = new Uint8Array(each * shapes.length);
    for (const [row, place] of places.entries())
      data.set(this.#row(this.#waiting[place]!, frame, showsInside), row * each);
    return { queries: asArray(shapes.length, frame, layout, more, data), frame, showsInside, shapes };
  }

  #row(picture: Pixels, frame: PictureSize, showsInside: boolean): Uint8Array {
    return framedPicture(picture, frame, this.#plan.plan, this.#plan.layout, showsInside);
  }
}

const rowBytes = ({ width, height }: PictureSize, channels: number) => width * height * channels;

function asArray(
  count: number,
  { width, height }: PictureSize,
  { channels, isChannelsFirst }: PictureLayout,
  more: number,
  data: Uint8Array<ArrayBuffer>,
): MadeRows["queries"] {
  const all = channels + more;
  const shape = isChannelsFirst ? [all, height, width] : [height, width, all];
  return { dtype: "U8", shape: [count, ...shape], data };
}

const PICTURES_NAMED_MAX = 4;

/** @throws InputError */
function frameOf(
  where: string,
  sizes: readonly PictureSize[],
  { isPadded }: PicturePlan,
  fixed: PictureSize | null,
): PictureSize {
  const largest = {
    width: Math.max(...sizes.map(({ width }) => width)),
    height: Math.max(...sizes.map(({ height }) => height)),
  };
  if (fixed !== null) {
    if (largest.width <= fixed.width && largest.height <= fixed.height && (isPadded || areAlike(sizes, fixed)))
      return fixed;
    throw new InputError(
      `${where}: expected pictures that become ${isPadded ? "at most " : ""}${inWords(fixed)} pixels, the size that the model's file fixes, got ${inWords(largest)}; ` +
        "change size in preprocessor_config.json, or export the model with free height and width",
    );
  }
  if (isPadded || areAlike(sizes, largest)) return largest;
  const kinds = [...new Set(sizes.map(inWords))];
  throw new InputError(
    `${where}: expected pictures that all become one size, because this model's are not padded, got ${kinds.length} sizes: ` +
      `${kinds.slice(0, PICTURES_NAMED_MAX).join(", ")}${kinds.length > PICTURES_NAMED_MAX ? ", ..." : ""}; ` +
      "submit those of each form by themselves, or set keep_aspect_ratio to false in preprocessor_config.json",
  );
}

const areAlike = (sizes: readonly PictureSize[], { width, height }: PictureSize) =>
  sizes.every((size) => size.width === width && size.height === height);

const inWords = ({ width, height }: PictureSize) => `${width} x ${height}`;
