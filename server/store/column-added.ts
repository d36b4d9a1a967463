import { type Migration, sql } from "kysely";

/** A column cannot be added twice: an upgrade that was cut short before it was noted as done begins again. */
export function columnAdded(table: string, column: string, type: string): Migration {
  return {
    async up(database) {
      const tables = await database.introspection.getTables();
      const columns = tables.find(({ name }) => name === table)?.columns ?? [];
      if (columns.some(({ name }) => name === column)) return;
      await sql.raw(`ALTER TABLE ${table} ADD COLUMN ${column} ${type}`).execute(database);
    },
  };
}
