import type { KindTeller } from "../../shell/kind-teller.ts";
import type { WrittenPrimes } from "./job.ts";

export const primesTeller: KindTeller = {
  outcome: () => undefined,
  work: () => undefined,
  written: (record) => (record as WrittenPrimes).job,
  counts: () => ({ checks: [] }),
  lacksTabs: () => false,
  sent: () => ({ what: "range sent", work: "range", isOfRound: true, generation: 0 }),
};
