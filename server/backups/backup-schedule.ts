/** Backups that are made without anybody asking: once the latest one, whoever made it, is older than the operator wants. */
import type { BackupView } from "../../shared/protocol/house-api.ts";
import { BACKUP_LOOK_MS, BACKUP_RETRY_MS } from "../../shared/protocol/limits.ts";
import { againAndAgain, type Interval } from "../cells/again-and-again.ts";
import { type ApiProblem, isProblem } from "../web/coordinator-port.ts";

export interface BackupScheduleOptions {
  readonly everyMs: number;
  readonly backups: {
    lastMadeMs(): Promise<number | null>;
    make(isScheduled: true): Promise<BackupView | ApiProblem>;
    removeOldScheduled(): Promise<void>;
  };
  readonly nowMs: () => number;
  /** Does this coordinator make the backups of the service now? */
  readonly isMine: () => Promise<boolean>;
  onProblem(message: string, error: unknown): void;
  /** How its timer is made; by default by this machine's clock. */
  readonly interval?: Interval;
}

export class BackupSchedule {
  readonly everyMs: number;
  readonly #options: BackupScheduleOptions;
  readonly #stop: () => void;
  #notBeforeMs = 0;
  #problem: string | null = null;
  #isClosed = false;

  constructor(options: BackupScheduleOptions) {
    this.everyMs = options.everyMs;
    this.#options = options;
    this.#stop = againAndAgain(
      BACKUP_LOOK_MS,
      () => this.look(),
      (error) => this.#failed(error instanceof Error ? error.message : String(error), error),
      options.interval,
    );
  }

  /** Why the last try here failed, in words; null: it did not. */
  get problem(): string | null {
    return this.#problem;
  }

  /** Makes one if it is due, and this coordinator's to make. @throws what the disk says */
  async look(): Promise<void> {
    const { backups, nowMs, isMine } = this.#options;
    const lastMs = await backups.lastMadeMs();
    const isDue = lastMs === null || nowMs() - lastMs >= this.everyMs;
    if (!isDue) this.#problem = null;
    if (!isDue || nowMs() < this.#notBeforeMs || !(await isMine())) return;
    const made = await backups.make(true);
    if (isProblem(made)) return this.#failed(made.message, null);
    this.#problem = null;
    await backups.removeOldScheduled();
  }

  close(): void {
    this.#isClosed = true;
    this.#stop();
  }

  #failed(message: string, error: unknown): void {
    if (this.#isClosed) return;
    this.#problem = message;
    this.#notBeforeMs = this.#options.nowMs() + BACKUP_RETRY_MS;
    this.#options.onProblem(`the backup that is due was not made: ${message}`, error);
  }
}
