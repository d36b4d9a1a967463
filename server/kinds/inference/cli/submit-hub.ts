/** `paritab submit`: a model's folder from the Hugging Face Hub, and files as people have them. */
import { BOX_THRESHOLD } from "../../../../shared/hub/boxes.ts";
import { HUB_PLACES } from "../../../../shared/hub/hub-runtimes.ts";
import { ACCEPTANCES } from "../../../../shared/kinds/inference/acceptance.ts";
import type { Call, ClientCommand } from "../../../cli/command.ts";
import { type ExitCode, UsageError } from "../../../cli/exit-codes.ts";
import { HOME_TRIAL_FLAGS } from "../../../cli/home/no-trial.ts";
import { askedOf, KEEP_NAMES_FLAG } from "../../../cli/keep-names-flag.ts";
import { cellOf, RAW_CELLS_FLAG } from "../../../cli/raw-cells-flag.ts";
import { HUB_INPUT_FLAGS, type HubOptions, TEXT_FLAGS } from "./hub-options.ts";
import { INFERENCE_SETTING_FLAGS, readInferenceFlags, UP_TO_FLAG } from "./inference-flags.ts";
import { submitPictures } from "./submit-pictures.ts";
import { submitTexts } from "./submit-texts.ts";

const TOP_DEFAULT = 5;
const TOP_MAX = 100;

export const submitHub: ClientCommand = {
  name: "submit",
  summary: "a model of the Hugging Face Hub over photographs or texts",
  usage: "--model FOLDER --images PATH | --texts FILE [--out FILE] [...]",
  about:
    `Takes a model's folder as on the Hugging Face Hub (${HUB_PLACES}, config.json, and the files that say how inputs are made).\n` +
    "--images: JPEG, PNG and WebP files in a folder and its folders, in a .zip or a .tar, or a single one. They are resized and " +
    "cropped here as preprocessor_config.json says, travel as bytes, and are normalised where the model runs. An answer has the names " +
    "of its labels, how sure the model is of each (softmax, or sigmoid where labels do not exclude each other), and its mark. Detectors (DETR, " +
    "YOLOS) give boxes in the pixels of each picture, segmentation a mask, DPT a depth; --output and --up-to give the numbers of any output, or of " +
    "a value within the model.\n" +
    "--texts: a text a line, or CSV, TSV, JSONL or Parquet of texts or of pairs of texts (re-rankers, inference, question answering). They become tokens here by tokenizer.json, are padded to a few lengths, each a " +
    "job of its own, and are pooled where the model runs. A text longer than the model takes is refused, or cut with --truncate.\n" +
    "Names of files, texts and labels stay with the job, and `paritab results` on any machine writes what --out writes; --keep-names no keeps them here.\n" +
    "All problems are reported together, before anything is sent. For arrays and CSV of numbers use `paritab submit inference`.",
  flags: {
    model: {
      value: "FOLDER",
      help: "the model's folder, or the file of one of several models in it",
    },
    ...HUB_INPUT_FLAGS,
    top: { value: "NUMBER", help: `labels of an answer, the most likely first (${TOP_DEFAULT})` },
    threshold: {
      value: "NUMBER",
      help: `of boxes: less sure ones are left out, 0 to 1 (${BOX_THRESHOLD}, as in transformers)`,
    },
    "up-to": UP_TO_FLAG,
    out: {
      value: "FILE",
      help: "write the answers to this file, in the format of its ending: .csv, .jsonl, .npy (numbers alone), .npz (each output as an array), .zip (masks and depths as pictures), .parquet (vectors of texts)",
    },
    accept: {
      value: ACCEPTANCES.join("|"),
      help: "when an answer may be written to standard output: first (estimates too), verified (checked ones alone) or final (ones within the job's bound) (default: verified); a file has all as they are at the end",
    },
    "require-final": { help: "exit with 8 if an answer is not final at the end" },
    detach: {
      help: "print the ids of the jobs and leave them running; `paritab results JOB --out FILE` writes the answers later",
    },
    keep: { help: "leave the job running when this command is interrupted" },
    ...HOME_TRIAL_FLAGS,
    "skip-broken": {
      help: "of --images: go on without files that cannot be read, say which and why, and write FILE.skipped.csv beside --out",
    },
    ...KEEP_NAMES_FLAG,
    ...RAW_CELLS_FLAG,
    ...INFERENCE_SETTING_FLAGS,
  },
  words: [0, 0],
  examples: [
    ["paritab submit --model ./resnet-50/ --images photos/ --out labels.csv", "a folder of photographs"],
    ["paritab submit --model ./all-MiniLM-L6-v2/ --texts corpus.jsonl --out embeddings.npy", "vectors of a corpus"],
    ["paritab submit --model ./detr/ --images photos/ --out boxes.csv", "things in pictures, and where they are"],
    ["paritab submit --model ./resnet-50/ --images photos/ --up-to NAME --out features.npy", "vectors of a layer"],
    ["paritab submit --model ./vit/ --images photos.zip --json | jq .label", "in a pipe"],
  ],
  run: submit,
};

function thresholdOf(text: string | undefined): number {
  const value = text === undefined || text.trim() === "" ? BOX_THRESHOLD : Number(text);
  if (value >= 0 && value <= 1) return value;
  throw new UsageError(`--threshold: expected a number from 0 to 1, got "${text}"`);
}

async function submit(call: Call): Promise<ExitCode> {
  const { flags } = call;
  const options: HubOptions = {
    settings: { ...readInferenceFlags(flags), ...askedOf(call) },
    accept: flags.oneOf("accept", ACCEPTANCES),
    top: flags.whole("top", 1, TOP_MAX) ?? TOP_DEFAULT,
    threshold: thresholdOf(flags.text("threshold")),
    out: flags.text("out"),
    model: flags.required("model"),
    cell: cellOf(flags),
  };
  const [images, texts] = [flags.text("images"), flags.text("texts")];
  if (images !== undefined && texts === undefined) {
    flags.refuseBeside("images", TEXT_FLAGS);
    return submitPictures(call, options, images);
  }
  if (texts !== undefined && images === undefined) {
    flags.refuseBeside("texts", ["skip-broken", "up-to", "threshold"]);
    return submitTexts(call, options, texts);
  }
  throw new UsageError(`expected --images or --texts, got ${images === undefined ? "neither" : "both"}`);
}
