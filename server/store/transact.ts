import type { Kysely } from "kysely";
import type { Tables } from "./tables.ts";

/** One transaction: all of it is durable when it resolves, or nothing of it is kept. In the order of the calls. */
export type Transact = <T>(act: (transaction: Kysely<Tables>) => Promise<T>) => Promise<T>;
