/** What the forms of coded jobs (training, matrices) have in common: the settings of the code, files, names. Pure. */
import {
  CODED_SCHEMES,
  type CodedScheme,
  DEFAULT_CODED_SCHEME,
} from "../../shared/coding/coded-schemes/coded-schemes.ts";
import { codedTexts } from "./coded-texts.ts";

const texts = codedTexts.form;

/** A `.npy` file of one's own: it goes up as soon as it is chosen, so that the cost is known before the job is. */
export type UploadedFile =
  | { readonly kind: "none" }
  | { readonly kind: "uploading"; readonly fileName: string }
  | { readonly kind: "there"; readonly sha256: string; readonly shape: readonly number[]; readonly dtype: string }
  | { readonly kind: "refused"; readonly message: string };

/** As typed. */
export interface CodeSettings {
  scheme: CodedScheme;
  dataVolunteers: string;
  stragglers: string;
  liars: string;
  colluders: string;
  volunteers: string;
  shardsPerVolunteer: string;
}

/** As typed. */
export interface NameSettings {
  name: string;
  submitter: string;
}

export type FieldProblems<Fields> = Partial<Record<keyof Fields, string>>;
/** The submission, or what is wrong beside which field. */
export type Reading<Fields, Submission> = { submission: Submission } | { problems: FieldProblems<Fields> };
/** What the fields of a form are drawn from. */
export interface FormProps<Fields> {
  readonly fields: Fields;
  readonly problems: FieldProblems<Fields>;
  change(changes: Partial<Fields>): void;
}
/** Fields that hold what was typed. */
export type TypedField<Fields> = { [F in keyof Fields]: string extends Fields[F] ? F : never }[keyof Fields];

export const CODE_AT_FIRST: CodeSettings = {
  scheme: DEFAULT_CODED_SCHEME,
  dataVolunteers: "4",
  stragglers: "1",
  liars: "1",
  colluders: "0",
  volunteers: "",
  shardsPerVolunteer: "1",
};

/** Another scheme: settings that have no meaning there go back to nothing. */
export function withScheme<Fields extends CodeSettings>(fields: Fields, scheme: CodedScheme): Fields {
  const none = { stragglers: "0", liars: "0", colluders: "0", volunteers: "" };
  const { hasSlack, shards } = CODED_SCHEMES[scheme];
  if (!hasSlack) return { ...fields, scheme, ...none };
  return shards === "copies" ? { ...fields, scheme, colluders: "0" } : { ...fields, scheme };
}

/**
 * Reads typed numbers. Looks only at what the coordinator could not even be asked; what numbers may be is the coordinator's
 * to say (see problemsByField).
 * @param problems gets what is wrong
 */
export function numbersOf<Fields extends object>(fields: Fields, problems: FieldProblems<Fields>) {
  const textOf = (field: TypedField<Fields>) => String(fields[field]).trim();
  const number = (field: TypedField<Fields>): number => {
    const text = textOf(field);
    const value = text === "" ? Number.NaN : Number(text);
    if (!Number.isFinite(value)) problems[field] = texts.problems.number(text);
    return value;
  };
  const whole = (field: TypedField<Fields>): number => {
    const value = number(field);
    if (problems[field] === undefined && !Number.isInteger(value))
      problems[field] = texts.problems.whole(textOf(field));
    return value;
  };
  /** undefined: it was left empty */
  const optional = (field: TypedField<Fields>) => (textOf(field) === "" ? undefined : whole(field));
  return { number, whole, optional };
}

/** @param problems gets what is wrong */
export function readCode(fields: CodeSettings, problems: FieldProblems<CodeSettings>) {
  const { whole, optional } = numbersOf(fields, problems);
  const volunteers = optional("volunteers");
  return {
    scheme: fields.scheme,
    dataVolunteers: whole("dataVolunteers"),
    stragglers: whole("stragglers"),
    liars: whole("liars"),
    colluders: whole("colluders"),
    shardsPerVolunteer: whole("shardsPerVolunteer"),
    ...(volunteers === undefined ? {} : { volunteers }),
  };
}

export function readNames(fields: NameSettings, nameAtFirst: string) {
  return {
    name: fields.name.trim() || nameAtFirst,
    submitter: fields.submitter.trim() || texts.names.anonymous,
  };
}

/** @returns null where the file is there */
export function fileProblem(file: UploadedFile, whereNone: string): string | null {
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
