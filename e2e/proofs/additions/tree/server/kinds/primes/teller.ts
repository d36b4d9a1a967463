import type { KindTeller } from "../../shell/kind-teller.ts";
import type { WrittenPrimes } from "./job.ts";

/** Ranges are sent as batches are: the picture of a job has them as such. */
export const primesTeller: KindTeller = {
  outcome: () => undefined,
  work: () => undefined,
  written: (record) => (record as WrittenPrimes).job,
  sent: () => ({ what: "range sent", work: "batch", generation: 0 }),
};
