/** The coordinator said no, or could not be asked. */
export class ParitabApiError extends Error {
  override readonly name = "ParitabApiError";
  /** HTTP status; 0 where there was no answer at all. */
  readonly status: number;
  /** Stable, for programs: "bad-request", "unknown-job", ..., "unreachable", "bad-answer". */
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}
