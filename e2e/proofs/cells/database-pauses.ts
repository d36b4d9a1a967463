/** A database that is away for a while, each way that operators know. Nothing of it is lost. */
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import type { TwoCells } from "./two-cells.ts";

export const DATABASE_PAUSES = ["stop", "lock", "cut", "silence"] as const;
export type DatabasePause = (typeof DATABASE_PAUSES)[number];

export async function pauseDatabase(cells: TwoCells, how: DatabasePause, ms: number): Promise<void> {
  const { database, link } = cells;
  switch (how) {
    case "stop":
      await database.halt();
      await sleep(ms);
      return database.begin();
    case "lock":
      return lockTables(cells, ms);
    case "cut":
      link.cut();
      await sleep(ms);
      return link.mend();
    case "silence":
      link.silence();
      await sleep(ms);
      return link.mend();
  }
}

/** As a dump or a change of the tables that somebody forgot to end. */
async function lockTables({ databaseUrl }: TwoCells, ms: number): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query("BEGIN");
    const { rows } = await client.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'");
    await client.query(`LOCK TABLE ${rows.map(({ tablename }) => tablename).join()} IN ACCESS EXCLUSIVE MODE`);
    await sleep(ms);
    await client.query("COMMIT");
  } finally {
    await client.end();
  }
}
