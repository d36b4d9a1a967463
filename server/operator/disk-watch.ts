/** How much room the data directory has. Below the reserve nothing new is accepted: what was acknowledged is to be finished. */
import { statfs } from "node:fs/promises";
import { DISK_CHECK_MS, DISK_FREE_BYTES_MIN } from "../../shared/protocol/limits.ts";

export class DiskWatch {
  readonly #directory: string;
  readonly #freeBytesMin: number;
  readonly #timer: NodeJS.Timeout;
  #freeBytes: number | null = null;
  #problem: string | null = null;

  static async open(directory: string, freeBytesMin = DISK_FREE_BYTES_MIN): Promise<DiskWatch> {
    const watch = new DiskWatch(directory, freeBytesMin);
    await watch.look();
    return watch;
  }

  private constructor(directory: string, freeBytesMin: number) {
    this.#directory = directory;
    this.#freeBytesMin = freeBytesMin;
    this.#timer = setInterval(() => void this.look(), DISK_CHECK_MS);
    this.#timer.unref();
  }

  /** As of the last look; null: the disk could not be asked. */
  get freeBytes(): number | null {
    return this.#freeBytes;
  }

  /** What may be written beside the reserve; null: the disk could not be asked. */
  get roomBytes(): number | null {
    return this.#freeBytes === null ? null : Math.max(0, this.#freeBytes - this.#freeBytesMin);
  }

  /** Why nothing new is accepted, in words; null: there is room. */
  get problem(): string | null {
    return this.#problem;
  }

  /** The same once so many bytes more are written. */
  problemWith(bytes: number): string | null {
    const { freeBytes } = this;
    if (this.#problem !== null || freeBytes === null || freeBytes - bytes >= this.#freeBytesMin) return this.#problem;
    return `expected ${bytes} bytes of free disk and ${this.#freeBytesMin} for data that was accepted already, got ${freeBytes}`;
  }

  async look(): Promise<void> {
    try {
      const { bavail, bsize } = await statfs(this.#directory);
      this.#freeBytes = bavail * bsize;
      const isLow = this.#freeBytes < this.#freeBytesMin;
      this.#problem = isLow
        ? `expected ${this.#freeBytesMin} bytes of free disk for data that was accepted already, got ${this.#freeBytes}`
        : null;
    } catch (error) {
      this.#freeBytes = null;
      this.#problem = `the disk does not answer: ${error instanceof Error ? error.message : String(error)}`;
    }
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
