/** The fields of an inference job's form, and how they become a submission. Pure, but for the files' names. */
import type { z } from "zod";
import { workerCountOf } from "../../../../shared/coding/make-scheme.ts";
import { SCHEME_NAMES, SCHEMES, type SchemeName } from "../../../../shared/coding/schemes/schemes.ts";
import { anyModel, mainFileAmong } from "../../../../shared/compute/model-files.ts";
import { type InferenceSubmission, inferenceSubmissionSchema } from "../../../../shared/kinds/inference/submission.ts";
import { PURPOSE_LENGTH_MAX, QUERIES_PER_JOB_MAX } from "../../../../shared/protocol/limits.ts";
import type { InferenceSubmissionInput } from "../../../../shared/sdk/run-inference.ts";
import type { FieldSpecs, Limits, TextSpec } from "../../../ui/form/field-specs.ts";
import { type NameFields, nameSpecs } from "../../../ui/form/name-fields.ts";
import { type FormReading, readForm } from "../../../ui/form/read-form.ts";
import { inferenceTexts } from "../inference-texts.ts";
import { inputsTexts } from "./inputs/inputs-texts.ts";
import { type TypedSizes, typedSizeProblem } from "./inputs/open-sizes.ts";
import { dial, purpose } from "./submit-texts.ts";

const texts = inferenceTexts.form;
const schema = inferenceSubmissionSchema.shape;

/** As typed. */
export interface InferenceFields extends NameFields {
  source: "sample" | "uploads";
  queryStart: string;
  queryCount: string;
  modelFiles: readonly File[];
  /** Of a scheme that takes a parity model. */
  parityFiles: readonly File[];
  /** Names of sizes that the model's file leaves open, and what is typed for each. */
  openSizes: readonly string[];
  sizes: TypedSizes;
  queriesFile: File | null;
  /** In place of it, where the model has several inputs: an array for each, by the inputs' names. none: not all are there. */
  inputFiles: ReadonlyMap<string, File> | "none" | null;
  /** Why there is no such file though one was chosen; null: nothing is wrong. */
  queriesProblem: string | null;
  labelsFile: File | null;
  /** A Hugging Face folder says what happens to pictures or texts; null: none was dropped. */
  hub: "pictures" | "texts" | null;
  inputScale: string;
  /** A name or a place; empty: the only one. */
  output: string;
  task: InferenceSubmission["task"];
  scheme: SchemeName;
  queriesPerGroup: string;
  stragglers: string;
  liars: string;
  /** code: the settings above. aim: a time, budget: a price, from which the coordinator chooses them. */
  mode: "code" | "aim" | "budget";
  finishMinutes: string;
  /** Percent. */
  confidence: string;
  /** Million multiply-adds. */
  budgetMillions: string;
  completion: InferenceSubmission["completion"];
  /** Empty: the operator's cap alone. */
  coordinatorRowsMax: string;
  purpose: string;
}

const DEFAULTS = inferenceSubmissionSchema.parse({ kind: "inference", source: { kind: "sample", sample: "mnist" } });

export const INFERENCE_AT_FIRST: InferenceFields = {
  source: "sample",
  queryStart: "0",
  queryCount: "400",
  modelFiles: [],
  parityFiles: [],
  openSizes: [],
  sizes: {},
  queriesFile: null,
  inputFiles: null,
  queriesProblem: null,
  labelsFile: null,
  hub: null,
  inputScale: "1",
  output: "",
  task: DEFAULTS.task,
  scheme: DEFAULTS.scheme,
  queriesPerGroup: String(DEFAULTS.queriesPerGroup),
  stragglers: String(DEFAULTS.stragglers),
  liars: String(DEFAULTS.liars),
  mode: "code",
  finishMinutes: "5",
  confidence: "90",
  budgetMillions: "1000",
  completion: DEFAULTS.completion,
  coordinatorRowsMax: "",
  name: "",
  submitter: "",
  purpose: "",
};

type Spec = TextSpec<InferenceFields>;

const isSample = ({ source }: InferenceFields) => source === "sample";
const isOwn = ({ source }: InferenceFields) => source === "uploads";
const saysItself = ({ source, hub }: InferenceFields) => source === "uploads" && hub === null;
const isAimed = ({ mode }: InferenceFields) => mode === "aim";
const isCoded = ({ mode }: InferenceFields) => mode === "code";

const limitsOf = (number: z.ZodDefault<z.ZodNumber>): Limits => ({
  least: number.unwrap().minValue!,
  most: number.unwrap().maxValue!,
});

const ofSample = (name: "queryCount" | "queryStart", least: number): Spec => ({
  sort: "whole",
  path: `source.${name}`,
  label: texts.source[name],
  limits: { least, most: QUERIES_PER_JOB_MAX },
  shownIf: isSample,
});

const ofCode = (name: "queriesPerGroup" | "stragglers" | "liars"): Spec => ({
  sort: "whole",
  label: texts.scheme[name],
  hint: texts.scheme[`${name}Hint`],
  limits: limitsOf(schema[name]),
  shownIf: isCoded,
});

export const INFERENCE_SPECS: FieldSpecs<InferenceFields> = {
  source: {
    sort: "radio",
    path: null,
    options: [
      ["sample", texts.source.sample],
      ["uploads", texts.source.uploads],
    ],
  },
  queryCount: ofSample("queryCount", 1),
  queryStart: ofSample("queryStart", 0),
  modelFiles: {
    sort: "file",
    path: null,
    shownIf: isOwn,
    problem({ modelFiles }) {
      if (modelFiles.length === 0) return texts.problems.noModel(anyModel());
      const missing = missingIn(modelFiles);
      return missing === null ? null : texts.problems.otherFiles(missing);
    },
  },
  parityFiles: {
    sort: "file",
    path: null,
    shownIf: (fields) => isOwn(fields) && takesParity(fields),
    problem: ({ parityFiles }) => (missingIn(parityFiles) === null ? null : texts.problems.noParity(anyModel())),
  },
  sizes: {
    sort: "file",
    path: null,
    shownIf: isOwn,
    problem: ({ openSizes, sizes }) =>
      openSizes.flatMap((name) => typedSizeProblem(name, sizes) ?? []).join(" ") || null,
  },
  queriesFile: {
    sort: "file",
    path: null,
    shownIf: isOwn,
    problem({ queriesFile, inputFiles, queriesProblem, hub }) {
      if (queriesProblem !== null) return queriesProblem;
      if (inputFiles === "none") return inputsTexts.notChosen;
      return queriesFile === null && inputFiles === null && hub !== "texts" ? texts.problems.noQueries : null;
    },
  },
  inputScale: {
    sort: "scale",
    path: "source.inputScale",
    label: texts.source.inputScale,
    hint: texts.source.inputScaleHint,
    problem: texts.problems.scale,
    shownIf: saysItself,
  },
  task: {
    sort: "select",
    label: texts.source.task,
    hint: () => texts.source.taskHint,
    options: Object.entries(texts.source.tasks),
    shownIf: saysItself,
  },
  output: {
    sort: "text",
    label: texts.source.output,
    hint: texts.source.outputHint,
    convert: (text) => outputOf(String(text)),
    shownIf: saysItself,
  },
  mode: {
    sort: "radio",
    path: null,
    label: dial.mode,
    options: Object.entries(dial.modes),
  },
  finishMinutes: {
    sort: "number",
    path: "aim.finishWithinMs",
    label: dial.finishWithin,
    hint: dial.finishWithinHint,
    problem: dial.problems.minutes,
    convert: (minutes) => (Number(minutes) > 0 ? Math.round(Number(minutes) * 60_000) : null),
    shownIf: isAimed,
  },
  confidence: {
    sort: "number",
    path: "aim.confidence",
    label: dial.confidence,
    hint: dial.confidenceHint,
    problem: dial.problems.confidence,
    convert: (percent) => (Number(percent) >= 50 && Number(percent) <= 99 ? Number(percent) / 100 : null),
    shownIf: isAimed,
  },
  budgetMillions: {
    sort: "number",
    path: "aim.budgetMacs",
    label: dial.budget,
    hint: dial.budgetHint,
    problem: dial.problems.budget,
    convert: (millions) => (Number(millions) > 0 ? Number(millions) * 1e6 : null),
    shownIf: ({ mode }) => mode === "budget",
  },
  scheme: {
    sort: "select",
    label: texts.scheme.name,
    hint: ({ scheme }) => SCHEMES[scheme].words.describe,
    options: SCHEME_NAMES.toReversed().map((name) => [name, name]),
    pick: (scheme, fields) => settingsOf(scheme as SchemeName, fields),
    shownIf: isCoded,
  },
  queriesPerGroup: ofCode("queriesPerGroup"),
  stragglers: ofCode("stragglers"),
  liars: ofCode("liars"),
  completion: {
    sort: "radio",
    label: texts.finish.completion,
    options: [
      ["exact", texts.finish.exact],
      ["fast", texts.finish.fast],
    ],
  },
  coordinatorRowsMax: {
    sort: "whole",
    label: texts.finish.coordinatorRowsMax,
    hint: texts.finish.coordinatorRowsMaxHint,
    limits: { least: 0, most: QUERIES_PER_JOB_MAX },
    whenEmpty: undefined,
  },
  ...nameSpecs<InferenceFields>(({ source }) => texts.defaultNames[source]),
  purpose: { sort: "lines", label: purpose.label, hint: purpose.hint, maxLength: PURPOSE_LENGTH_MAX },
};

/** What choosing a scheme changes: the settings that it suggests. */
export function settingsOf(scheme: SchemeName, { source }: InferenceFields): Partial<InferenceFields> {
  const { formSettings } = SCHEMES[scheme];
  const settings = Object.entries(source === "sample" ? formSettings.sample : formSettings.own);
  return Object.fromEntries(settings.map(([setting, value]) => [setting, String(value)]));
}

/** What is ready to be sent: first the files, then the job that names them. Of texts from a folder neither: they are sent by their own. */
export interface ReadyForm {
  readonly uploads: {
    model: readonly File[];
    /** Empty where the scheme has none. */
    parity: readonly File[];
    /** By the inputs' names where the model has several. */
    queries: File | ReadonlyMap<string, File>;
    labels: File | null;
    inputScale: number;
  } | null;
  readonly sample: { queryStart: number; queryCount: number } | null;
  readonly rest: Omit<InferenceSubmissionInput, "source">;
}

export function readInferenceForm(fields: InferenceFields): FormReading<InferenceFields, ReadyForm> {
  const base = { kind: "inference", task: DEFAULTS.task, source: {} };
  const reading = readForm<InferenceFields, ReadyForm["rest"] & { source: object }>(INFERENCE_SPECS, fields, base);
  if ("problems" in reading) return reading;
  const { source, ...rest } = reading.submission;
  if (isSample(fields)) {
    return { submission: { uploads: null, sample: source as NonNullable<ReadyForm["sample"]>, rest } };
  }
  const { modelFiles, parityFiles, queriesFile, inputFiles, labelsFile, hub, output, task } = fields;
  if (hub === "texts") return { submission: { uploads: null, sample: null, rest } };
  // A folder says what its answers are; the form does not ask.
  const chosen = hub === null ? {} : { task, ...(output === "" ? {} : { output }) };
  const uploads = {
    model: modelFiles,
    parity: takesParity(fields) ? parityFiles : [],
    queries: inputFiles === null || inputFiles === "none" ? queriesFile! : inputFiles,
    labels: labelsFile,
    inputScale: 1,
    ...(source as { inputScale?: number }),
  };
  return { submission: { uploads, sample: null, rest: { ...rest, ...chosen } } };
}

function takesParity({ scheme, stragglers }: InferenceFields): boolean {
  return SCHEMES[scheme].takes.parityModel && stragglers.trim() !== "0";
}

/** @returns null: these are the files of a model; else what was expected, in words */
function missingIn(files: readonly File[]): string | null {
  const found = mainFileAmong(files.map(({ name }) => name));
  return "expected" in found ? found.expected : null;
}

/** A whole number is a place, anything else a name. @returns undefined where nothing is typed: the only one */
export function outputOf(typed: string): string | number | undefined {
  const text = typed.trim();
  if (text === "") return undefined;
  return /^\d+$/.test(text) ? Number(text) : text;
}

/** N and N / K for the fields as they stand; null where there is no such code. */
export function workersFor(fields: InferenceFields): { workers: number; overhead: number } | null {
  const queryCount = Number(fields.queriesPerGroup);
  const parameters = { queryCount, stragglerCount: Number(fields.stragglers), liarCount: Number(fields.liars) };
  try {
    const workers = workerCountOf(fields.scheme, parameters);
    return { workers, overhead: workers / queryCount };
  } catch {
    return null;
  }
}
