import type { Kysely } from "kysely";
import type { Tables } from "./tables.ts";

export type Write = (database: Kysely<Tables>) => Promise<unknown>;

/** Writes a row in place of the one that has the same key. */
export function upsert<Table extends keyof Tables>(
  table: Table,
  key: readonly (keyof Tables[Table] & string)[],
  row: Tables[Table],
): Write {
  const columns = row as Readonly<Record<string, unknown>>;
  return (database) =>
    // Kysely's types know one table at a time.
    (database as unknown as Kysely<Record<string, Record<string, unknown>>>)
      .insertInto(table as string)
      .values(columns)
      .onConflict((conflict) => conflict.columns([...key]).doUpdateSet(columns))
      .execute();
}
