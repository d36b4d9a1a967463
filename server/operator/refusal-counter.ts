/**
 * Refusals of whoever shows no token, and of whoever asks too often, for the audit log: counted, one entry a minute at most.
 * One by one they would fill the disk for anybody who wants it full.
 */
import type { AskedChange } from "../web/change-hook.ts";

/** Asked without a right to, or too often. */
const COUNTED_OF_STRANGERS = [401, 403];
const TOO_MANY = 429;
const ENTRY_EVERY_MS = 60_000;

/** By status. */
type Counts = Record<number, number>;
type Note = (fields: { readonly byStatus: Readonly<Counts>; readonly sinceMs: number }) => void;

export class RefusalCounter {
  readonly #note: Note;
  readonly #nowMs: () => number;
  #byStatus: Counts = {};
  #sinceMs = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(note: Note, nowMs: () => number = Date.now) {
    this.#note = note;
    this.#nowMs = nowMs;
  }

  /** @returns whether it is one of those that are counted alone */
  counts({ status, tokenId }: Pick<AskedChange, "status" | "tokenId">): boolean {
    if (status !== TOO_MANY && (tokenId !== null || !COUNTED_OF_STRANGERS.includes(status))) return false;
    if (this.#timer === null) {
      this.#sinceMs = this.#nowMs();
      this.#timer = setTimeout(() => this.tell(), ENTRY_EVERY_MS);
      this.#timer.unref();
    }
    this.#byStatus[status] = (this.#byStatus[status] ?? 0) + 1;
    return true;
  }

  /** What was counted becomes an entry now. */
  tell(): void {
    if (this.#timer === null) return;
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#note({ byStatus: this.#byStatus, sinceMs: this.#sinceMs });
    this.#byStatus = {};
  }
}
