/** What a comparison of two volunteers' rows counts for. SPEC.md CC5. */
import type { BackendClass } from "../../../../../shared/verify/compare-rows.ts";
import { isFineClass } from "../../../../../shared/verify/model-class.ts";
import { countsOf, type JobChecks, type PooledRow } from "./job-checks.ts";

/**
 * Two answers of a row agree: each has been checked by the other, but nobody is vouched for by a coarser device.
 * @param isHidden the second could not tell it from a fresh row: else it knew that it would be compared
 */
export function countAgreement(
  checks: JobChecks,
  { author, precision }: PooledRow,
  second: string,
  precisionOfSecond: BackendClass,
  colluderShare: number,
  isHidden: boolean,
): void {
  const count = (whom: string, by: string) => {
    checks.checksSeen += 1 - colluderShare;
    const { partners } = countsOf(checks, whom);
    partners.set(by, (partners.get(by) ?? 0) + 1);
  };
  // [PC10] Of two fine ones both count: where the coarser cannot tell the label, the row was computed.
  const [isFine, isSecondFine] = [isFineClass(precision), isFineClass(precisionOfSecond)];
  if (isSecondFine || !isFine) count(author, second);
  if (isHidden && (isFine || !isSecondFine)) count(second, author);
}
