/** In a backup: the database of a PostgreSQL server, as pg_dump writes it in its custom format. */
export const DUMP_NAME = "paritab.dump";
