/** From the flags of `submit regression` and `estimate regression` to a submission whose data is uploaded. */
import { basename } from "node:path";
import { areNamesKept } from "../../../../shared/inputs/column-order.ts";
import { InputError } from "../../../../shared/inputs/input-error.ts";
import { Problems } from "../../../../shared/inputs/problems.ts";
import type { FrameFacts } from "../../../../shared/inputs/table-shape.ts";
import {
  REGRESSION_SAMPLES,
  type RegressionModel,
  regressionSubmissionSchema,
} from "../../../../shared/kinds/regression/submission.ts";
import { parseNpy } from "../../../../shared/protocol/npy.ts";
import { asNpy, type Numbers } from "../../../../shared/sdk/as-npy.ts";
import type { RegressionSubmissionInput } from "../../../../shared/sdk/paritab-client.ts";
import type { Call, Flag } from "../../../cli/command.ts";
import { UsageError } from "../../../cli/exit-codes.ts";
import { readLabels } from "../../../cli/inputs/read-labels.ts";
import { type Rows, readRows } from "../../../cli/inputs/read-rows.ts";
import { numberOf, settingFlags } from "../../../cli/setting-flags.ts";
import { uploaded } from "../../../coded/cli/coded-job.ts";
import { DataError } from "../../../coded/engine/data-error.ts";
import { plainNumbers } from "../../../coded/engine/number-table.ts";
import { TABLE_LABELS, TABLE_ROWS } from "../../../samples/regression-tables.ts";
import { classesOfLabels, modelForLabels } from "../engine/table/classes.ts";
import { labelsProblem } from "../labels-of-rows.ts";

const settings = settingFlags("regression", regressionSubmissionSchema);

export const REGRESSION_FLAGS: Readonly<Record<string, Flag>> = {
  features: {
    value: "FILE",
    help: "X, a row an example: .npy, .npz (FILE.npz:NAME), CSV, Parquet, a folder of PNG pictures, or -",
  },
  labels: { value: "FILE", help: "y, a number a row: .npy, .npz, CSV or Parquet" },
  "label-column": {
    value: "COLUMN",
    help: "y is this column of the table: a name of its header, or a place from 0 (the one called y, label, target or class)",
  },
  categories: {
    value: "COLUMNS",
    help: "columns of numbers that name categories, such as zip codes: names or places, with commas between",
  },
  "input-scale": { value: "NUMBER", help: "x = entry * this: 1/255 for 8-bit pixels (1)" },
  sample: {
    value: REGRESSION_SAMPLES.join("|"),
    help: "use data of the coordinator instead: the first is for --model logistic, the second for --model softmax",
  },
  rows: { value: "NUMBER", help: "how many rows of the sample, from the first on" },
  ...settings.flags,
};

/** @throws UsageError, InputError, ParitabApiError (an upload is refused) */
export async function regressionSubmission(call: Call): Promise<RegressionSubmissionInput> {
  const { flags } = call;
  const given = settings.read(flags, { kind: "sample", sample: REGRESSION_SAMPLES[0] });
  const model = regressionSubmissionSchema.shape.model.parse(given.model);
  const sample = flags.oneOf("sample", REGRESSION_SAMPLES);
  if (sample !== undefined) {
    flags.refuseBeside("sample", ["features", "labels", "label-column", "categories", "input-scale"]);
    const rows = flags.whole("rows", 1, TABLE_ROWS[sample].train);
    const wrong = modelProblem(model, TABLE_LABELS[sample], null);
    if (wrong !== null) throw new UsageError(`--sample ${sample}: ${wrong}`);
    const source = { kind: "sample" as const, sample, ...(rows === undefined ? {} : { rows }) };
    return { name: sample, ...given, kind: "regression", source };
  }
  flags.refuseWithout("sample", ["rows"]);
  const path = flags.required("features");
  const scaleText = flags.text("input-scale");
  const inputScale = scaleText === undefined ? 1 : numberOf(scaleText);
  if (inputScale === null) throw new UsageError(`--input-scale: expected a number like 1/255, got "${scaleText}"`);
  const { terminal } = call;
  const categories = flags
    .text("categories")
    ?.split(",")
    .map((name) => name.trim());
  const asFrame = {
    categoriesAdvice: "--categories COLUMNS",
    guessesLabels: flags.text("labels") === undefined,
    ...(categories !== undefined && { categories }),
  };
  const table = { stdin: terminal.stdin, labelColumn: flags.text("label-column"), asFrame };
  const labelsPath = flags.text("labels");
  const problems = new Problems();
  const features = (await problems.attempt(() => readRows(path, table)))!;
  const ownLabels =
    labelsPath === undefined ? null : await problems.attempt(() => readLabels(labelsPath, terminal.stdin, true));
  problems.throwIfAny();
  for (const note of features.notes ?? []) terminal.say(`${basename(path)}: ${note}`);
  const labels = ownLabels?.numbers ?? features.labels;
  if (labels === null)
    throw new InputError(
      `${path}: expected --labels, or a --label-column of the table, got neither${columnsOf(features)}`,
    );
  const wrong =
    (ownLabels === null ? null : labelsProblem(features.shape, ownLabels.shape)) ??
    modelProblem(model, labels, features.frame?.labelNames ?? null);
  if (wrong !== null) throw new InputError(`${labelsPath ?? path}: ${wrong}`);
  const featuresSha256 = await uploaded(call, features.numbers);
  const labelsSha256 = await uploaded(call, labels);
  const names = features.columnNames ?? null;
  if (names !== null && !areNamesKept(names)) {
    terminal.say(`${basename(path)}: ${NAMES_NOT_KEPT}`);
  }
  const columnNames = names !== null && areNamesKept(names) ? { columnNames: [...names] } : {};
  const source = {
    kind: "uploads" as const,
    ...{ featuresSha256, labelsSha256, inputScale },
    ...columnNames,
    ...(features.frame === undefined ? {} : sourceOf(features.frame)),
  };
  return { name: basename(path).slice(0, 80), ...given, kind: "regression", source };
}

const NAMES_NOT_KEPT =
  "the names of its columns are too many or too long to be kept: rows to predict have to stand in the same order";

/** A table without a label: which columns there are to choose from. */
function columnsOf({ columnNames }: Rows): string {
  const shown = columnNames?.slice(0, 20).join(", ");
  return shown === undefined ? "" : `; its columns are ${shown}${columnNames!.length > 20 ? ", ..." : ""}`;
}

/** What the submission says of an array that was a table of words and gaps. */
function sourceOf({ categories, gap, labelNames }: FrameFacts) {
  return {
    ...(categories.length > 0 && { categories: categories.map(({ column, levels }) => ({ column, levels })) }),
    ...(gap !== null && { gap }),
    ...(labelNames !== null && { labelNames: [...labelNames] }),
  };
}

/** What the coordinator would say of the labels once all is sent. @returns null: the model learns them */
function modelProblem(asked: RegressionModel | null, labels: Numbers, names: readonly string[] | null): string | null {
  const npy = asNpy(labels);
  // So large that it is never whole in memory here.
  if (npy instanceof Blob) return null;
  try {
    const { dtype, data } = parseNpy(npy);
    const numbers = plainNumbers("y", dtype, data);
    classesOfLabels(asked ?? modelForLabels(numbers, names !== null), numbers, names);
    return null;
  } catch (error) {
    if (error instanceof DataError) return error.message.replace(/the model "(\w+)"/, "--model $1");
    throw error;
  }
}
