/** The backups of a running coordinator: made one at a time, by hand and by the schedule, listed, removed. */

import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { BackupView } from "../../shared/protocol/house-api.ts";
import { BACKUPS_MAX, BACKUPS_SCHEDULED_MAX, DISK_FREE_BYTES_MIN, DUMP_MS_MAX } from "../../shared/protocol/limits.ts";
import { DumpError } from "../store/store.ts";
import type { ApiProblem } from "../web/coordinator-port.ts";
import { BACKUPS_NAME, isBackupName, lastMadeMs, listBackups, weigh } from "./backup-folder.ts";
import { type BackupSource, makeBackup } from "./make-backup.ts";

export interface BackupsOptions extends BackupSource {
  readonly nowMs: () => number;
  /** Of the disk with the backups; null: it does not answer. */
  readonly freeBytes: () => number | null;
  /** Of the database now. */
  readonly databaseBytes: () => Promise<number>;
  onMade(made: BackupView): void;
}

export class Backups {
  readonly directory: string;
  readonly #options: BackupsOptions;
  readonly #closing = new AbortController();
  #making: Promise<BackupView | ApiProblem> | null = null;

  constructor(options: BackupsOptions) {
    this.#options = options;
    this.directory = join(options.dataDirectory, BACKUPS_NAME);
  }

  list(): Promise<BackupView[]> {
    return listBackups(this.directory);
  }

  /** null: there is no whole one. */
  lastMadeMs(): Promise<number | null> {
    return lastMadeMs(this.directory, this.#options.nowMs());
  }

  /** Whoever asks while one is made gets that one. @param isScheduled it may go again when later ones are there */
  async make(isScheduled = false): Promise<BackupView | ApiProblem> {
    if (this.#making !== null) return this.#making;
    const problem = await this.#refuses(isScheduled);
    if (problem !== null) return problem;
    this.#making ??= this.#make(isScheduled).finally(() => {
      this.#making = null;
    });
    return this.#making;
  }

  /** Told of once, however many asked. */
  async #make(isScheduled: boolean): Promise<BackupView | ApiProblem> {
    const { directory } = this;
    const nowMs = this.#options.nowMs();
    await this.#removeHalves(nowMs);
    const made = await makeBackup(this.#options, {
      ...{ directory, nowMs, isScheduled },
      signal: this.#closing.signal,
    }).catch((error: unknown) => {
      // The operator is told, who can mend it.
      if (error instanceof DumpError) return { status: 409, code: "not-dumped", message: error.message };
      throw error;
    });
    if ("name" in made) this.#options.onMade(made);
    return made;
  }

  /** Unfinished backups that a coordinator left when it ended in the middle; no backup takes so long. */
  async #removeHalves(nowMs: number): Promise<void> {
    for (const name of await readdir(this.directory).catch(() => [])) {
      const path = join(this.directory, name);
      const found = name.endsWith(".part") ? await stat(path).catch(() => null) : null;
      if (found !== null && nowMs - found.mtimeMs > 2 * DUMP_MS_MAX) await rm(path, { recursive: true, force: true });
    }
  }

  /** Of those that the schedule made all but the latest. */
  async removeOldScheduled(): Promise<void> {
    const scheduled = (await this.list()).filter(({ isScheduled }) => isScheduled);
    for (const { name } of scheduled.slice(BACKUPS_SCHEDULED_MAX)) await this.remove(name);
  }

  /** @returns false: there is none of that name */
  async remove(name: string): Promise<boolean> {
    const folder = join(this.directory, name);
    if (!isBackupName(name) || (await stat(folder).catch(() => null)) === null) return false;
    await rm(folder, { recursive: true });
    return true;
  }

  /** One that is being made is given up. Resolves once nothing of it is written any more. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#making?.catch(() => {});
  }

  async #refuses(isScheduled: boolean): Promise<ApiProblem | null> {
    const byHand = (await this.list()).filter((backup) => !backup.isScheduled);
    if (!isScheduled && byHand.length >= BACKUPS_MAX) {
      const message = `expected fewer than ${BACKUPS_MAX} backups, got ${byHand.length}: remove an old one first`;
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
