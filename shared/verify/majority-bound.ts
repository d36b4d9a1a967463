/**
 * The chance that a majority of 2E+1 volunteers is wrong when each of them is a liar with probability f and all liars
 * tell the same lie: sum over i > E of C(2E+1, i) f^i (1-f)^(2E+1-i).
 *
 * @param liarCount E
 * @param liarShare f, 0..1
 * @example majorityBound(1, 0.1) // -> 0.028
 */
export function majorityBound(liarCount: number, liarShare: number): number {
  const volunteers = 2 * liarCount + 1;
  let bound = 0;
  let choose = 1; // C(volunteers, i)
  for (let i = 0; i <= volunteers; i++) {
    if (i > liarCount) bound += choose * liarShare ** i * (1 - liarShare) ** (volunteers - i);
    choose = (choose * (volunteers - i)) / (i + 1);
  }
  return bound;
}
