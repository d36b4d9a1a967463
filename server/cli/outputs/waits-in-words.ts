import type { Waits } from "../../../shared/protocol/job-api.ts";

/** @returns what a job waits for, and what whoever reads it can do; null: it moves, or has ended */
export function waitsInWords({ waitingFor, lacksTabs }: Waits, url: string): string | null {
  return waitingFor !== null && lacksTabs === "any" ? `${waitingFor}; ${lendOne(url)}` : waitingFor;
}

export function lendOne(url: string): string {
  return `open ${url} in a browser and press Start to lend one`;
}
