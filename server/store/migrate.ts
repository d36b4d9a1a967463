/** Brings a database up to this version, whatever the engine: one ladder of migrations for all. */
import { type Kysely, type KyselyPlugin, Migrator } from "kysely";
import { messageOf } from "./attempt.ts";
import { MIGRATIONS } from "./migrations.ts";
import { StoreError } from "./store.ts";
import type { Tables } from "./tables.ts";

/**
 * @param plugins what an engine makes of the ladder's words
 * @throws StoreError where the database is of a newer version, or a migration fails
 */
export async function migrate(database: Kysely<Tables>, plugins: readonly KyselyPlugin[] = []): Promise<void> {
  const bare = plugins.reduce((db, plugin) => db.withPlugin(plugin), database.withoutPlugins());
  const migrator = new Migrator({ db: bare, provider: { getMigrations: async () => ({ ...MIGRATIONS }) } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) {
    throw new StoreError(`migration failed (a database of a newer version?): ${messageOf(error)}`, { cause: error });
  }
}
