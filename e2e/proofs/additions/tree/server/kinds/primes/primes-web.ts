import type { PrimesView } from "../../../shared/kinds/primes/kind.ts";
import type { WebKind } from "../../web/web-kind.ts";

/** Nothing is asked of it that is not asked of every job. */
export const primesWeb: WebKind<PrimesView, null> = { addRoutes: () => undefined, notStopped: null };
