/** What a kind of job brings to the command line. */
import type { Call, ClientCommand } from "./command.ts";

export interface CliKind {
  readonly estimate: ClientCommand;
  readonly submit: ClientCommand;
  /** Of this kind alone. */
  readonly more?: readonly ClientCommand[];
  readonly results: KindResults;
}

/** What `paritab results` writes of a job. */
export interface KindResults {
  /** For people: what it is, and in which formats. */
  readonly about: string;
  /** What --format may be. */
  readonly formats: readonly string[];
  /** For people: "the weights of a regression". */
  readonly what: string;
  /** Where nothing says which. @param json `--json` was given */
  fallback(json: boolean): string;
  /** As text, straight to standard output, in this format; absent, or false: nothing was written, and the file is asked for. */
  writeLines?(call: Call, jobId: string, format: string): Promise<boolean>;
  file(call: Call, jobId: string, format: string): Promise<Uint8Array>;
}
