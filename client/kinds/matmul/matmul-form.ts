/** The fields of a product's form, and how they become a submission. Pure. */
import type { MatmulSubmissionInput } from "../../../shared/sdk/matmul-calls.ts";
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
import { matmulTexts } from "./matmul-texts.ts";

const texts = matmulTexts.form;

/** As typed. */
export interface MatmulFields extends CodeFields, NameFields {
  left: UploadedFile;
  right: UploadedFile;
  leftFractionBits: string;
  rightFractionBits: string;
  sliceColumns: string;
}

const AT_FIRST: MatmulFields = {
  ...CODE_AT_FIRST,
  left: { kind: "none" },
  right: { kind: "none" },
  leftFractionBits: "0",
  rightFractionBits: "0",
  sliceColumns: "16",
  name: "",
  submitter: "",
};

/** What numbers may be is the coordinator's to say. */
const SPECS: FieldSpecs<MatmulFields> = {
  left: {
    sort: "file",
    path: "source.leftSha256",
    letter: "A",
    problem: ({ left }) => fileProblem(left, texts.noLeft),
    value: ({ left }) => hashOfFile(left),
  },
  right: {
    sort: "file",
    path: "source.rightSha256",
    letter: "B",
    problem: ({ right }) => fileProblem(right, texts.noRight),
    value: ({ right }) => hashOfFile(right),
  },
  leftFractionBits: { sort: "whole", label: texts.leftFractionBits },
  rightFractionBits: { sort: "whole", label: texts.rightFractionBits },
  sliceColumns: { sort: "whole", label: texts.sliceColumns },
  ...CODE_SPECS,
  ...nameSpecs<MatmulFields>(() => texts.nameAtFirst),
};

/** Where the coordinator's sentences about a product belong. */
const HINTS: Hints<MatmulFields> = [[/^A, B: expected A's columns/, "right"], ...CODE_HINTS];

export const MATMUL_FORM: CodedFormFields<MatmulFields, MatmulSubmissionInput> = {
  atFirst: AT_FIRST,
  specs: SPECS,
  hints: HINTS,
  read(fields) {
    return readForm(SPECS, fields, { kind: "matmul", source: { kind: "uploads" } });
  },
};
