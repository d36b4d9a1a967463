/** A vision model's folder and photographs, as the rows that the model takes: bytes, to be normalised where the model runs. */

import { withoutBroken } from "../../../shared/hub/broken-pictures.ts";
import type { SkippedFile } from "../../../shared/hub/kept-names.ts";
import { type PictureModel, pictureModel, requireRoom } from "../../../shared/hub/picture-model.ts";
import { type MadeRows, PictureRows } from "../../../shared/hub/picture-rows.ts";
import { resizedPicture } from "../../../shared/hub/prepare-picture.ts";
import { InputError } from "../../../shared/inputs/input-error.ts";
import { Problems } from "../../../shared/inputs/problems.ts";
import { hubPlace } from "../../hub/hub-folder.ts";
import { type PictureSet, pictureSet } from "./picture-set.ts";
import { readPhoto } from "./read-photo.ts";

export interface HubPictures extends PictureModel {
  readonly pictures: PictureSet;
  /** Where they are. */
  readonly picturesPath: string;
}

/**
 * Looks at everything, and decodes nothing.
 * @param chosen see pictureModel
 * @throws InputError with every reason; ModelError where the model's file is none
 */
export async function hubPictures(
  modelPath: string,
  picturesPath: string,
  chosen: readonly (string | number)[] | null = null,
): Promise<HubPictures> {
  const problems = new Problems();
  const model = await pictureModel(await hubPlace(modelPath), problems, chosen);
  const pictures = await problems.attempt(() => pictureSet(picturesPath));
  problems.throwIfAny();
  requireRoom(picturesPath, model!, pictures!.names.length);
  return { ...model!, pictures: pictures!, picturesPath };
}

interface PictureReading {
  /** Pictures that cannot be read are left out, and not refused. */
  readonly skipsBroken: boolean;
  /** Told after each: how many are done. */
  onPicture(done: number): void;
}

export interface NamedRows extends MadeRows {
  /** Names of the rows, in their order. */
  readonly names: readonly string[];
  /** What was left out. */
  readonly skipped: readonly SkippedFile[];
}

/**
 * Decodes and prepares, a few pictures at a time.
 * @returns pictures x channels x height x width (or channels last), in the order of their names
 * @throws InputError that names every picture that cannot be read, or says why they have no frame in common
 */
export async function pictureRows(model: HubPictures, { skipsBroken, onPicture }: PictureReading): Promise<NamedRows> {
  const { pictures, plan, picturesPath } = model;
  const rows = new PictureRows(pictures.names.length, model);
  const broken = new Map<number, string>();
  let [begun, done] = [0, 0];
  const atWork = new Set<Promise<void>>();
  for await (const picture of pictures.bytes()) {
    const place = begun++;
    const { name } = picture;
    const decoded = "bytes" in picture ? readPhoto(picture.bytes, name) : Promise.reject(picture.problem);
    const work = decoded
      .then((photo) => rows.add(place, resizedPicture(photo, plan, name), photo))
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
  const { names, places, skipped } = withoutBroken(pictures.names, { broken, skipsBroken }, ADVICE);
  return { names, skipped, ...rows.finish(picturesPath, places) };
}

/** While one is decoded another is resized. */
const AT_ONCE = 3;
const ADVICE = "--skip-broken goes on without them";
