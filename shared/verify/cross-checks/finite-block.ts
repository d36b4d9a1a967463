import { logGamma } from "../beta-distribution.ts";

/** The share falls behind its maximum; after so many falls in a row it does not rise again. */
const FALLS_MAX = 50;

/**
 * The exact form for small blocks: of n rows x were compared by partners drawn for each of them, t others computed by the trusted
 * side. max over b bad rows of (b/n) P(nothing is found).
 * @param rows n, from 1 on
 * @param crossChecked x, 0..n
 * @param trusted t, 0..n-x
 * @returns the share of wrong rows that a liar gets through on average, 0..1
 * @example finiteBlockShare(10, 0, 3, 1 / 3) // -> 0.0933333
 */
export function finiteBlockShare(rows: number, crossChecked: number, trusted: number, colluderShare: number): number {
  let [worst, before, falls] = [0, 0, 0];
  for (let bad = 1; bad <= rows && falls <= FALLS_MAX; bad++) {
    const share = (bad / rows) * escapeOf(rows, bad, crossChecked, trusted, colluderShare);
    worst = Math.max(worst, share);
    falls = share < before ? falls + 1 : 0;
    before = share;
  }
  return worst;
}

/** Sum over h bad rows among the compared: P(h) beta^h P(none of the others is among the trusted). */
function escapeOf(rows: number, bad: number, crossChecked: number, trusted: number, colluderShare: number): number {
  let missed = 0;
  for (let hit = Math.max(0, crossChecked - (rows - bad)); hit <= Math.min(bad, crossChecked); hit++) {
    const logHits = logChoose(bad, hit) + logChoose(rows - bad, crossChecked - hit) - logChoose(rows, crossChecked);
    const left = rows - crossChecked;
    const logMissed = logChoose(left - (bad - hit), trusted) - logChoose(left, trusted);
    missed += Math.exp(logHits + (hit === 0 ? 0 : hit * Math.log(colluderShare)) + logMissed);
    if (colluderShare === 0) break;
  }
  return missed;
}

/** ln C(n, k); -Infinity where there is no such choice. */
function logChoose(n: number, k: number): number {
  if (k < 0 || k > n) return Number.NEGATIVE_INFINITY;
  return logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);
}
