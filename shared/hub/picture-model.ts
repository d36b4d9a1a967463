/** A vision model's folder, and what its pictures become: bytes of one size, to be normalised where the model runs. */
import type { FileInput } from "../compute/runtimes/runtime-description.ts";
import { InputError } from "../inputs/input-error.ts";
import type { Problems } from "../inputs/problems.ts";
import { TENSOR_BYTES_MAX } from "../protocol/limits.ts";
import { type HubFile, type HubPlace, hubJson, hubLabels } from "./hub-place.ts";
import { type LabelNames, numbered } from "./label-names.ts";
import { type PicturePlan, picturePlan } from "./picture-plan.ts";
import type { PictureLayout } from "./prepare-picture.ts";

export interface PictureModel {
  readonly place: HubPlace;
  /** The changed model and what lies beside it, to be uploaded. */
  readonly files: readonly HubFile[];
  /** Of the model. */
  readonly outputs: readonly string[];
  readonly plan: PicturePlan;
  readonly layout: PictureLayout;
  /** null: config.json names none. */
  readonly labels: LabelNames | null;
}

/**
 * @param problems gets all that is wrong with it
 * @returns null where something is
 * @throws ModelError where the model's file is none
 */
export async function pictureModel(place: HubPlace, problems: Problems): Promise<PictureModel | null> {
  const model = await problems.attempt(() => place.model());
  const plan = await problems.attempt(() => planOf(place));
  const labels = await problems.attempt(() => hubLabels(place));
  if (model === null || plan === null) return null;
  const { editor, files } = model;
  const [main, ...others] = files as [HubFile, ...HubFile[]];
  const found = await problems.attempt(() => pictureInput(place.where(model.mainPath), editor.inputs(main.data), plan));
  if (found === null) return null;
  const { input, layout } = found;
  const { width, height } = plan.size;
  const { scale, shift } = layout.channels === 3 ? plan : greyOf(plan);
  const changed = editor.withPixels(main.data, input, { ...layout, width, height, scale, shift });
  return {
    place,
    files: [{ name: main.name, data: changed }, ...others],
    outputs: editor.outputs(main.data),
    plan,
    layout,
    labels,
  };
}

async function planOf(place: HubPlace): Promise<PicturePlan> {
  const name = "preprocessor_config.json";
  const json = await hubJson(place, name);
  if (json !== null) return picturePlan(place.where(name), json);
  throw new InputError(
    `${place.where(name)}: there is no such file, so nothing says how pictures are resized and scaled; ` +
      "take it from the model's page, or send arrays: `paritab submit inference --queries X.npy`",
  );
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

/** Said before the first picture is read. @param where the pictures are @throws InputError */
export function requireRoom(
  where: string,
  { plan: { size }, layout: { channels } }: PictureModel,
  count: number,
): void {
  const each = size.width * size.height * channels;
  const countMax = Math.floor(TENSOR_BYTES_MAX / each);
  if (count <= countMax) return;
  throw new InputError(
    `${where}: expected at most ${countMax} pictures of ${size.width} x ${size.height} x ${channels} bytes in one job, got ${count}; ` +
      "submit them in parts",
  );
}

/** Classifiers of the Hub give logits, and some of them other things beside them. @returns null: there is one output alone */
export function pictureOutput({ outputs }: Pick<PictureModel, "outputs">): string | null {
  return outputs.length < 2 ? null : (outputs.find((name) => name === "logits") ?? outputs[0]!);
}

/**
 * Names for each number that a model gives.
 * @param size how many those are
 * @throws InputError where config.json names another number of labels
 */
export function namesFor({ labels, place }: Pick<PictureModel, "labels" | "place">, size: number): LabelNames {
  if (labels === null) return numbered(size);
  if (labels.names.length === size) return labels;
  throw new InputError(
    `${place.where("config.json")}: id2label: expected ${size} names, one for each number that the model gives, got ` +
      `${labels.names.length}; write the numbers themselves: --out FILE.npy`,
  );
}

/** Pictures in folders that have the names of labels say what they show. @returns places of labels; null: not all of them do */
export function shownLabels(labels: LabelNames | null, names: readonly string[]): number[] | null {
  if (labels === null) return null;
  const places = new Map(labels.names.map((name, at) => [name, at]));
  const shown = names.map((name) => places.get(name.split("/").at(-2) ?? "") ?? -1);
  return shown.includes(-1) ? null : shown;
}
