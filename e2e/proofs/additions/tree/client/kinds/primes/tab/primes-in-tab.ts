/** A range: the primes in it are counted by trial division. */
import type { RangeAssignment } from "../../../../shared/kinds/primes/range.ts";
import { answerWith } from "../../../session/answer-with.ts";
import { BYTES_PER_NUMBER, type TabKind } from "../../../session/assignment-work.ts";

export const primesInTab: TabKind<RangeAssignment> = (workplace) => (assignment, signal) => ({
  lane: "computing",
  sizes: { rowCount: assignment.end - assignment.first, receivedBytes: 0, sentBytes: BYTES_PER_NUMBER },
  carryOut() {
    const { first, end } = assignment;
    const startedMs = performance.now();
    const data = Uint32Array.of(primesIn(first, end));
    const computeMs = performance.now() - startedMs;
    const tensor = { dtype: "U32", shape: [1, 1], data } as const;
    return answerWith("primes", tensor, computeMs, { assignment, workplace, signal });
  },
});

function primesIn(first: number, end: number): number {
  let primes = 0;
  for (let number = first; number < end; number++) if (isPrime(number)) primes++;
  return primes;
}

function isPrime(number: number): boolean {
  for (let divisor = 2; divisor * divisor <= number; divisor++) if (number % divisor === 0) return false;
  return number > 1;
}
