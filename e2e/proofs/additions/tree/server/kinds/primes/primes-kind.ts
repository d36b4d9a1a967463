/** Counts of primes in the coordinator's process. Nothing is asked of them that is not asked of every job. */
import type { DeskHost } from "../../shell/kind-desk.ts";
import type { ServerKind } from "../server-kind.ts";
import { PrimesDesk, type PrimesDeskOptions } from "./desk.ts";
import { primesTeller } from "./teller.ts";

export const primesJobs = {
  openDesk: (options: PrimesDeskOptions, host: DeskHost) => new PrimesDesk(options, host),
  openTeller: () => primesTeller,
  web: { addRoutes: (_web: unknown, _port: null) => undefined, notStopped: null },
} satisfies ServerKind<never, PrimesDeskOptions>;
