import type { Kysely } from "kysely";
import type { Tables } from "./tables.ts";

/** What a write is about, for a store that several coordinators share. */
export interface WriteSubject {
  /** Jobs that something is written of: they must be this coordinator's. */
  readonly jobIds?: readonly string[];
  /** Lists that others hold in memory: they read them again. */
  readonly list?: SharedList;
}

export const SHARED_LISTS = ["tokens", "owners", "uploads", "bans", "intake", "seats"] as const;
export type SharedList = (typeof SHARED_LISTS)[number];

/** One transaction: all of it is durable when it resolves, or nothing of it is kept. In the order of the calls. */
export type Transact = <T>(act: (transaction: Kysely<Tables>) => Promise<T>, about?: WriteSubject) => Promise<T>;
