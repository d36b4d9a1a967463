/** The file of a PostgreSQL database in a backup, as pg_dump writes it in its custom format. */
export const DUMP_NAME = "paritab.dump";
