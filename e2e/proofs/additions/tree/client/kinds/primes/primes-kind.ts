import type { PrimesView } from "../../../shared/kinds/primes/kind.ts";
import { count } from "../../ui/units.ts";
import type { KindFacts } from "../kind-facts.ts";

export const primes: KindFacts<PrimesView> = {
  name: "Count of primes",
  progressOf: ({ ranges, rangesDone }) => rangesDone / ranges,
  assignments: {
    range: { title: "Counting primes", sentence: "Your device counts the primes in a range.", what: "a range" },
  },
  progressWords: (done, all) => `${count(done)} of ${count(all)} ranges`,
  pages: async () => (await import("./primes-pages.tsx")).primesPages,
};
