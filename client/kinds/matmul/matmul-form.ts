/** From what stands in the form's fields to a matrix submission, or to what is wrong beside which field. Pure. */
import type { MatmulSubmissionInput } from "../../../shared/sdk/matmul-calls.ts";
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
import { CODE_PLACES, type Places } from "../../coded/problems-by-field.ts";
import { matmulTexts } from "./matmul-texts.ts";

const texts = matmulTexts.form;

/** As typed. */
export interface MatmulFields extends CodeSettings, NameSettings {
  left: UploadedFile;
  right: UploadedFile;
  leftFractionBits: string;
  rightFractionBits: string;
  sliceColumns: string;
}

export const MATMUL_AT_FIRST: MatmulFields = {
  ...CODE_AT_FIRST,
  left: { kind: "none" },
  right: { kind: "none" },
  leftFractionBits: "0",
  rightFractionBits: "0",
  sliceColumns: "16",
  name: "",
  submitter: "",
};

/** Where the coordinator's sentences about a matrix job belong. */
export const MATMUL_PLACES: Places<keyof MatmulFields> = {
  paths: {
    ...CODE_PLACES.paths,
    "source.leftSha256": "left",
    "source.rightSha256": "right",
    leftFractionBits: "leftFractionBits",
    rightFractionBits: "rightFractionBits",
    sliceColumns: "sliceColumns",
    A: "left",
    B: "right",
  },
  hints: [[/^A, B: expected A's columns/, "right"], ...CODE_PLACES.hints],
};

/** Looks only at what the coordinator could not even be asked. @returns the submission, or what is wrong */
export function readMatmulForm(fields: MatmulFields): Reading<MatmulFields, MatmulSubmissionInput> {
  const problems: FieldProblems<MatmulFields> = {};
  const { whole } = numbersOf(fields, problems);
  const { left, right } = fields;
  const leftProblem = fileProblem(left, texts.noLeft);
  const rightProblem = fileProblem(right, texts.noRight);
  if (leftProblem !== null) problems.left = leftProblem;
  if (rightProblem !== null) problems.right = rightProblem;
  const settings = {
    kind: "matmul" as const,
    leftFractionBits: whole("leftFractionBits"),
    rightFractionBits: whole("rightFractionBits"),
    sliceColumns: whole("sliceColumns"),
    ...readCode(fields, problems),
    ...readNames(fields, texts.nameAtFirst),
  };
  if (left.kind !== "there" || right.kind !== "there" || Object.keys(problems).length > 0) return { problems };
  const source = { kind: "uploads" as const, leftSha256: left.sha256, rightSha256: right.sha256 };
  return { submission: { ...settings, source } };
}
