/** A vision model's folder and photographs, as the rows that the model takes: bytes, to be normalised where the model runs. */

import { withoutBroken } from "../../../shared/hub/broken-pictures.ts";
import type { SkippedFile } from "../../../shared/hub/kept-names.ts";
import { type PictureModel, pictureModel, requireRoom } from "../../../shared/hub/picture-model.ts";
import { preparePicture } from "../../../shared/hub/prepare-picture.ts";
import { InputError } from "../../../shared/inputs/input-error.ts";
import { Problems } from "../../../shared/inputs/problems.ts";
import type { NpyArray } from "../../../shared/protocol/npy.ts";
import { hubPlace } from "../../hub/hub-folder.ts";
import { type PictureSet, pictureSet } from "./picture-set.ts";
import { readPhoto } from "./read-photo.ts";

export interface HubPictures extends PictureModel {
  readonly pictures: PictureSet;
}

/**
 * Looks at everything, and decodes nothing.
 * @throws InputError with every reason; ModelError where the model's file is none
 */
export async function hubPictures(modelPath: string, picturesPath: string): Promise<HubPictures> {
  const problems = new Problems();
  const model = await pictureModel(await hubPlace(modelPath), problems);
  const pictures = await problems.attempt(() => pictureSet(picturesPath));
  problems.throwIfAny();
  requireRoom(picturesPath, model!, pictures!.names.length);
  return { ...model!, pictures: pictures! };
}

interface PictureReading {
  /** Pictures that cannot be read are left out, and not refused. */
  readonly skipsBroken: boolean;
  /** Told after each: how many are done. */
  onPicture(done: number): void;
}

interface PictureRows {
  /** Of the rows, in their order. */
  readonly names: readonly string[];
  /** pictures x channels x height x width (or channels last) */
  readonly queries: Extract<NpyArray, { dtype: "U8" }>;
  /** What was left out. */
  readonly skipped: readonly SkippedFile[];
}

/**
 * Decodes and prepares, a few pictures at a time.
 * @throws InputError that names every picture that cannot be read
 */
export async function pictureRows(
  { pictures, plan, layout }: HubPictures,
  { skipsBroken, onPicture }: PictureReading,
): Promise<PictureRows> {
  const { width, height } = plan.size;
  const { channels, isChannelsFirst } = layout;
  const each = width * height * channels;
  const data = new Uint8Array(pictures.names.length * each);
  const broken = new Map<number, string>();
  let [begun, done] = [0, 0];
  const atWork = new Set<Promise<void>>();
  for await (const picture of pictures.bytes()) {
    const place = begun++;
    const { name } = picture;
    const decoded = "bytes" in picture ? readPhoto(picture.bytes, name) : Promise.reject(picture.problem);
    const work = decoded
      .then((photo) => data.set(preparePicture(photo, plan, layout, name), place * each))
      .catch((error: unknown) => {
        if (!(error instanceof InputError)) throw error;
        broken.set(place, error.message);
      })
      .then(() => {
        onPicture(++done);
        atWork.delete(work);
      });
    atWork.add(work);
    if (atWork.size >= AT_ONCE) await Promise.race(atWork);
  }
  await Promise.all(atWork);
  const { names, rows, skipped } = withoutBroken(pictures.names, { data, each, broken, skipsBroken }, ADVICE);
  const shape = isChannelsFirst ? [channels, height, width] : [height, width, channels];
  return { names, queries: { dtype: "U8", shape: [names.length, ...shape], data: rows }, skipped };
}

/** While one is decoded another is resized. */
const AT_ONCE = 3;
const ADVICE = "--skip-broken goes on without them";
