/** What `submit inference` and `estimate inference` have in common: the model, the queries, the settings of the job. */

import { anyModel } from "../../../../shared/compute/model-files.ts";
import { inferenceSubmissionSchema } from "../../../../shared/kinds/inference/submission.ts";
import type { Flag, FlagValues } from "../../../cli/command.ts";
import { settingFlags } from "../../../cli/setting-flags.ts";
import { AIM_FLAGS, withAim } from "./aim-flags.ts";
import { PICTURE_SCALE } from "./inference-input.ts";

const settings = settingFlags("inference", inferenceSubmissionSchema);
/** For checking the settings before anything is read. */
const SOME_SOURCE = { kind: "sample", sample: "mnist" };

/** Of the job, whatever its queries are. */
export const INFERENCE_SETTING_FLAGS: Readonly<Record<string, Flag>> = { ...AIM_FLAGS, ...settings.flags };

export const UP_TO_FLAG: Flag = {
  value: "NAME",
  multiple: true,
  help: "a value within the model that is to be its output (a tensor of an ONNX file, a node of a tfjs graph): what comes behind it is left out",
};

export const INFERENCE_INPUT_FLAGS: Readonly<Record<string, Flag>> = {
  model: {
    value: "PATH",
    help: `${anyModel()}: the file, or the folder of its files; or the sha-256 of one uploaded before`,
  },
  size: {
    value: "NAME=N",
    multiple: true,
    help: "the size of a dimension that the model's file leaves free beside the batch, e.g. sequence_length=128",
  },
  value: {
    value: "NAME=N",
    multiple: true,
    help: "an input that is the same number for every query, e.g. sr=16000, or a state that begins with state=0",
  },
  "up-to": UP_TO_FLAG,
  queries: {
    value: "FILE",
    help: ".npy, .npz (FILE.npz:NAME; of a model with several inputs FILE.npz, an array for each by its name), CSV, Parquet, a folder of PNG pictures, or - for stdin",
  },
  "parity-model": { value: "PATH", help: "for --scheme parm: the parity model, trained on sums of queries" },
  labels: {
    value: "FILE",
    help: "one whole number a query (.npy, .npz, CSV, Parquet): the job then says its accuracy",
  },
  "label-column": {
    value: "COLUMN",
    help: "labels are this column of the table: a name of its header, or a place from 0",
  },
  "input-scale": { value: "NUMBER", help: `queries are multiplied by this number (1; ${PICTURE_SCALE} for pictures)` },
  sample: { value: "mnist", help: "use the coordinator's own digits and model instead" },
  "sample-start": { value: "NUMBER", help: "the first of them (0)" },
  "sample-count": { value: "NUMBER", help: "how many (400)" },
  ...INFERENCE_SETTING_FLAGS,
};

/** @returns what was given, under the names of the API @throws UsageError that names every flag that is wrong */
export function readInferenceFlags(flags: FlagValues): Record<string, unknown> {
  return withAim(flags, settings.read(flags, SOME_SOURCE));
}
