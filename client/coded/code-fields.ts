/** The fields that the form of every coded run has: how it is coded, which files, and by which name. Pure. */
import {
  CODED_SCHEME_NAMES,
  CODED_SCHEMES,
  type CodedScheme,
  DEFAULT_CODED_SCHEME,
} from "../../shared/coding/coded-schemes/coded-schemes.ts";
import type { FrameFacts } from "../../shared/inputs/table-shape.ts";
import type { FieldSpecs, TextSpec } from "../ui/form/field-specs.ts";
import type { Hints } from "../ui/form/problems-by-field.ts";
import type { FormReading } from "../ui/form/read-form.ts";
import { codedTexts } from "./coded-texts.ts";

const texts = codedTexts.form;

/** As typed. */
export interface CodeFields {
  scheme: CodedScheme;
  dataVolunteers: string;
  stragglers: string;
  liars: string;
  colluders: string;
  volunteers: string;
  shardsPerVolunteer: string;
}

/** The fields of a coded run's form, and how they become a submission. */
export interface CodedFormFields<Fields, Submission> {
  readonly specs: FieldSpecs<Fields>;
  /** Where the coordinator's sentences belong. */
  readonly hints: Hints<Fields>;
  readonly atFirst: Fields;
  read(fields: Fields): FormReading<Fields, Submission>;
}

export const CODE_AT_FIRST: CodeFields = {
  scheme: DEFAULT_CODED_SCHEME,
  dataVolunteers: "4",
  stragglers: "1",
  liars: "1",
  colluders: "0",
  volunteers: "",
  shardsPerVolunteer: "1",
};

/** What numbers may be is the coordinator's to say. */
const whole = (name: Exclude<keyof CodeFields, "scheme">): TextSpec<CodeFields> => ({
  sort: "whole",
  label: texts.code[name],
  hint: texts.code[`${name}Hint`],
});

export const CODE_SPECS: FieldSpecs<CodeFields> = {
  scheme: {
    sort: "select",
    label: texts.code.scheme,
    hint: ({ scheme }) => CODED_SCHEMES[scheme].words.means,
    options: CODED_SCHEME_NAMES.toReversed().map((scheme) => [scheme, CODED_SCHEMES[scheme].words.title]),
    pick: (scheme) => slackFieldsOf(scheme as CodedScheme),
  },
  dataVolunteers: whole("dataVolunteers"),
  stragglers: whole("stragglers"),
  liars: whole("liars"),
  colluders: whole("colluders"),
  volunteers: { ...whole("volunteers"), whenEmpty: undefined },
  shardsPerVolunteer: whole("shardsPerVolunteer"),
};

/** What a scheme has no slack for is set to none. */
export function slackFieldsOf(scheme: CodedScheme): Partial<CodeFields> {
  const { hasSlack, shards } = CODED_SCHEMES[scheme];
  if (!hasSlack) return { stragglers: "0", liars: "0", colluders: "0", volunteers: "" };
  return shards === "copies" ? { colluders: "0" } : {};
}

/** Where the coordinator's sentences about codes belong. */
export const CODE_HINTS: Hints<CodeFields> = [
  [/expected (at least|exactly) \d+ volunteers|a multiple of K = \d+ volunteers/, "volunteers"],
  [/dataVolunteers \(K\)|raise K|a block/, "dataVolunteers"],
  [/stragglers \(S\)/, "stragglers"],
  [/liars \(M\)/, "liars"],
  [/colluders \(T\)|expected T = 0/, "colluders"],
  [/shardsPerVolunteer|one shard a volunteer|number of shards/, "shardsPerVolunteer"],
  [/expected S = 0 and M = 0/, "scheme"],
];

/** A `.npy` file of one's own: it goes up as soon as it is chosen, so that the cost is known before the job is. */
export type UploadedFile =
  | { readonly kind: "none" }
  | { readonly kind: "uploading"; readonly fileName: string }
  | {
      readonly kind: "there";
      readonly sha256: string;
      readonly shape: readonly number[];
      readonly dtype: string;
      /** Of a table with a header, where they can be kept. */
      readonly columnNames?: readonly string[];
      /** Meanings of the numbers, where the table has words or gaps. */
      readonly frame?: FrameFacts;
    }
  | { readonly kind: "refused"; readonly message: string };

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

export function hashOfFile(file: UploadedFile): string | undefined {
  return file.kind === "there" ? file.sha256 : undefined;
}
