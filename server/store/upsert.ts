import { CompiledQuery, type Kysely } from "kysely";
import type { Tables } from "./tables.ts";

export type Write = (database: Kysely<Tables>) => Promise<unknown>;

/** What writes a row, by engine, table and columns: each row of a table has the same, and to put it together costs more than the write. */
const known = new WeakMap<object, Map<string, string>>();

/** Writes a row in place of the one that has the same key. */
export function upsert<Table extends keyof Tables>(
  table: Table,
  key: readonly (keyof Tables[Table] & string)[],
  row: Tables[Table],
): Write {
  const columns = row as Readonly<Record<string, unknown>>;
  const names = Object.keys(columns).filter((name) => columns[name] !== undefined);
  return (database) => {
    const engine = database.getExecutor().adapter;
    const ofEngine = known.get(engine) ?? new Map<string, string>();
    known.set(engine, ofEngine);
    const place = `${table} ${key} ${names}`;
    const sql = ofEngine.get(place) ?? sqlOf(database, table, key, names);
    ofEngine.set(place, sql);
    const values = names.map((name) => columns[name]);
    return database.executeQuery(CompiledQuery.raw(sql, values));
  };
}

/** @param names of columns, whose values are its parameters in that order */
function sqlOf(database: Kysely<Tables>, table: string, key: readonly string[], names: readonly string[]): string {
  // Kysely's types know one table at a time.
  return (database as unknown as Kysely<Record<string, Record<string, unknown>>>)
    .insertInto(table)
    .values(Object.fromEntries(names.map((name) => [name, null])))
    .onConflict((conflict) =>
      conflict
        .columns([...key])
        .doUpdateSet((row) => Object.fromEntries(names.map((name) => [name, row.ref(`excluded.${name}`)]))),
    )
    .compile().sql;
}
