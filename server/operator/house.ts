/** The operator's house-keeping by hand: new jobs taken or not, what lies on the disk, backups. */

import { join } from "node:path";
import type { BackupView, IntakeView, StorageView } from "../../shared/protocol/house-api.ts";
import { DISK_FREE_BYTES_MIN, STORAGE_COUNTED_MS } from "../../shared/protocol/limits.ts";
import { backedUpFiles, bytesOfFile, isBlob } from "../backups/backup-folder.ts";
import { Backups } from "../backups/backups.ts";
import type { SqliteStore } from "../store/sqlite-store.ts";
import type { ApiProblem } from "../web/coordinator-port.ts";
import type { HousePort } from "../web/house-routes.ts";
import type { AuditLog } from "./audit-log.ts";
import type { DiskWatch } from "./disk-watch.ts";
import type { IntakePause } from "./intake-pause.ts";

export interface HouseOptions {
  readonly dataDirectory: string;
  readonly store: Pick<SqliteStore, "copyDatabase" | "databaseBytes">;
  readonly disk: Pick<DiskWatch, "freeBytes">;
  readonly intake: IntakePause;
  readonly audit: Pick<AuditLog, "note">;
  readonly nowMs: () => number;
}

type OnDisk = Pick<StorageView, "blobs" | "otherBytes">;

export class House implements HousePort {
  readonly #options: HouseOptions;
  readonly #backups: Backups;
  #counted: { readonly atMs: number; readonly onDisk: Promise<OnDisk> } | null = null;

  constructor(options: HouseOptions) {
    const { dataDirectory, store, disk, audit, nowMs } = options;
    this.#options = options;
    this.#backups = new Backups({
      dataDirectory,
      copyDatabase: (path) => store.copyDatabase(path),
      databaseBytes: () => store.databaseBytes(),
      freeBytes: () => disk.freeBytes,
      nowMs,
      onMade: ({ name, files, bytes }) => audit.note("backup-made", { name, files, bytes }),
    });
  }

  intake(): IntakeView {
    return this.#options.intake.view;
  }

  refusesJobs(): ApiProblem | null {
    return this.#options.intake.problem();
  }

  setIntake(pausedFor: string | null): Promise<IntakeView> {
    return this.#options.intake.set(pausedFor);
  }

  async storage(): Promise<StorageView> {
    const { store, disk } = this.#options;
    const [onDisk, backups] = await Promise.all([this.#onDisk(), this.#backups.list()]);
    return {
      freeBytes: disk.freeBytes,
      reservedBytes: DISK_FREE_BYTES_MIN,
      databaseBytes: store.databaseBytes(),
      ...onDisk,
      backupsDirectory: this.#backups.directory,
      backups,
    };
  }

  makeBackup(): Promise<BackupView | ApiProblem> {
    return this.#backups.make();
  }

  removeBackup(name: string): Promise<boolean> {
    return this.#backups.remove(name);
  }

  /** Resolves once no backup is being made. */
  close(): Promise<void> {
    return this.#backups.close();
  }

  /** Looks at every file: not more often than pages need it. */
  #onDisk(): Promise<OnDisk> {
    const nowMs = this.#options.nowMs();
    if (this.#counted === null || nowMs - this.#counted.atMs >= STORAGE_COUNTED_MS) {
      this.#counted = { atMs: nowMs, onDisk: countOnDisk(this.#options.dataDirectory) };
      this.#counted.onDisk.catch(() => {
        this.#counted = null;
      });
    }
    return this.#counted.onDisk;
  }
}

async function countOnDisk(directory: string): Promise<OnDisk> {
  const blobs = { files: 0, bytes: 0 };
  let otherBytes = 0;
  for (const path of await backedUpFiles(directory)) {
    // Gone meanwhile: nobody needed it.
    const bytes = await bytesOfFile(join(directory, path)).catch(() => 0);
    if (!isBlob(path)) otherBytes += bytes;
    else {
      blobs.files++;
      blobs.bytes += bytes;
    }
  }
  return { blobs, otherBytes };
}
