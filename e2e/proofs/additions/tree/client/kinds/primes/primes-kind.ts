import type { PrimesView } from "../../../shared/kinds/primes/kind.ts";
import type { KindFacts } from "../kind-facts.ts";

export const primes: KindFacts<PrimesView> = {
  name: "Count of primes",
  progressOf: ({ ranges, rangesDone }) => rangesDone / ranges,
  pages: async () => (await import("./primes-pages.tsx")).primesPages,
};
