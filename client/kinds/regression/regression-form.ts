/** From what stands in the form's fields to a regression submission, or to what is wrong beside which field. Pure. */
import type { RegressionModel, RegressionSample } from "../../../shared/kinds/regression/submission.ts";
import type { RegressionSubmissionInput } from "../../../shared/sdk/gradient-calls.ts";
import {
  CODE_AT_FIRST,
  type CodeSettings,
  type FieldProblems,
  fileProblem,
  type NameSettings,
  numbersOf,
  type Reading,
  readCode,
  readNames,
  type UploadedFile,
} from "../../coded/coded-form.ts";
import { parseScale } from "../inference/form/submission-form.ts";
import { regressionTexts } from "./regression-texts.ts";

const texts = regressionTexts.form;

export type RegressionSource = RegressionSample | "uploads";

/** As typed. */
export interface RegressionFields extends CodeSettings, NameSettings {
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
}
export type RegressionField = keyof RegressionFields;
type RegressionProblems = FieldProblems<RegressionFields>;

/** What suits the data: the model that its labels are for, and a rate that descends quickly and does not diverge. */
const SUITS: Readonly<Record<RegressionSource, Pick<RegressionFields, "model" | "learningRate" | "momentum">>> = {
  "gisette-like": { model: "logistic", learningRate: "0.02", momentum: "0.9" },
  mnist: { model: "softmax", learningRate: "0.1", momentum: "0.9" },
  uploads: { model: "logistic", learningRate: "0.1", momentum: "0.9" },
};

export function fieldsFor(source: RegressionSource): RegressionFields {
  return {
    source,
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
    name: "",
    submitter: "",
    ...SUITS[source],
  };
}

/** Other data: its model and rate, and whatever was typed besides. */
export function withSource(fields: RegressionFields, source: RegressionSource): RegressionFields {
  return { ...fields, source, ...SUITS[source] };
}

/**
 * Looks only at what the coordinator could not even be asked; what numbers may be is the coordinator's to say (see
 * problemsByField).
 * @returns the submission, or what is wrong
 */
export function readRegressionForm(fields: RegressionFields): Reading<RegressionFields, RegressionSubmissionInput> {
  const problems: RegressionProblems = {};
  const { number, whole, optional } = numbersOf(fields, problems);
  const source = sourceOf(fields, problems, () => optional("rows"));
  const settings = {
    kind: "regression" as const,
    model: fields.model,
    ...readCode(fields, problems),
    iterations: whole("iterations"),
    learningRate: number("learningRate"),
    momentum: number("momentum"),
    l2: number("l2"),
    validationShare: number("validationShare"),
    patience: optional("patience") ?? null,
    ...readNames(fields, texts.names[fields.source]),
  };
  if (source === null || Object.keys(problems).length > 0) return { problems };
  return { submission: { ...settings, source } };
}

function sourceOf(
  { source, features, labels, inputScale }: RegressionFields,
  problems: RegressionProblems,
  readRows: () => number | undefined,
): RegressionSubmissionInput["source"] | null {
  if (source !== "uploads") {
    const rows = readRows();
    return { kind: "sample", sample: source, ...(rows === undefined ? {} : { rows }) };
  }
  const featuresProblem = fileProblem(features, texts.problems.noFeatures);
  const labelsProblem = fileProblem(labels, texts.problems.noLabels);
  if (featuresProblem !== null) problems.features = featuresProblem;
  if (labelsProblem !== null) problems.labels = labelsProblem;
  const scale = parseScale(inputScale);
  if (scale === null) problems.inputScale = texts.problems.scale;
  if (features.kind !== "there" || labels.kind !== "there" || scale === null) return null;
  return { kind: "uploads", featuresSha256: features.sha256, labelsSha256: labels.sha256, inputScale: scale };
}
