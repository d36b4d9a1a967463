import type { Waits } from "../../../shared/protocol/job-api.ts";

/** @returns what a job waits for, and what whoever reads it can do; null: it moves, or has ended */
export function waitsInWords({ waitingFor, lacksTabs }: Waits, url: string): string | null {
  return waitingFor !== null && lacksTabs === "any" ? `${waitingFor}; ${lendOne(url)}` : waitingFor;
}

/** A wait that comes and goes is no news each time. */
const SAME_AGAIN_MS = 60_000;

/** Which waits somebody has read. */
export class WaitsSaid {
  #last: { readonly words: string; readonly atMs: number } | null = null;

  /** Is it worth a line? It counts as said from now on. */
  isNews(words: string, nowMs: number): boolean {
    const isSame = this.#last?.words === words && nowMs - this.#last.atMs < SAME_AGAIN_MS;
    this.#last = { words, atMs: nowMs };
    return !isSame;
  }
}

export function lendOne(url: string): string {
  return `open ${url} in a browser and press Start to lend one`;
}
