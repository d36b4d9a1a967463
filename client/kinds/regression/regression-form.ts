/** The fields of a regression's form, and how they become a submission. Pure. */
import type { RegressionModel, RegressionSample } from "../../../shared/kinds/regression/submission.ts";
import type { RegressionSubmissionInput } from "../../../shared/sdk/regression-calls.ts";
import {
  CODE_AT_FIRST,
  CODE_HINTS,
  CODE_SPECS,
  type CodedFormFields,
  type CodeFields,
  fileProblem,
  hashOfFile,
  type UploadedFile,
} from "../../coded/code-fields.ts";
import type { FieldSpecs } from "../../ui/form/field-specs.ts";
import { type NameFields, nameSpecs } from "../../ui/form/name-fields.ts";
import type { Hints } from "../../ui/form/problems-by-field.ts";
import { readForm } from "../../ui/form/read-form.ts";
import { regressionTexts } from "./regression-texts.ts";

const texts = regressionTexts.form;
const { data, descent } = texts;

export type RegressionSource = RegressionSample | "uploads";

/** As typed. */
export interface RegressionFields extends CodeFields, NameFields {
  source: RegressionSource;
  rows: string;
  features: UploadedFile;
  labels: UploadedFile;
  /** They are a column of the CSV that X came from. */
  areLabelsOfTable: boolean;
  inputScale: string;
  /** Empty: by the labels. */
  model: RegressionModel | "";
  standardise: OnOff;
  intercept: OnOff;
  tolerance: string;
  iterations: string;
  learningRate: string;
  momentum: string;
  l2: string;
  validationShare: string;
  patience: string;
  featureBits: string;
}

type OnOff = "yes" | "no";

const AT_FIRST: RegressionFields = {
  source: "gisette-like",
  rows: "",
  features: { kind: "none" },
  labels: { kind: "none" },
  areLabelsOfTable: false,
  inputScale: "1",
  ...CODE_AT_FIRST,
  ...{ model: "", standardise: "yes", intercept: "yes" },
  ...{ tolerance: "1e-4", iterations: "300", learningRate: "", momentum: "0.9", l2: "" },
  validationShare: "0.1",
  patience: "",
  featureBits: "",
  name: "",
  submitter: "",
};

const isOwn = ({ source }: RegressionFields) => source === "uploads";

/** What numbers may be is the coordinator's to say. */
const SPECS: FieldSpecs<RegressionFields> = {
  source: {
    sort: "radio",
    path: null,
    options: Object.entries(data.sources),
  },
  rows: {
    sort: "whole",
    path: "source.rows",
    label: data.rows,
    hint: data.rowsHint,
    whenEmpty: undefined,
    shownIf: (fields) => !isOwn(fields),
  },
  features: {
    sort: "file",
    path: "source.featuresSha256",
    letter: "X",
    shownIf: isOwn,
    problem: ({ features }) => fileProblem(features, texts.problems.noFeatures),
    value: ({ features }) => hashOfFile(features),
  },
  labels: {
    sort: "file",
    path: "source.labelsSha256",
    letter: "y",
    shownIf: isOwn,
    problem: ({ labels }) => fileProblem(labels, texts.problems.noLabels),
    value: ({ labels }) => hashOfFile(labels),
  },
  inputScale: {
    sort: "scale",
    path: "source.inputScale",
    label: data.inputScale,
    hint: data.inputScaleHint,
    shownIf: isOwn,
  },
  ...CODE_SPECS,
  model: {
    sort: "select",
    label: descent.model,
    // Where nothing is chosen the submission does not name it.
    path: null,
    hint: ({ model }) => (model === "" ? descent.byLabelsMeans : regressionTexts.models[model].means),
    options: [
      ["", descent.byLabels],
      ...Object.entries(regressionTexts.models).map(([model, { name }]) => [model, name] as const),
    ],
  },
  standardise: {
    sort: "select",
    path: null,
    label: descent.standardise,
    hint: ({ standardise }) => (standardise === "yes" ? descent.standardisedMeans : descent.asTheyAreMeans),
    options: [
      ["yes", descent.standardised],
      ["no", descent.asTheyAre],
    ],
  },
  intercept: {
    sort: "select",
    path: null,
    label: descent.intercept,
    options: [
      ["yes", descent.withIntercept],
      ["no", descent.withoutIntercept],
    ],
  },
  tolerance: { sort: "number", label: descent.tolerance, hint: descent.toleranceHint },
  iterations: { sort: "whole", label: descent.iterations, hint: descent.iterationsHint },
  learningRate: {
    sort: "number",
    label: descent.learningRate,
    hint: descent.learningRateHint,
    whenEmpty: undefined,
  },
  momentum: { sort: "number", label: descent.momentum, hint: descent.momentumHint },
  l2: { sort: "number", label: descent.l2, hint: descent.l2Hint, whenEmpty: undefined },
  validationShare: { sort: "number", label: descent.validationShare, hint: descent.validationShareHint },
  patience: { sort: "whole", label: descent.patience, hint: descent.patienceHint, whenEmpty: null },
  featureBits: { sort: "whole", label: descent.featureBits, hint: descent.featureBitsHint, whenEmpty: null },
  ...nameSpecs<RegressionFields>(({ source }) => texts.names[source]),
};

/** Where the coordinator's sentences about a regression belong. */
const HINTS: Hints<RegressionFields> = [
  [/^(linear|logistic|softmax) regression:/, "model"],
  ...CODE_HINTS,
  [/held out|validation/, "validationShare"],
];

export const REGRESSION_FORM: CodedFormFields<RegressionFields, RegressionSubmissionInput> = {
  atFirst: AT_FIRST,
  specs: SPECS,
  hints: HINTS,
  read(fields) {
    const { features, model, standardise, intercept } = fields;
    const source =
      fields.source === "uploads"
        ? { kind: "uploads", ...(features.kind === "there" && tableOf(features)) }
        : { kind: "sample", sample: fields.source };
    return readForm(SPECS, fields, {
      ...{ kind: "regression", source, standardise: standardise === "yes", intercept: intercept === "yes" },
      ...(model !== "" && { model }),
    });
  },
};

/** What the submission says of a table's columns and labels. */
function tableOf({ columnNames, frame }: Extract<UploadedFile, { kind: "there" }>) {
  const { categories = [], gap = null, labelNames = null } = frame ?? {};
  return {
    ...(columnNames !== undefined && { columnNames }),
    ...(categories.length > 0 && { categories }),
    ...(gap !== null && { gap }),
    ...(labelNames !== null && { labelNames }),
  };
}
