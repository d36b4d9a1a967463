/** What a comparison of two volunteers' rows counts for. SPEC.md CC5. */
import type { PrecisionClass } from "../../../../../shared/verify/compare-rows.ts";
import { countsOf, type JobChecks, type PooledRow } from "./job-checks.ts";

/**
 * Two answers of a row agree: each has been checked by the other, but nobody is vouched for by a coarser device.
 * @param isHidden the second could not tell it from a fresh row: else it knew that it would be compared
 */
export function countAgreement(
  checks: JobChecks,
  { author, precision }: PooledRow,
  second: string,
  precisionOfSecond: PrecisionClass,
  colluderShare: number,
  isHidden: boolean,
): void {
  const count = (whom: string, by: string) => {
    checks.checksSeen += 1 - colluderShare;
    const { partners } = countsOf(checks, whom);
    partners.set(by, (partners.get(by) ?? 0) + 1);
  };
  if (precisionOfSecond === "float32" || precision === "float16") count(author, second);
  if (isHidden && (precision === "float32" || precisionOfSecond === "float16")) count(second, author);
}
