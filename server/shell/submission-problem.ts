/** Why a submission cannot become a job, in the words of whoever noticed. */
import { CodingError } from "../../shared/coding/coding-error.ts";
import { ModelError } from "../../shared/compute/errors.ts";
import { FieldError } from "../../shared/field/field-error.ts";
import { NpyError } from "../../shared/protocol/npy.ts";
import { DataError } from "../coded/engine/data-error.ts";
import type { ApiProblem } from "../web/coordinator-port.ts";
import { SubmissionError } from "./submission-error.ts";

/** @throws the error itself where it is nobody's submission that is wrong */
export function submissionProblem(error: unknown): ApiProblem {
  if (error instanceof SubmissionError) return error.problem;
  if (error instanceof ModelError) return { status: 422, code: "bad-model", message: error.message };
  if (error instanceof NpyError) return { status: 422, code: "bad-tensor", message: error.message };
  if (error instanceof DataError) return { status: 422, code: "bad-data", message: error.message };
  if (error instanceof FieldError) return { status: 422, code: "bad-data", message: error.message };
  if (error instanceof CodingError) {
    // What stands before the first colon is a function's name: of use to programmers alone.
    return { status: 422, code: "no-such-code", message: error.message.replace(/^planRun: /, "") };
  }
  throw error;
}
