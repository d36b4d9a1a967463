/** [OP5] A disk that is full says so, whoever it was that could not write. */

/** Of files, of SQLite, of PostgreSQL. */
const CODES = ["ENOSPC", "EDQUOT", "SQLITE_FULL", "53100"];
export const DISK_IS_FULL = "the disk is full";

/** Is it the cause, or the cause of the cause? */
export function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ("code" in error && CODES.includes(String(error.code))) || isDiskFull(error.cause);
}
