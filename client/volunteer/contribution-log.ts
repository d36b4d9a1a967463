/** Keeps the contributions of this browser in its localStorage while a visit goes on. */
import { type ReadonlySignal, signal } from "@preact/signals";
import { dayOf } from "../session/schedule.ts";
import type { SessionStatus } from "../session/session-status.ts";
import {
  type Contributions,
  contribute,
  parseContributions,
  printContributions,
  totalsOf,
  VISIT_BEGUN,
} from "./contributions.ts";

export interface ContributionLog {
  readonly contributions: ReadonlySignal<Contributions>;
  beginVisit(): void;
  add(status: SessionStatus): void;
  bytesToday(): number;
  /** Writes what is new. */
  keep(): void;
}

const STORED_AS = "paritab-contributions";
/** A crash of the browser loses no more than this; writing at every batch would wear on phones. */
const KEEP_MS = 10_000;

export function createContributionLog(memory: Pick<Storage, "getItem" | "setItem">): ContributionLog {
  const contributions = signal(parseContributions(memory.getItem(STORED_AS)));
  let kept = contributions.value;
  let keptAtMs = 0;
  let seen = VISIT_BEGUN;

  function keep(): void {
    if (contributions.value === kept) return;
    kept = contributions.value;
    keptAtMs = Date.now();
    try {
      memory.setItem(STORED_AS, printContributions(kept));
    } catch {
      // A full or forbidden store: the history is of this visit alone.
    }
  }

  return {
    contributions,
    beginVisit() {
      seen = VISIT_BEGUN;
    },
    add({ credit, counts, computedMs, trafficBytes }) {
      const now = { creditMacs: credit?.macs ?? null, batches: counts.answered, computedMs, bytes: trafficBytes };
      contributions.value = contribute(contributions.value, seen, now, dayOf(Date.now()));
      seen = now;
      if (Date.now() - keptAtMs > KEEP_MS) keep();
    },
    bytesToday: () => totalsOf(contributions.value, dayOf(Date.now())).bytes,
    keep,
  };
}
