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
  model: RegressionModel;
  iterations: string;
  learningRate: string;
  momentum: string;
  l2: string;
  validationShare: string;
  patience: string;
  featureBits: string;
}

/** What suits the data: the model that its labels are for, and a rate that descends quickly and does not diverge. */
const SUITS: Readonly<Record<RegressionSource, Pick<RegressionFields, "model" | "learningRate" | "momentum">>> = {
  "gisette-like": { model: "logistic", learningRate: "0.02", momentum: "0.9" },
  mnist: { model: "softmax", learningRate: "0.1", momentum: "0.9" },
  uploads: { model: "logistic", learningRate: "0.1", momentum: "0.9" },
};

const AT_FIRST: RegressionFields = {
  source: "gisette-like",
  rows: "",
  features: { kind: "none" },
  labels: { kind: "none" },
  areLabelsOfTable: false,
  inputScale: "1",
  ...CODE_AT_FIRST,
  iterations: "50",
  l2: "0",
  validationShare: "0.1",
  patience: "",
  featureBits: "",
  name: "",
  submitter: "",
  ...SUITS["gisette-like"],
};

const isOwn = ({ source }: RegressionFields) => source === "uploads";

/** What numbers may be is the coordinator's to say. */
const SPECS: FieldSpecs<RegressionFields> = {
  source: {
    sort: "radio",
    path: null,
    options: Object.entries(data.sources),
    // Other data: its model and rate, and whatever was typed besides.
    pick: (source) => SUITS[source as RegressionSource],
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
    hint: ({ model }) => regressionTexts.models[model].means,
    options: Object.entries(regressionTexts.models).map(([model, { name }]) => [model, name]),
  },
  iterations: { sort: "whole", label: descent.iterations },
  learningRate: { sort: "number", label: descent.learningRate },
  momentum: { sort: "number", label: descent.momentum, hint: descent.momentumHint },
  l2: { sort: "number", label: descent.l2, hint: descent.l2Hint },
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
    const { features } = fields;
    const names = features.kind === "there" && features.columnNames !== undefined ? features.columnNames : null;
    const source =
      fields.source === "uploads"
        ? { kind: "uploads", ...(names !== null && { columnNames: names }) }
        : { kind: "sample", sample: fields.source };
    return readForm(SPECS, fields, { kind: "regression", source });
  },
};
