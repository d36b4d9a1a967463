/** The backups of a running coordinator: made one at a time, listed, removed. */
import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { BackupView } from "../../shared/protocol/house-api.ts";
import { BACKUPS_MAX, DISK_FREE_BYTES_MIN } from "../../shared/protocol/limits.ts";
import type { ApiProblem } from "../web/coordinator-port.ts";
import { BACKUPS_NAME, isBackupName, listBackups, weigh } from "./backup-folder.ts";
import { type BackupSource, makeBackup } from "./make-backup.ts";

export interface BackupsOptions extends Omit<BackupSource, "copyDatabase"> {
  /** null: the database is a server's, and is saved with that. */
  readonly copyDatabase: BackupSource["copyDatabase"] | null;
  readonly nowMs: () => number;
  /** Of the disk with the backups; null: it does not answer. */
  readonly freeBytes: () => number | null;
  /** Of the database now. */
  readonly databaseBytes: () => Promise<number>;
  onMade(made: BackupView): void;
}

const SAVED_BY_ITS_SERVER: ApiProblem = {
  status: 409,
  code: "database-elsewhere",
  message:
    "the database is a PostgreSQL server's: save it with pg_dump, and the data directory after it (docs/scaling.md)",
};

export class Backups {
  readonly directory: string;
  readonly #options: BackupsOptions;
  #making: Promise<BackupView> | null = null;

  constructor(options: BackupsOptions) {
    this.#options = options;
    this.directory = join(options.dataDirectory, BACKUPS_NAME);
  }

  list(): Promise<BackupView[]> {
    return listBackups(this.directory);
  }

  /** Whoever asks while one is made gets that one. */
  async make(): Promise<BackupView | ApiProblem> {
    if (this.#making !== null) return this.#making;
    const { dataDirectory, copyDatabase } = this.#options;
    if (copyDatabase === null) return SAVED_BY_ITS_SERVER;
    const problem = await this.#refuses();
    if (problem !== null) return problem;
    this.#making ??= this.#make({ dataDirectory, copyDatabase }).finally(() => {
      this.#making = null;
    });
    return this.#making;
  }

  /** Told of once, however many asked. */
  async #make(source: BackupSource): Promise<BackupView> {
    const made = await makeBackup(source, this.directory, this.#options.nowMs());
    this.#options.onMade(made);
    return made;
  }

  /** @returns false: there is none of that name */
  async remove(name: string): Promise<boolean> {
    const folder = join(this.directory, name);
    if (!isBackupName(name) || (await stat(folder).catch(() => null)) === null) return false;
    await rm(folder, { recursive: true });
    return true;
  }

  /** Resolves once none is being made. */
  async close(): Promise<void> {
    await this.#making?.catch(() => {});
  }

  async #refuses(): Promise<ApiProblem | null> {
    const { length } = await this.list();
    if (length >= BACKUPS_MAX) {
      const message = `expected fewer than ${BACKUPS_MAX} backups, got ${length}: remove an old one first`;
      return { status: 409, code: "too-many-backups", message };
    }
    const { dataDirectory, databaseBytes, freeBytes } = this.#options;
    const { otherBytes } = await weigh(dataDirectory);
    const neededBytes = (await databaseBytes()) + otherBytes + DISK_FREE_BYTES_MIN;
    const free = freeBytes();
    if (free === null || free >= neededBytes) return null;
    return { status: 507, code: "disk-full", message: `expected ${neededBytes} bytes of free disk, got ${free}` };
  }
}
