/** A vision model's folder, and what its pictures become: bytes of one size, to be normalised where the model runs. */
import { ModelError } from "../compute/errors.ts";
import type { FileInput } from "../compute/runtimes/runtime-description.ts";
import { ALL_OUTPUTS } from "../compute/select-output.ts";
import { InputError } from "../inputs/input-error.ts";
import type { Problems } from "../inputs/problems.ts";
import { TENSOR_BYTES_MAX } from "../protocol/limits.ts";
import { type HubFile, type HubPlace, hubJson, hubLabels } from "./hub-place.ts";
import { type LabelNames, taskFor } from "./label-names.ts";
import { type PicturePlan, picturePlan } from "./picture-plan.ts";
import type { MadeRows, RowsPlan } from "./picture-rows.ts";
import { type PictureTask, pictureTask } from "./picture-task.ts";

export interface PictureModel extends RowsPlan {
  readonly place: HubPlace;
  readonly task: PictureTask;
  /** null: config.json names none. */
  readonly labels: LabelNames | null;
  /** The changed model and what lies beside it, to be uploaded. @param rows for which it is changed */
  files(rows: Pick<MadeRows, "frame" | "showsInside">): readonly HubFile[];
}

/** The input that says where there is a picture, as transformers' detectors have it. */
const MASK = "pixel_mask";

/**
 * @param problems gets all that is wrong with it
 * @param chosen names or places of outputs, ALL_OUTPUTS, or names of values within the model, that are wanted; null: what the folder is for
 * @returns null where something is
 * @throws ModelError where the model's file is none
 */
export async function pictureModel(
  place: HubPlace,
  problems: Problems,
  chosen: readonly (string | number)[] | null = null,
): Promise<PictureModel | null> {
  const model = await problems.attempt(() => place.model());
  const plan = await problems.attempt(() => planOf(place));
  const labels = await problems.attempt(() => hubLabels(place));
  const config = await problems.attempt(() => hubJson(place, "config.json"));
  if (model === null || plan === null) return null;
  const { editor, files } = model;
  const [main, ...others] = files as [HubFile, ...HubFile[]];
  const path = place.where(model.mainPath);
  const outputs = editor.outputs(main.data);
  const wanted = chosen?.flatMap((one) => (one === ALL_OUTPUTS ? outputs : (outputs[Number(one)] ?? one)));
  const task = pictureTask(outputs, labels, namesIn(config?.architectures), wanted?.map(String) ?? null);
  const taken = await problems.attempt(() => asInput(path, () => editor.withOutputs(main.data, task.outputs)));
  if (taken === null) return null;
  const found = await problems.attempt(() => pictureInput(path, editor.inputs(taken), plan));
  if (found === null) return null;
  const { input, layout, fixed, mask } = found;
  const { scale, shift } = layout.channels === 3 ? plan : greyOf(plan);
  return {
    ...{ place, task, plan, layout, fixed, takesMask: mask !== null, labels },
    files: ({ frame, showsInside }) => {
      const inside = showsInside ? { inside: { mask } } : {};
      const { width, height } = frame;
      const data = editor.withPixels(taken, input, { ...layout, width, height, scale, shift, ...inside });
      // A file of weights that no output needs is none of the model's any more.
      const beside = new Set(editor.companions(data));
      return [{ name: main.name, data }, ...others.filter(({ name }) => beside.has(name))];
    },
  };
}

/** @throws InputError for a ModelError: what was asked of the model is not in it */
function asInput<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof ModelError) throw new InputError(`${path}: ${error.message}`);
    throw error;
  }
}

const namesIn = (value: unknown) => (Array.isArray(value) ? value.filter((one) => typeof one === "string") : []);

async function planOf(place: HubPlace): Promise<PicturePlan> {
  const name = "preprocessor_config.json";
  const json = await hubJson(place, name);
  if (json !== null) return picturePlan(place.where(name), json);
  throw new InputError(
    `${place.where(name)}: there is no such file, so nothing says how pictures are resized and scaled; ` +
      "take it from the model's page, or send arrays: `paritab submit inference --queries X.npy`",
  );
}

interface PictureInputs extends Pick<RowsPlan, "layout" | "fixed"> {
  readonly input: string;
  readonly mask: { readonly name: string; readonly shape: readonly [number | null, number | null] } | null;
}

/** @throws InputError where the model takes no pictures of that size */
function pictureInput(path: string, inputs: readonly FileInput[], { size }: PicturePlan): PictureInputs {
  const mask = inputs.find(({ name, shape }) => name === MASK && shape?.length === 3);
  const [input, ...more] = inputs.filter((one) => one !== mask);
  if (input === undefined || more.length > 0) {
    const names = inputs.map(({ name }) => name).join(", ");
    throw new InputError(
      `${path}: expected a model with one input, a picture (and maybe its ${MASK}); got ${inputs.length}: ${names}; ` +
        "an output that needs the picture alone is chosen with --output NAME, or a value within the model with --up-to NAME",
    );
  }
  const { name, shape } = input;
  const layout = shape?.length === 4 ? layoutOf(shape) : null;
  const got = shape === null ? "no shape" : shape.map((length) => length ?? "free").join(" x ");
  if (layout === null) {
    throw new InputError(`${path}: input '${name}': expected batch x channels x height x width, got ${got}`);
  }
  const [height, width] = (layout.isChannelsFirst ? shape!.slice(2) : shape!.slice(1)) as (number | null)[];
  if (size !== null && ((height ?? size.height) !== size.height || (width ?? size.width) !== size.width)) {
    throw new InputError(
      `${path}: input '${name}': expected ${size.height} x ${size.width} pixels, as preprocessor_config.json says, got ${got}`,
    );
  }
  const fixed = height == null || width == null ? null : { height, width };
  const ofMask = mask === undefined ? null : { name: MASK, shape: [mask.shape![1]!, mask.shape![2]!] as const };
  return { input: name, layout, fixed, mask: ofMask };
}

/** The channels are what is 1 or 3; where nothing is fixed they come first, as PyTorch has them. */
function layoutOf(shape: readonly (number | null)[]): PictureModel["layout"] | null {
  const [, first, , last] = shape;
  if (first === 1 || first === 3) return { channels: first, isChannelsFirst: true };
  if (last === 1 || last === 3) return { channels: last, isChannelsFirst: false };
  return first === null && last === null ? { channels: 3, isChannelsFirst: true } : null;
}

/** One channel has the first of the numbers. */
function greyOf({ scale, shift }: PicturePlan): Pick<PicturePlan, "scale" | "shift"> {
  return { scale: scale.slice(0, 1), shift: shift.slice(0, 1) };
}

/** Said before the first picture is read, where the size of its row is known by then. @param where the pictures are @throws InputError */
export function requireRoom(
  where: string,
  { plan: { size }, layout: { channels } }: PictureModel,
  count: number,
): void {
  if (size === null) return;
  const each = size.width * size.height * channels;
  const countMax = Math.floor(TENSOR_BYTES_MAX / each);
  if (count <= countMax) return;
  throw new InputError(
    `${where}: expected at most ${countMax} pictures of ${size.width} x ${size.height} x ${channels} bytes in one job, got ${count}; ` +
      "submit them in parts",
  );
}

/** What a job asks of the model as it is uploaded, which has the task's outputs alone. @param truths labels of the pictures; null: not known */
export function settingsOfPictures(
  { task, labels }: Pick<PictureModel, "task" | "labels">,
  truths: readonly number[] | null,
) {
  const job = task.gives === "labels" ? taskFor(labels) : "regression";
  return {
    ...(truths !== null && task.gives === "labels" ? {} : { task: job }),
    ...(task.outputs.length > 1 ? { output: ALL_OUTPUTS } : {}),
  };
}

/**
 * @param size how many numbers the model gives
 * @throws InputError where config.json names another number of labels
 */
export function requireNames({ labels, place }: Pick<PictureModel, "labels" | "place">, size: number): void {
  if (labels === null || labels.names.length === size) return;
  throw new InputError(
    `${place.where("config.json")}: id2label: expected ${size} names, one for each number that the model gives, got ` +
      `${labels.names.length}; write the numbers themselves: --out FILE.npy`,
  );
}

/** Pictures in folders that have the names of labels say what they show. @returns places of labels; null: not all of them do */
export function shownLabels(
  { task, labels }: Pick<PictureModel, "task" | "labels">,
  names: readonly string[],
): number[] | null {
  if (labels === null || task.gives !== "labels") return null;
  const places = new Map(labels.names.map((name, at) => [name, at]));
  const shown = names.map((name) => places.get(name.split("/").at(-2) ?? "") ?? -1);
  return shown.includes(-1) ? null : shown;
}
