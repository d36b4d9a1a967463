/** The operator's house-keeping by hand: new jobs taken or not, what lies on the disk, backups. */

import type { BackupView, IntakeView, StorageView } from "../../shared/protocol/house-api.ts";
import { DISK_FREE_BYTES_MIN, STORAGE_COUNTED_MS } from "../../shared/protocol/limits.ts";
import { weigh } from "../backups/backup-folder.ts";
import { Backups } from "../backups/backups.ts";
import type { ApiProblem } from "../web/coordinator-port.ts";
import type { HousePort } from "../web/house-routes.ts";
import type { AuditLog } from "./audit-log.ts";
import type { DiskWatch } from "./disk-watch.ts";
import type { IntakePause } from "./intake-pause.ts";

export interface HouseOptions {
  readonly dataDirectory: string;
  readonly store: {
    /** Absent: the database is a server's, which has its own tools for that. */
    copyDatabase?(path: string): Promise<void>;
    databaseBytes(): Promise<number>;
  };
  readonly disk: Pick<DiskWatch, "freeBytes">;
  readonly intake: IntakePause;
  readonly audit: Pick<AuditLog, "note">;
  readonly nowMs: () => number;
}

/** What takes a look at every file, or at every list of a backup's. */
type Counted = Pick<StorageView, "blobs" | "otherBytes" | "backups">;

export class House implements HousePort {
  readonly #options: HouseOptions;
  readonly #backups: Backups;
  #counted: { readonly atMs: number; readonly counted: Promise<Counted> } | null = null;

  constructor(options: HouseOptions) {
    const { dataDirectory, store, disk, audit, nowMs } = options;
    this.#options = options;
    this.#backups = new Backups({
      dataDirectory,
      copyDatabase: store.copyDatabase === undefined ? null : (path) => store.copyDatabase!(path),
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
    const counted = await this.#count();
    return {
      freeBytes: disk.freeBytes,
      reservedBytes: DISK_FREE_BYTES_MIN,
      databaseBytes: await store.databaseBytes(),
      ...counted,
      backupsDirectory: this.#backups.directory,
    };
  }

  async makeBackup(): Promise<BackupView | ApiProblem> {
    const made = await this.#backups.make();
    this.#counted = null;
    return made;
  }

  async removeBackup(name: string): Promise<boolean> {
    const isRemoved = await this.#backups.remove(name);
    this.#counted = null;
    return isRemoved;
  }

  /** Resolves once no backup is being made. */
  close(): Promise<void> {
    return this.#backups.close();
  }

  /** Not more often than pages need it. */
  #count(): Promise<Counted> {
    const nowMs = this.#options.nowMs();
    if (this.#counted === null || nowMs - this.#counted.atMs >= STORAGE_COUNTED_MS) {
      const counting = Promise.all([weigh(this.#options.dataDirectory), this.#backups.list()]);
      this.#counted = { atMs: nowMs, counted: counting.then(([weight, backups]) => ({ ...weight, backups })) };
      this.#counted.counted.catch(() => {
        this.#counted = null;
      });
    }
    return this.#counted.counted;
  }
}
