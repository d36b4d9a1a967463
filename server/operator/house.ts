/** The operator's house-keeping by hand: new jobs taken or not, what lies on the disk, backups. */

import type { BackupView, IntakeView, StorageView } from "../../shared/protocol/house-api.ts";
import { DISK_FREE_BYTES_MIN, STORAGE_COUNTED_MS } from "../../shared/protocol/limits.ts";
import { weigh } from "../backups/backup-folder.ts";
import { BackupSchedule } from "../backups/backup-schedule.ts";
import { Backups } from "../backups/backups.ts";
import { DUMP_NAME } from "../store/dump-name.ts";
import type { SqlStore } from "../store/sql-store.ts";
import type { ApiProblem } from "../web/coordinator-port.ts";
import type { HousePort } from "../web/house-routes.ts";
import type { AuditLog } from "./audit-log.ts";
import type { DiskWatch } from "./disk-watch.ts";
import type { IntakePause } from "./intake-pause.ts";

export interface HouseOptions {
  readonly dataDirectory: string;
  readonly store: Pick<SqlStore, "databaseFile" | "copyDatabase" | "databaseBytes">;
  readonly disk: Pick<DiskWatch, "freeBytes">;
  readonly intake: IntakePause;
  readonly audit: Pick<AuditLog, "note">;
  readonly nowMs: () => number;
  /** Backups that nobody asks for; null: there are none. */
  readonly schedule: {
    readonly everyMs: number;
    /** Does this coordinator make the backups of the service now? */
    readonly isMine: () => Promise<boolean>;
    readonly onProblem: (message: string, error: unknown) => void;
  } | null;
}

/** What takes a look at every file, or at every list of a backup's. */
type Counted = Pick<StorageView, "blobs" | "otherBytes" | "backups">;

export class House implements HousePort {
  readonly #options: HouseOptions;
  readonly #backups: Backups;
  readonly #schedule: BackupSchedule | null;
  #counted: { readonly atMs: number; readonly counted: Promise<Counted> } | null = null;

  constructor(options: HouseOptions) {
    const { dataDirectory, store, disk, audit, nowMs } = options;
    this.#options = options;
    this.#backups = new Backups({
      dataDirectory,
      databaseFile: store.databaseFile,
      copyDatabase: (path, signal) => store.copyDatabase(path, signal),
      databaseBytes: () => store.databaseBytes(),
      freeBytes: () => disk.freeBytes,
      nowMs,
      onMade: ({ name, files, bytes, isScheduled }) => {
        this.#counted = null;
        audit.note("backup-made", { name, files, bytes, isScheduled });
      },
    });
    const { schedule } = options;
    this.#schedule = schedule && new BackupSchedule({ ...schedule, nowMs, backups: this.#backups });
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
      database: store.databaseFile === DUMP_NAME ? "PostgreSQL" : "SQLite",
      backupsDirectory: this.#backups.directory,
      lastBackupMs: await this.#backups.lastMadeMs(),
      backupEveryMs: this.#schedule?.everyMs ?? null,
      backupProblem: this.#schedule?.problem ?? null,
    };
  }

  /** null: there is no backup. */
  lastBackupMs(): Promise<number | null> {
    return this.#backups.lastMadeMs();
  }

  get backupEveryMs(): number | null {
    return this.#schedule?.everyMs ?? null;
  }

  makeBackup(): Promise<BackupView | ApiProblem> {
    return this.#backups.make();
  }

  async removeBackup(name: string): Promise<boolean> {
    const isRemoved = await this.#backups.remove(name);
    this.#counted = null;
    return isRemoved;
  }

  /** Gives up a backup that is being made. */
  close(): Promise<void> {
    this.#schedule?.close();
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
