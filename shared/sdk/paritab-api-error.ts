/** The coordinator said no, or could not be asked. */
export class ParitabApiError extends Error {
  override readonly name = "ParitabApiError";
  /** HTTP status; 0 where there was no answer at all. */
  readonly status: number;
  /** Stable, for programs: "bad-request", "unknown-job", ..., "unreachable", "bad-answer". */
  readonly code: string;
  /** When the coordinator wants to be asked again, ms; null: it did not say. */
  readonly retryAfterMs: number | null;

  constructor(status: number, code: string, message: string, retryAfterMs: number | null = null) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}
