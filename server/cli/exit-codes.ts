/** What the command's exit code says; the table of `paritab help exit-codes`. */

import { InputError } from "../../shared/inputs/input-error.ts";
import { CoordinatorKeyError } from "../../shared/sdk/coordinator-key.ts";
import { JobEndedError } from "../../shared/sdk/job-ended-error.ts";
import { ParitabApiError } from "../../shared/sdk/paritab-api-error.ts";
import { TerminatedError } from "./terminal.ts";

export const EXIT = {
  ok: 0,
  /** A mistake of the program itself. */
  internal: 1,
  usage: 2,
  input: 3,
  unreachable: 4,
  notAllowed: 5,
  unknownJob: 6,
  jobEnded: 7,
  notReady: 8,
  /** A receipt does not hold, or it is another coordinator. */
  notSo: 9,
  interrupted: 130,
  terminated: 143,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_MEANINGS: readonly (readonly [ExitCode, string])[] = [
  [EXIT.ok, "it worked"],
  [EXIT.internal, "the program made a mistake; its message and trace are on stderr"],
  [EXIT.usage, "the command line is wrong: an unknown command or flag, or an impossible value"],
  [
    EXIT.input,
    "the input is wrong: a file cannot be read or written, the coordinator refuses it, or lines of a pipe are no queries",
  ],
  [EXIT.unreachable, "the coordinator cannot be reached, or something else answers at its address"],
  [EXIT.notAllowed, "the coordinator wants another token: see `paritab login`"],
  [EXIT.unknownJob, "there is no such job"],
  [EXIT.jobEnded, "the job failed, diverged or was cancelled"],
  [EXIT.notReady, "the result that was asked for is not there yet, or never will be"],
  [
    EXIT.notSo,
    "the receipt does not hold: a part of it, or a file beside it, is wrong or is not what was signed; or the coordinator has another key than the noted one",
  ],
  [EXIT.interrupted, "interrupted (Ctrl-C)"],
  [EXIT.terminated, "ended from outside (SIGTERM)"],
];

/** The command line is wrong. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
/** The answer is not there (yet). */
export class NotReadyError extends Error {
  override readonly name = "NotReadyError";
}

/** @param signal aborted, by a signal to this process */
export function exitCodeOfSignal({ reason }: AbortSignal): ExitCode {
  return reason instanceof TerminatedError ? EXIT.terminated : EXIT.interrupted;
}

/** A full disk, a file where a folder is to be: what the operating system refuses is no mistake of the program. */
function isRefusedFile(error: unknown): boolean {
  return error instanceof Error && "code" in error && REFUSED_FILES.includes(error.code as string);
}
const REFUSED_FILES = [
  "EACCES",
  "EDQUOT",
  "EEXIST",
  "EFBIG",
  "EIO",
  "EISDIR",
  "ENAMETOOLONG",
  "ENOSPC",
  "ENOTDIR",
  "EPERM",
  "EROFS",
];

/** @returns EXIT.internal for whatever is not foreseen */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof InputError) return EXIT.input;
  if (error instanceof NotReadyError) return EXIT.notReady;
  if (error instanceof JobEndedError) return EXIT.jobEnded;
  if (error instanceof CoordinatorKeyError) return EXIT.notSo;
  if (isRefusedFile(error)) return EXIT.input;
  if (!(error instanceof ParitabApiError)) return EXIT.internal;
  const { status, code } = error;
  if (status === 0 || status >= 500 || code === "bad-answer") return EXIT.unreachable;
  if (status === 401 || status === 403) return EXIT.notAllowed;
  if (code === "unknown-job") return EXIT.unknownJob;
  // A coordinator that has no such route is of another version.
  if (code === "not-found") return EXIT.unreachable;
  if (status === 409) return EXIT.notReady;
  return EXIT.input;
}
