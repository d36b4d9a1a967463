/** What the doctor found: one line a check, and a verdict. */

/** fail: the coordinator would not start, or not be safe. warn: it would, and something is hardly meant. */
export type Verdict = "ok" | "warn" | "fail";

export interface Finding {
  readonly check: string;
  readonly verdict: Verdict;
  /** What was found, and where it is not well what to do. */
  readonly says: string;
}

export const ok = (check: string, says: string): Finding => ({ check, verdict: "ok", says });
export const warn = (check: string, says: string): Finding => ({ check, verdict: "warn", says });
export const failed = (check: string, says: string): Finding => ({ check, verdict: "fail", says });

export function reportLines(findings: readonly Finding[]): string[] {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const lines = findings.map(({ check, verdict, says }) => `${verdict.padEnd(4)}  ${check.padEnd(width)}  ${says}`);
  const count = (verdict: Verdict) => findings.filter((finding) => finding.verdict === verdict).length;
  return [...lines, "", `${count("ok")} ok, ${count("warn")} to look at, ${count("fail")} to mend`];
}
