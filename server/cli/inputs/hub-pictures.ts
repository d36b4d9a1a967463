/** A vision model's folder and photographs, as the rows that the model takes: bytes, to be normalised where the model runs. */
import { join } from "node:path";
import type { FileInput } from "../../../shared/compute/runtimes/runtime-description.ts";
import { type LabelNames, labelNames } from "../../../shared/hub/label-names.ts";
import { type PicturePlan, picturePlan } from "../../../shared/hub/picture-plan.ts";
import { type PictureLayout, preparePicture } from "../../../shared/hub/prepare-picture.ts";
import { InputError } from "../../../shared/inputs/input-error.ts";
import { BROKEN_PICTURES_NAMED_MAX, TENSOR_BYTES_MAX } from "../../../shared/protocol/limits.ts";
import type { NpyArray } from "../../../shared/protocol/npy.ts";
import type { ModelFile } from "../../../shared/sdk/paritab-client.ts";
import { type HubFolder, hubFolder, hubJson } from "../../hub/hub-folder.ts";
import { Problems } from "../../hub/problems.ts";
import { readModel } from "./model-folder.ts";
import { type PictureSet, pictureSet } from "./picture-set.ts";
import { readPhoto } from "./read-photo.ts";

export interface HubPictures {
  readonly model: HubFolder;
  /** The changed model and what lies beside it, to be uploaded. */
  readonly files: readonly ModelFile[];
  /** Of the model. */
  readonly outputs: readonly string[];
  readonly plan: PicturePlan;
  readonly layout: PictureLayout;
  /** null: config.json names none. */
  readonly labels: LabelNames | null;
  readonly pictures: PictureSet;
}

/**
 * Looks at everything, and decodes nothing.
 * @throws InputError with every reason; ModelError where the model's file is none
 */
export async function hubPictures(modelPath: string, picturesPath: string): Promise<HubPictures> {
  const problems = new Problems();
  const model = await problems.attempt(() => hubFolder(modelPath));
  const folder = model?.folder ?? modelPath;
  const plan = await problems.attempt(() => planOf(folder));
  const labels = await problems.attempt(() => labelsOf(folder));
  const pictures = await problems.attempt(() => pictureSet(picturesPath));
  const files = model === null ? null : await problems.attempt(() => readModel(model.mainPath));
  problems.throwIfAny();
  const editor = await model!.hub.loadEditor();
  const main = files![0]!.data as Uint8Array;
  const { input, layout } = pictureInput(model!.mainPath, editor.inputs(main), plan!);
  requireRoom(picturesPath, plan!, layout, pictures!.names.length);
  const { width, height } = plan!.size;
  const { scale, shift } = layout.channels === 3 ? plan! : greyOf(plan!);
  const changed = editor.withPixels(main, input, { ...layout, width, height, scale, shift });
  return {
    model: model!,
    files: [{ ...files![0]!, data: changed }, ...files!.slice(1)],
    outputs: editor.outputs(main),
    plan: plan!,
    layout,
    labels,
    pictures: pictures!,
  };
}

async function planOf(folder: string): Promise<PicturePlan> {
  const name = "preprocessor_config.json";
  const json = await hubJson(folder, name);
  if (json !== null) return picturePlan(join(folder, name), json);
  throw new InputError(
    `${join(folder, name)}: there is no such file, so nothing says how pictures are resized and scaled; ` +
      "take it from the model's page, or send arrays: `paritab submit inference --queries X.npy`",
  );
}

async function labelsOf(folder: string): Promise<LabelNames | null> {
  const config = await hubJson(folder, "config.json");
  return config === null ? null : labelNames(join(folder, "config.json"), config);
}

/** @throws InputError where the model takes no pictures of that size */
function pictureInput(
  path: string,
  inputs: readonly FileInput[],
  { size }: PicturePlan,
): { input: string; layout: PictureLayout } {
  const [input] = inputs;
  if (input === undefined || inputs.length !== 1) {
    const names = inputs.map(({ name }) => name).join(", ");
    throw new InputError(`${path}: expected a model with one input, a picture; got ${inputs.length}: ${names}`);
  }
  const { name, shape } = input;
  const layout = shape?.length === 4 ? layoutOf(shape) : null;
  const got = shape === null ? "no shape" : shape.map((length) => length ?? "free").join(" x ");
  if (layout === null) {
    throw new InputError(`${path}: input '${name}': expected batch x channels x height x width, got ${got}`);
  }
  const [height, width] = layout.isChannelsFirst ? shape!.slice(2) : shape!.slice(1);
  if ((height ?? size.height) !== size.height || (width ?? size.width) !== size.width) {
    throw new InputError(
      `${path}: input '${name}': expected ${size.height} x ${size.width} pixels, as preprocessor_config.json says, got ${got}`,
    );
  }
  return { input: name, layout };
}

/** The channels are what is 1 or 3; where nothing is fixed they come first, as PyTorch has them. */
function layoutOf(shape: readonly (number | null)[]): PictureLayout | null {
  const [, first, , last] = shape;
  if (first === 1 || first === 3) return { channels: first, isChannelsFirst: true };
  if (last === 1 || last === 3) return { channels: last, isChannelsFirst: false };
  return first === null && last === null ? { channels: 3, isChannelsFirst: true } : null;
}

/** One channel has the first of the numbers. */
function greyOf({ scale, shift }: PicturePlan): Pick<PicturePlan, "scale" | "shift"> {
  return { scale: scale.slice(0, 1), shift: shift.slice(0, 1) };
}

/** Said before the first picture is read. */
function requireRoom(path: string, { size }: PicturePlan, { channels }: PictureLayout, count: number): void {
  const each = size.width * size.height * channels;
  const countMax = Math.floor(TENSOR_BYTES_MAX / each);
  if (count <= countMax) return;
  throw new InputError(
    `${path}: expected at most ${countMax} pictures of ${size.width} x ${size.height} x ${channels} bytes in one job, got ${count}; ` +
      "submit them in parts",
  );
}

/**
 * Decodes and prepares, a few pictures at a time.
 * @param onPicture told after each: how many are done
 * @returns pictures x channels x height x width (or channels last), in the order of their names
 * @throws InputError that names every picture that cannot be read
 */
export async function pictureRows(
  { pictures, plan, layout }: HubPictures,
  onPicture: (done: number) => void,
): Promise<Extract<NpyArray, { dtype: "U8" }>> {
  const { width, height } = plan.size;
  const { channels, isChannelsFirst } = layout;
  const each = width * height * channels;
  const data = new Uint8Array(pictures.names.length * each);
  const broken = new Map<number, string>();
  let [begun, done] = [0, 0];
  const atWork = new Set<Promise<void>>();
  for await (const { name, bytes } of pictures.bytes()) {
    const place = begun++;
    const work = readPhoto(bytes, name)
      .then((photo) => data.set(preparePicture(photo, plan, layout), place * each))
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
  const problems = new Problems(BROKEN_PICTURES_NAMED_MAX);
  for (const [, message] of [...broken].sort(([a], [b]) => a - b)) problems.add(message);
  problems.throwIfAny();
  const shape = isChannelsFirst ? [channels, height, width] : [height, width, channels];
  return { dtype: "U8", shape: [pictures.names.length, ...shape], data };
}

/** While one is decoded another is resized. */
const AT_ONCE = 3;
