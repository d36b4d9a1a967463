/**
 * The data directory of a coordinator whose database lies elsewhere: one at a time holds it, and it has a name of its own. The kernel frees it
 * when the process dies, however it dies, so whoever holds it knows that whoever held it before is gone.
 */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type SqliteDatabase from "better-sqlite3";
import { makeWritable, openDatabase } from "./sqlite-store.ts";

export const PLACE_NAME = "place.sqlite";

export class HeldPlace {
  /** The same at each start. */
  readonly place: string;
  readonly #database: SqliteDatabase.Database;

  /**
   * @param directory made where it is missing
   * @throws StoreError where another coordinator holds it; what the file system says of a directory that cannot be written
   */
  static async take(directory: string): Promise<HeldPlace> {
    makeWritable(directory);
    return new HeldPlace(openDatabase(join(directory, PLACE_NAME)));
  }

  private constructor(database: SqliteDatabase.Database) {
    this.#database = database;
    database.exec("CREATE TABLE IF NOT EXISTS place (name text NOT NULL)");
    const read = () => database.prepare("SELECT name FROM place").get() as { name: string } | undefined;
    if (read() === undefined) database.prepare("INSERT INTO place (name) VALUES (?)").run(randomUUID());
    this.place = read()!.name;
  }

  free(): void {
    this.#database.close();
  }
}
