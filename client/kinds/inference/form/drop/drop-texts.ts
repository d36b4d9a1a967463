/** The words of dropping files: what they were taken for, and what to do with those that cannot be used. */
import { conversionOf } from "../../../../../shared/compute/foreign-models.ts";
import { anyModel } from "../../../../../shared/compute/model-files.ts";
import { plural } from "../../../../ui/plural.ts";

/** How a file of another program becomes one that is read here. */
const photo = (kind: string) =>
  `a ${kind} picture; drop its model's Hugging Face folder with it, whose preprocessor_config.json says how it is resized, or convert it to PNG`;
const CONVERSIONS: Readonly<Record<string, string>> = {
  jpg: photo("JPEG"),
  jpeg: photo("JPEG"),
  webp: photo("WebP"),
};

export const dropTexts = {
  label: "Model, queries and labels",
  folder: "or a folder",
  hint:
    "Drop files, folders, a .zip or a .tar here, or choose them. A Hugging Face folder with an ONNX model, and photographs or texts (.txt, " +
    `.csv, .jsonl, .parquet) for it; or a model (${anyModel()}), queries (.npy, .npz, .csv, .parquet, .png) and labels.`,
  reading: "Looking at the files",
  took: "Taken for",
  tookModel: (names: readonly string[]) => `model: ${names.join(", ")}`,
  tookPictures: (n: number) => `queries: ${plural(n, "picture", "pictures")}`,
  tookQueries: (name: string) => `queries: ${name}`,
  tookLabels: (name: string) => `labels: ${name}`,
  nothing: "Nothing here is a model, queries or labels.",
  refused: (name: string, say: string) => `${name}: not used, ${say}.`,
  convert: (ending: string) =>
    conversionOf(ending) ??
    CONVERSIONS[ending] ??
    `because files of its kind are not read here (models: ${anyModel()}; data: .npy, .csv, .parquet, .png)`,
  surplus: "because there is another file of its kind; drop only one",
};
