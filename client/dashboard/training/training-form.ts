/** From what stands in the form's fields to a gradient submission, or to what is wrong beside which field. Pure. */
import type { GradientModel, GradientSample, GradientScheme } from "../../../shared/protocol/gradient-api.ts";
import type { GradientSubmissionInput } from "../../../shared/sdk/paritab-client.ts";
import { training } from "../../ui/texts.ts";
import { parseScale } from "../submission-form.ts";

const texts = training.form;

export type TrainingSource = GradientSample | "uploads";

/** A `.npy` file of one's own: it goes up as soon as it is chosen, so that the cost is known before the job is. */
export type UploadedFile =
  | { readonly kind: "none" }
  | { readonly kind: "uploading"; readonly fileName: string }
  | { readonly kind: "there"; readonly sha256: string; readonly shape: readonly number[]; readonly dtype: string }
  | { readonly kind: "refused"; readonly message: string };

/** As typed. */
export interface TrainingFields {
  source: TrainingSource;
  rows: string;
  features: UploadedFile;
  labels: UploadedFile;
  inputScale: string;
  model: GradientModel;
  scheme: GradientScheme;
  dataVolunteers: string;
  stragglers: string;
  liars: string;
  colluders: string;
  volunteers: string;
  shardsPerVolunteer: string;
  iterations: string;
  learningRate: string;
  momentum: string;
  l2: string;
  validationShare: string;
  patience: string;
  name: string;
  submitter: string;
}
export type TrainingField = keyof TrainingFields;
export type FieldProblems = Partial<Record<TrainingField, string>>;

/** What suits the data: the model that its labels are for, and a rate that descends quickly and does not diverge. */
const SUITS: Readonly<Record<TrainingSource, Pick<TrainingFields, "model" | "learningRate" | "momentum">>> = {
  "gisette-like": { model: "logistic", learningRate: "0.02", momentum: "0.9" },
  mnist: { model: "softmax", learningRate: "0.1", momentum: "0.9" },
  uploads: { model: "logistic", learningRate: "0.1", momentum: "0.9" },
};

export function fieldsFor(source: TrainingSource): TrainingFields {
  return {
    source,
    rows: "",
    features: { kind: "none" },
    labels: { kind: "none" },
    inputScale: "1",
    scheme: "avcc",
    dataVolunteers: "4",
    stragglers: "1",
    liars: "1",
    colluders: "0",
    volunteers: "",
    shardsPerVolunteer: "1",
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
export function withSource(fields: TrainingFields, source: TrainingSource): TrainingFields {
  return { ...fields, source, ...SUITS[source] };
}

/** Other scheme: uncoded has no slack to set. */
export function withScheme(fields: TrainingFields, scheme: GradientScheme): TrainingFields {
  const none = { stragglers: "0", liars: "0", colluders: "0", volunteers: "" };
  if (scheme === "uncoded") return { ...fields, scheme, ...none };
  if (scheme === "replication") return { ...fields, scheme, colluders: "0" };
  return { ...fields, scheme };
}

/**
 * Looks only at what the coordinator could not even be asked; what numbers may be is the coordinator's to say (see
 * problemsByField).
 * @returns the submission, or what is wrong
 */
export function readTrainingForm(
  fields: TrainingFields,
): { submission: GradientSubmissionInput } | { problems: FieldProblems } {
  const problems: FieldProblems = {};
  const number = (field: TrainingField & keyof TypedFields): number => {
    const text = fields[field].trim();
    const value = text === "" ? Number.NaN : Number(text);
    if (!Number.isFinite(value)) problems[field] = texts.problems.number(text);
    return value;
  };
  const whole = (field: TrainingField & keyof TypedFields): number => {
    const value = number(field);
    if (problems[field] === undefined && !Number.isInteger(value))
      problems[field] = texts.problems.whole(fields[field]);
    return value;
  };
  const optional = <T>(
    field: TrainingField & keyof TypedFields,
    read: (field: keyof TypedFields) => T,
  ): T | undefined => (fields[field].trim() === "" ? undefined : read(field));

  const source = sourceOf(fields, problems, () => optional("rows", whole));
  const volunteers = optional("volunteers", whole);
  const defaults = texts.names.defaults;
  const settings = {
    kind: "gradient" as const,
    model: fields.model,
    scheme: fields.scheme,
    dataVolunteers: whole("dataVolunteers"),
    stragglers: whole("stragglers"),
    liars: whole("liars"),
    colluders: whole("colluders"),
    shardsPerVolunteer: whole("shardsPerVolunteer"),
    iterations: whole("iterations"),
    learningRate: number("learningRate"),
    momentum: number("momentum"),
    l2: number("l2"),
    validationShare: number("validationShare"),
    patience: optional("patience", whole) ?? null,
    name: fields.name.trim() || defaults[fields.source],
    submitter: fields.submitter.trim() || defaults.submitter,
    ...(volunteers === undefined ? {} : { volunteers }),
  };
  if (source === null || Object.keys(problems).length > 0) return { problems };
  return { submission: { ...settings, source } };
}

/** Fields that hold what was typed. */
type TypedFields = Omit<TrainingFields, "source" | "features" | "labels" | "model" | "scheme">;

function sourceOf(
  { source, features, labels, inputScale }: TrainingFields,
  problems: FieldProblems,
  readRows: () => number | undefined,
): GradientSubmissionInput["source"] | null {
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

function fileProblem(file: UploadedFile, whereNone: string): string | null {
  switch (file.kind) {
    case "none":
      return whereNone;
    case "uploading":
      return texts.problems.stillUploading;
    case "refused":
      return file.message;
    case "there":
      return null;
    default:
      return file satisfies never;
  }
}
