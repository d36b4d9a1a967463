/** What a kind of job brings to the command line. */
import type { JobView } from "../../shared/kinds/kinds.ts";
import type { ReceiptFinding } from "../../shared/receipts/findings.ts";
import type { EndedStatement } from "../../shared/receipts/sealed-receipt.ts";
import type { Call, ClientCommand, Flag } from "./command.ts";

export interface CliKind {
  readonly estimate: ClientCommand;
  readonly submit: ClientCommand;
  /** Of this kind alone. */
  readonly more?: readonly ClientCommand[];
  readonly results: KindResults;
  /** Absent: signatures and files are all that is checked. */
  readonly recheck?: KindRecheck;
}

/** A receipt that holds so far, with what lies beside it. */
export interface ToRecheck {
  readonly ended: EndedStatement;
  /** rows.bin; null: it is not there, or of another kind. */
  readonly rows: Uint8Array | null;
  /** What the job came to; null: it is not there. */
  readonly answers: Uint8Array | null;
  /** What lies beside the receipt, and is what was signed; null: it is not there. */
  file(name: string): Promise<Uint8Array | null>;
}

/** What `paritab verify` does of this kind besides: its result against the receipt, and computed again. */
export interface KindRecheck {
  /** The file of the result, as `paritab receipt --out` names it. */
  readonly resultName: string;
  readonly flags: Readonly<Record<string, Flag>>;
  /** @returns rows: so many were computed again, and agreed */
  recheck(call: Call, given: ToRecheck): Promise<{ findings: readonly ReceiptFinding[]; rows: number }>;
}

/** Results with the names that stay with their job. */
export interface NamedResults {
  readonly formats: readonly string[];
  /** Where nothing says which. */
  readonly fallback: string;
  /** @param out null: standard output */
  write(format: string, out: string | null): Promise<void>;
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
  /** Writes a job whose rows have names; null: the rows have none. Absent: jobs of this kind never have any. */
  named?(call: Call, job: JobView): Promise<NamedResults | null>;
  /** What --format may be of such a job. */
  readonly namedFormats?: readonly string[];
  /** With `--require-final`, of what these flags ask for, where that is more than the job itself. @returns null: all is final */
  notFinal?(call: Call, job: JobView): Promise<string | null>;
  /** What whoever takes the results should know; said beside them. Absent: nothing. */
  notes?(call: Call, job: JobView): Promise<readonly string[]>;
}
