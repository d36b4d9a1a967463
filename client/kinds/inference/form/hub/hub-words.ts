/** The words of a dropped Hugging Face folder and its pictures or texts. */
import { plural } from "../../../../ui/plural.ts";
import { count } from "../../../../ui/units.ts";

const GIVEN = {
  vectors: "a vector for each text",
  labels: "a label for each text",
  tokens: "a label for each token of a text",
  spans: "an answer to each question",
};

const OTHERS_NAMED_MAX = 8;

export const hubWords = {
  title: "From the folder",
  begin: "Reading the folder",
  reading: (done: number, all: number) => `Read ${count(done)} of ${plural(all, "picture", "pictures")}`,
  tokenizing: (done: number, all: number) => `${count(done)} of ${plural(all, "text is tokens", "texts are tokens")}`,
  noPhotoThread: (why: string) =>
    `pictures: expected the browser to read them in a thread beside the page, got an error (${why || "no reason given"}); reload the page, or submit with the command line`,
  thePictures: "the pictures",
  noPictures: (most: number, got: number) =>
    `pictures: expected 1 to ${count(most)} JPEG, PNG or WebP pictures, got ${count(got)}; drop the pictures too: files, a folder, a .zip or a .tar`,
  noTexts: "texts: expected a file of texts (.txt, .csv, .tsv, .jsonl, .parquet), got none; drop it too",
  pictures: (name: string, n: number, height: number, width: number, labels: number | null) =>
    `${name}: a vision model${labels === null ? "" : ` with names for ${plural(labels, "label", "labels")}`}. ` +
    `${plural(n, "picture", "pictures")}, resized, cropped and scaled as preprocessor_config.json says, to ${height} × ${width}.`,
  others: (names: readonly string[]) =>
    `Left out, for ${names.length === 1 ? "it ends" : "they end"} neither in .jpg, .jpeg, .png nor .webp: ` +
    `${plural(names.length, "file", "files")} (${names.slice(0, OTHERS_NAMED_MAX).join(", ")}${names.length > OTHERS_NAMED_MAX ? ", …" : ""}).`,
  texts: (name: string, n: number, tokens: number, gives: keyof typeof GIVEN) =>
    `${name}: a text model that gives ${GIVEN[gives]}. ${plural(n, "text", "texts")}, ${count(tokens)} tokens.`,
  pooled: (pool: "mean" | "max" | "cls" | "last" | "none", normalizes: boolean) =>
    `A text’s vector: ${{ mean: "the mean of its tokens’", max: "the largest of each number of its tokens’", cls: "that of the first token", last: "that of the last token", none: "what the model gives" }[pool]}${normalizes ? ", of length 1" : ""}.`,
  buckets: (lengths: readonly (readonly [texts: number, length: number])[]) =>
    `${plural(lengths.length, "job", "jobs")}: ${lengths.map(([texts, length]) => `${plural(texts, "text", "texts")} of up to ${length} tokens`).join(", ")}.`,
  cut: (n: number) => `${plural(n, "text is", "texts are")} cut to what the model takes.`,
  first: "The first texts",
  forget: "Take these files away",
  column: "Column of the texts",
  columnHint:
    "Of a table; empty: text, sentence or content, or the only one. Two with a comma between them: each row is a pair of texts.",
  skipAdvice: "Mend or turn these files and drop them again, or go on without them.",
  goOnWithout: (n: number) => `Go on without ${n === 1 ? "this one" : `these ${count(n)}`}`,
  skipped: (names: readonly string[]) =>
    `Goes on without ${plural(names.length, "file that cannot be read", "files that cannot be read")} (${names.slice(0, OTHERS_NAMED_MAX).join(", ")}${names.length > OTHERS_NAMED_MAX ? ", …" : ""}).`,
  uploadingNames: "Uploading the names",
  truncate: "Cut texts that are longer than the model takes",
  jobName: (name: string, length: number) => `${name.slice(0, 60)}, ${length} tokens`,
  uploadingModel: (n: number, of: number) => `Uploading the model${of > 1 ? ` (${n} of ${of})` : ""}`,
  uploadingTexts: (n: number, of: number) => `Uploading the texts${of > 1 ? ` (${n} of ${of})` : ""}`,
};
