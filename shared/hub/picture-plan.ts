/**
 * What happens to a picture before a model sees it, as preprocessor_config.json of a Hugging Face folder says: resized, cropped, and
 * each channel scaled. The types of processors differ in what they take for granted; their defaults are those of transformers.
 */
import { InputError } from "../inputs/input-error.ts";
import { PICTURE_EDGE_PIXELS_MAX } from "../protocol/limits.ts";
import { RESAMPLE_KINDS, type ResampleKind } from "./resample.ts";

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

export type ResizeStep =
  | (PictureSize & { readonly to: "size" })
  /** The shorter edge gets so many pixels, the longer one as many as keep the picture's form. */
  | { readonly to: "shortest-edge"; readonly pixels: number }
  /** The same, but fewer where the longer edge would be longer than this; then both are cut to a multiple. */
  | { readonly to: "within"; readonly shortest: number; readonly longest: number; readonly multiple: number }
  /** Resizes to the width or the height, whichever changes the scale less, and keeps the form; then both are rounded to a multiple. */
  | (PictureSize & { readonly to: "nearest-scale"; readonly multiple: number });

export interface PicturePlan {
  readonly resize: ResizeStep | null;
  readonly kind: ResampleKind;
  /** The middle of it, with black around it where the picture is smaller; null: as it is. */
  readonly crop: PictureSize | null;
  /** BGR in place of RGB. */
  readonly isFlipped: boolean;
  /** What comes out; null: it depends on the picture. */
  readonly size: PictureSize | null;
  /** Pictures of other sizes get 0 to their right and below, up to the largest of them. */
  readonly isPadded: boolean;
  /** The model takes byte * scale + shift: of red, green and blue (of the flipped ones: blue, green and red). */
  readonly scale: readonly number[];
  readonly shift: readonly number[];
}

type Json = Readonly<Record<string, unknown>>;

const IMAGENET_MEAN = [0.485, 0.456, 0.406];
const IMAGENET_STD = [0.229, 0.224, 0.225];
const HALVES = [0.5, 0.5, 0.5];
const CLIP_MEAN = [0.48145466, 0.4578275, 0.40821073];
const CLIP_STD = [0.26862954, 0.26130258, 0.27577711];

const imagenet = { image_mean: IMAGENET_MEAN, image_std: IMAGENET_STD };
const halves = { image_mean: HALVES, image_std: HALVES };
const edge = (pixels: number) => ({ shortest_edge: pixels });
const square = (pixels: number) => ({ height: pixels, width: pixels });
const within = (shortest: number, longest: number) => ({ shortest_edge: shortest, longest_edge: longest });
const cropped = (pixels: number) => ({ do_center_crop: true, crop_size: square(pixels) });

/** Defaults by type of processor, without ImageProcessor, ImageProcessorFast or FeatureExtractor at its end. */
const PROCESSORS: Readonly<Record<string, Json>> = {
  ViT: { size: square(224), resample: 2, ...halves },
  DeiT: { size: square(256), resample: 3, ...cropped(224), ...imagenet },
  Beit: { size: square(256), resample: 3, ...cropped(224), ...halves },
  Bit: { size: edge(224), resample: 3, ...cropped(224), image_mean: CLIP_MEAN, image_std: CLIP_STD },
  CLIP: { size: edge(224), resample: 3, ...cropped(224), image_mean: CLIP_MEAN, image_std: CLIP_STD },
  Siglip: { size: square(224), resample: 3, ...halves },
  ConvNext: { size: edge(384), resample: 2, crop_pct: 224 / 256, ...imagenet },
  EfficientNet: { size: square(346), resample: 0, include_top: true, ...imagenet },
  Levit: { size: edge(224), resample: 3, ...cropped(224), ...imagenet },
  MobileNetV1: { size: edge(256), resample: 2, ...cropped(224), ...halves },
  MobileNetV2: { size: edge(256), resample: 2, ...cropped(224), ...halves },
  MobileViT: { size: edge(224), resample: 2, ...cropped(256), do_normalize: false, do_flip_channel_order: true },
  Segformer: { size: square(512), resample: 2, ...imagenet },
  Detr: { size: within(800, 1333), resample: 2, do_pad: true, ...imagenet },
  ConditionalDetr: { size: within(800, 1333), resample: 2, do_pad: true, ...imagenet },
  DeformableDetr: { size: within(800, 1333), resample: 2, do_pad: true, ...imagenet },
  Yolos: { size: within(800, 1333), resample: 2, do_pad: true, ...imagenet },
  RTDetr: { size: square(640), resample: 2, do_normalize: false, ...imagenet },
  DPT: { size: square(384), resample: 3, ...halves },
};

/** Processors that keep a picture's form, and put smaller pictures of a batch into the frame of the largest. */
const PADDING = ["Detr", "ConditionalDetr", "DeformableDetr", "Yolos"];
/** Both edges of a picture for YOLOS are whole patches. */
const YOLOS_PATCH_PIXELS = 16;
const LONGEST_EDGE_DEFAULT = 1333;

const NOT_TAKEN = ["do_pad", "do_thumbnail", "do_image_splitting", "do_align_long_axis"];

/**
 * @param name of the file, for errors
 * @param json what preprocessor_config.json holds
 * @throws InputError with all that is wrong with it
 */
export function picturePlan(name: string, json: Json): PicturePlan {
  const reasons: string[] = [];
  const type = typeOf(json);
  const defaults = type === null ? undefined : PROCESSORS[type];
  if (defaults === undefined) {
    const known = Object.keys(PROCESSORS).join(", ");
    reasons.push(
      `image_processor_type: expected one of ${known} (with ImageProcessor behind it), got ${shown(json.image_processor_type ?? json.feature_extractor_type)}; ` +
        "prepare the pictures yourself and use `paritab submit inference --queries X.npy`",
    );
  }
  const settings: Json = { ...defaults, ...withoutNulls(json) };
  const isPadding = type !== null && PADDING.includes(type);
  for (const step of NOT_TAKEN) {
    if (settings[step] === true && !(step === "do_pad" && isPadding))
      reasons.push(`${step}: expected false or nothing, got true`);
  }
  const take = <T>(work: () => T): T | null => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      reasons.push(error.message);
      return null;
    }
  };
  const steps = take(() => stepsOf(settings, type));
  const kind = take(() => kindOf(settings.resample));
  const numbers = take(() => numbersOf(settings, type));
  if (steps === null || kind === null || numbers === null || reasons.length > 0) {
    throw new InputError(`${name}: ${reasons.join("; ")}`);
  }
  const isFlipped = settings.do_flip_channel_order === true;
  return { ...steps, ...numbers, kind, isFlipped, isPadded: isPadding && settings.do_pad !== false };
}

function typeOf(json: Json): string | null {
  const text = json.image_processor_type ?? json.feature_extractor_type;
  if (typeof text !== "string") return null;
  return text.replace(/(ImageProcessor(Fast|Pil)?|FeatureExtractor)$/, "");
}

function stepsOf(settings: Json, type: string | null): Pick<PicturePlan, "resize" | "crop" | "size"> {
  const isResized = settings.do_resize !== false;
  const given = sizeOf("size", settings.size, type, settings);
  let resize: ResizeStep | null = isResized ? given : null;
  let crop = settings.do_center_crop === true ? asSize(plainSize("crop_size", settings.crop_size, false)) : null;
  // They know one number alone, and make of it what comes before the crop.
  if (type === "ConvNext" && given.to === "shortest-edge") {
    const { pixels } = given;
    const percent = numberAt("crop_pct", settings.crop_pct);
    resize =
      pixels < CONVNEXT_WHOLE_PIXELS
        ? { to: "shortest-edge", pixels: Math.trunc(pixels / percent) }
        : { to: "size", ...square(pixels) };
    crop = pixels < CONVNEXT_WHOLE_PIXELS ? square(pixels) : null;
  }
  if (type === "Levit" && given.to === "shortest-edge") {
    resize = { to: "shortest-edge", pixels: Math.trunc((256 / 224) * given.pixels) };
  }
  if (resize?.to === "within" || resize?.to === "nearest-scale") {
    if (crop === null) return { resize, crop, size: null };
  }
  const size = crop ?? (resize?.to === "size" ? { width: resize.width, height: resize.height } : null);
  if (size === null) {
    throw new InputError(
      "size: expected height and width, or do_center_crop with a crop_size: pictures of a job have one size; got " +
        shown(settings.size),
    );
  }
  return { resize, crop, size };
}

/** From this on a ConvNext processor squeezes a picture in place of cropping it. */
const CONVNEXT_WHOLE_PIXELS = 384;
/** Processors to whom a single number is the shortest edge; to the others it is both. */
const BY_EDGE = ["Bit", "CLIP", "ConvNext", "Levit", "MobileNetV1", "MobileNetV2", "MobileViT"];

/** @param settings where there are any beside the size: how a picture keeps its form */
function sizeOf(name: string, value: unknown, type: string | null, settings: Json = {}): ResizeStep {
  if (type !== null && PADDING.includes(type)) {
    const { shortest_edge, longest_edge } = (value ?? {}) as Json;
    const shortest = typeof value === "number" ? value : shortest_edge;
    if (shortest !== undefined) {
      return {
        to: "within",
        shortest: pixelsAt(`${name}.shortest_edge`, shortest),
        longest: pixelsAt(`${name}.longest_edge`, longest_edge ?? settings.max_size ?? LONGEST_EDGE_DEFAULT),
        multiple: type === "Yolos" ? YOLOS_PATCH_PIXELS : 1,
      };
    }
  }
  if (type === "DPT" && settings.keep_aspect_ratio === true) {
    const multiple = pixelsAt("ensure_multiple_of", settings.ensure_multiple_of ?? 1);
    return { ...asSize(plainSize(name, value, false)), to: "nearest-scale", multiple };
  }
  return plainSize(name, value, type !== null && BY_EDGE.includes(type));
}

type PlainStep = Extract<ResizeStep, { to: "size" | "shortest-edge" }>;

/** @param isEdge what a single number is: the shortest edge, or both */
function plainSize(name: string, value: unknown, isEdge: boolean): PlainStep {
  if (typeof value === "number") {
    const pixels = pixelsAt(name, value);
    return isEdge ? { to: "shortest-edge", pixels } : { to: "size", ...square(pixels) };
  }
  const { shortest_edge, longest_edge, height, width } = (value ?? {}) as Json;
  if (shortest_edge !== undefined && longest_edge === undefined) {
    return { to: "shortest-edge", pixels: pixelsAt(`${name}.shortest_edge`, shortest_edge) };
  }
  if (height !== undefined && width !== undefined) {
    return { to: "size", height: pixelsAt(`${name}.height`, height), width: pixelsAt(`${name}.width`, width) };
  }
  throw new InputError(`${name}: expected a number, height and width, or shortest_edge, got ${shown(value)}`);
}

function asSize(step: PlainStep): PictureSize {
  return step.to === "size" ? { width: step.width, height: step.height } : square(step.pixels);
}

function kindOf(value: unknown): ResampleKind {
  const kind = typeof value === "number" ? RESAMPLE_KINDS[value] : undefined;
  if (kind !== undefined) return kind;
  const known = RESAMPLE_KINDS.map((one, number) => `${number} (${one})`).join(", ");
  throw new InputError(`resample: expected one of ${known}, got ${shown(value)}`);
}

/** transformers: pixels * rescale_factor, then (x - mean) / std; EfficientNet subtracts 1 before, and divides twice. */
function numbersOf(settings: Json, type: string | null): Pick<PicturePlan, "scale" | "shift"> {
  const factor =
    settings.do_rescale === false ? 1 : numberAt("rescale_factor", settings.rescale_factor ?? 1 / BYTE_MAX);
  const offset = settings.do_rescale !== false && settings.rescale_offset === true ? 1 : 0;
  const isNormal = settings.do_normalize !== false;
  const mean = isNormal ? threeAt("image_mean", settings.image_mean) : [0, 0, 0];
  const std = isNormal ? threeAt("image_std", settings.image_std) : [1, 1, 1];
  const again = type === "EfficientNet" && settings.include_top === true ? std : [1, 1, 1];
  if (std.includes(0)) throw new InputError(`image_std: expected numbers other than 0, got ${shown(std)}`);
  return {
    scale: std.map((deviation, c) => factor / (deviation * again[c]!)),
    shift: std.map((deviation, c) => -(offset + mean[c]!) / (deviation * again[c]!)),
  };
}

const BYTE_MAX = 255;

function pixelsAt(name: string, value: unknown): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= PICTURE_EDGE_PIXELS_MAX) {
    return value;
  }
  throw new InputError(`${name}: expected 1 to ${PICTURE_EDGE_PIXELS_MAX} pixels, got ${shown(value)}`);
}

function numberAt(name: string, value: unknown): number {
  if (typeof value === "number" && Number.isFinite(value) && value > 0) return value;
  throw new InputError(`${name}: expected a number above 0, got ${shown(value)}`);
}

function threeAt(name: string, value: unknown): number[] {
  const given = Array.isArray(value) && value.length === 1 ? value[0] : value;
  const values = typeof given === "number" ? [given, given, given] : given;
  if (Array.isArray(values) && values.length === 3 && values.every(Number.isFinite)) return values;
  throw new InputError(`${name}: expected three numbers, got ${shown(value)}`);
}

function withoutNulls(json: Json): Json {
  return Object.fromEntries(Object.entries(json).filter(([, value]) => value !== null));
}

const shown = (value: unknown) => (value === undefined ? "nothing" : JSON.stringify(value).slice(0, 120));
