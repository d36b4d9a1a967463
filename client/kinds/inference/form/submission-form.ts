/** From what stands in the form's fields to a submission, or to what is wrong with them. Pure, but for the files' names. */
import { QUERIES_PER_GROUP_MAX, WORKERS_PER_ROUND_MAX } from "../../../../shared/coding/code-limits.ts";
import { workerCountOf } from "../../../../shared/coding/make-scheme.ts";
import { DEFAULT_SCHEME, SCHEMES, type SchemeName } from "../../../../shared/coding/schemes/schemes.ts";
import { anyModel, mainFileAmong } from "../../../../shared/compute/model-files.ts";
import type { InferenceSubmission } from "../../../../shared/kinds/inference/submission.ts";
import { GROUPS_PER_ROUND_MAX, QUERIES_PER_JOB_MAX } from "../../../../shared/protocol/limits.ts";
import type { InferenceSubmissionInput } from "../../../../shared/sdk/run-inference.ts";
import { inferenceTexts } from "../inference-texts.ts";
import { dial } from "./submit-texts.ts";

const texts = inferenceTexts.form;

/** As typed. */
export interface FormFields {
  source: "sample" | "uploads";
  queryStart: string;
  queryCount: string;
  modelFiles: readonly File[];
  /** Of a scheme that takes a parity model. */
  parityFiles: readonly File[];
  queriesFile: File | null;
  labelsFile: File | null;
  inputScale: string;
  /** A name or a place; empty: the only one. */
  output: string;
  task: InferenceSubmission["task"];
  scheme: SchemeName;
  queriesPerGroup: string;
  stragglers: string;
  liars: string;
  groupsPerRound: string;
  /** code: the settings above. aim: a time, from which the coordinator chooses them. */
  mode: "code" | "aim";
  finishMinutes: string;
  /** Percent. */
  confidence: string;
  completion: InferenceSubmission["completion"];
  name: string;
  submitter: string;
  purpose: string;
}

export const EMPTY_FORM: FormFields = {
  source: "sample",
  queryStart: "0",
  queryCount: "400",
  modelFiles: [],
  parityFiles: [],
  queriesFile: null,
  labelsFile: null,
  inputScale: "1",
  output: "",
  task: "classification",
  scheme: DEFAULT_SCHEME,
  queriesPerGroup: "4",
  stragglers: "2",
  liars: "1",
  groupsPerRound: "0",
  mode: "code",
  finishMinutes: "5",
  confidence: "90",
  completion: "exact",
  name: "",
  submitter: "",
  purpose: "",
};

/** The fields that change when a person chooses a scheme: the scheme, and the settings that it suggests. */
export function choose(scheme: SchemeName, { source }: FormFields): Partial<FormFields> {
  const { formSettings } = SCHEMES[scheme];
  const settings = Object.entries(source === "sample" ? formSettings.sample : formSettings.own);
  return { scheme, ...Object.fromEntries(settings.map(([setting, value]) => [setting, String(value)])) };
}

/** What is ready to be sent: first the files, then the job that names them. */
export interface ReadyForm {
  readonly uploads: {
    model: readonly File[];
    /** Empty where the scheme has none. */
    parity: readonly File[];
    queries: File;
    labels: File | null;
    inputScale: number;
  } | null;
  readonly sample: { queryStart: number; queryCount: number } | null;
  readonly rest: Omit<InferenceSubmissionInput, "source">;
}

/** @returns the form's content, or every problem in the order of the fields */
export function readForm(fields: FormFields): ReadyForm | { problems: string[] } {
  const problems: string[] = [];
  const whole = (what: string, text: string, least: number, most: number): number => {
    const value = Number(text);
    if (text.trim() === "" || !Number.isInteger(value) || value < least || value > most) {
      problems.push(texts.problems.whole(what, least, most));
    }
    return value;
  };

  let uploads: ReadyForm["uploads"] = null;
  let sample: ReadyForm["sample"] = null;
  if (fields.source === "sample") {
    const queryCount = whole(texts.source.queryCount, fields.queryCount, 1, QUERIES_PER_JOB_MAX);
    const queryStart = whole(texts.source.queryStart, fields.queryStart, 0, QUERIES_PER_JOB_MAX);
    sample = { queryStart, queryCount };
  } else {
    const { modelFiles, queriesFile, labelsFile } = fields;
    const parity =
      SCHEMES[fields.scheme].takes.parityModel && fields.stragglers.trim() !== "0" ? fields.parityFiles : null;
    if (parity !== null && missingIn(parity) !== null) problems.push(texts.problems.noParity(anyModel()));
    if (modelFiles.length === 0) problems.push(texts.problems.noModel(anyModel()));
    else {
      const missing = missingIn(modelFiles);
      if (missing !== null) problems.push(texts.problems.otherFiles(missing));
    }
    if (queriesFile === null) problems.push(texts.problems.noQueries);
    const inputScale = parseScale(fields.inputScale);
    if (inputScale === null) problems.push(texts.problems.scale);
    if (queriesFile !== null && inputScale !== null) {
      uploads = { model: modelFiles, parity: parity ?? [], queries: queriesFile, labels: labelsFile, inputScale };
    }
  }
  const rest = {
    kind: "inference" as const,
    ...(fields.mode === "aim" ? { aim: aimOf(fields, problems) } : codeOf(fields, whole)),
    completion: fields.completion,
    ...(fields.source === "sample" ? { task: "classification" as const } : { task: fields.task, ...outputOf(fields) }),
    name: fields.name.trim() || (fields.source === "sample" ? texts.defaultNames.sample : texts.defaultNames.uploads),
    submitter: fields.submitter.trim() || texts.defaultNames.submitter,
    ...(fields.purpose.trim() === "" ? {} : { purpose: fields.purpose.trim() }),
  };
  return problems.length > 0 ? { problems } : { uploads, sample, rest };
}

type Whole = (what: string, text: string, least: number, most: number) => number;

function codeOf(fields: FormFields, whole: Whole) {
  const { scheme } = texts;
  return {
    scheme: fields.scheme,
    queriesPerGroup: whole(scheme.queriesPerGroup, fields.queriesPerGroup, 1, QUERIES_PER_GROUP_MAX),
    stragglers: whole(scheme.stragglers, fields.stragglers, 0, WORKERS_PER_ROUND_MAX),
    liars: whole(scheme.liars, fields.liars, 0, WORKERS_PER_ROUND_MAX),
    groupsPerRound: whole(scheme.groupsPerRound, fields.groupsPerRound, 0, GROUPS_PER_ROUND_MAX),
  };
}

/** Minutes and percent, as people say them. */
function aimOf({ finishMinutes, confidence }: FormFields, problems: string[]) {
  const minutes = finishMinutes.trim() === "" ? Number.NaN : Number(finishMinutes);
  const percent = confidence.trim() === "" ? Number.NaN : Number(confidence);
  if (!(minutes > 0)) problems.push(dial.problems.minutes);
  if (!(percent >= 50 && percent <= 99)) problems.push(dial.problems.confidence);
  return { finishWithinMs: Math.round(minutes * 60_000), confidence: percent / 100 };
}

/** @returns null: these are the files of a model; else what was expected, in words */
function missingIn(files: readonly File[]): string | null {
  const found = mainFileAmong(files.map(({ name }) => name));
  return "expected" in found ? found.expected : null;
}

/** A whole number is a place, anything else a name. */
export function outputOf({ output }: Pick<FormFields, "output">): Pick<InferenceSubmission, "output"> {
  const text = output.trim();
  if (text === "") return {};
  return { output: /^\d+$/.test(text) ? Number(text) : text };
}

/** "1/255", "0.5", "1e-3"; null where it is no positive number. */
export function parseScale(text: string): number | null {
  const parts = text.split("/").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  const [above = Number.NaN, below = 1, ...more] = parts;
  const scale = more.length > 0 ? Number.NaN : above / below;
  return Number.isFinite(scale) && scale > 0 ? scale : null;
}

/** N and N / K for the fields as they stand; null where there is no such code. */
export function workersFor(fields: FormFields): { workers: number; overhead: number } | null {
  const queryCount = Number(fields.queriesPerGroup);
  const parameters = { queryCount, stragglerCount: Number(fields.stragglers), liarCount: Number(fields.liars) };
  try {
    const workers = workerCountOf(fields.scheme, parameters);
    return { workers, overhead: workers / queryCount };
  } catch {
    return null;
  }
}
