/** A tab of a crowd that was drawn, on virtual time: when it hands over which rows of what it was sent, and when it leaves or falls silent. */
import type { DrawnTab } from "./drawn-crowd.ts";

/** A claim that it was sent. */
export interface ClaimAtTab {
  readonly assignmentId: number;
  readonly rows: number;
  /** Multiply-adds of a row. */
  readonly macs: number;
  /** Rows that somebody needs still, the first ones. */
  needed: number;
  /** Rows that it has handed over. */
  handed: number;
  isDropped: boolean;
}

/** What it is at. */
export interface BegunClaim {
  readonly claim: ClaimAtTab;
  readonly sinceMs: number;
  readonly computeMs: number;
  /** Parts between which it looks whether anybody waits for the rest. */
  readonly parts: number;
  part: number;
  handedMs: number;
}

export interface VirtualTab {
  readonly drawn: DrawnTab;
  readonly sessionId: string;
  readonly volunteerId: string;
  /** The first is under way. */
  readonly claims: ClaimAtTab[];
  underWay: BegunClaim | null;
  /** It has left, or was shut out. */
  isGone: boolean;
  hasModel: boolean;
}

/** A tab looks so often whether rows are needed still, ms, where a claim takes twice as long or more; */
const PART_MS = 1_000;
/** and hands over what it has as often, ms (PR106). */
const HAND_OVER_MS = 2_000;

export function begunAt(claim: ClaimAtTab, sinceMs: number, computeMs: number): BegunClaim {
  const parts = computeMs <= 2 * PART_MS ? 1 : Math.ceil(computeMs / PART_MS);
  return { claim, sinceMs, computeMs, parts: Math.min(claim.rows, parts), part: 0, handedMs: 0 };
}

/** When the next of its parts is computed. */
export function nextPartMs({ sinceMs, computeMs, parts, part }: BegunClaim): number {
  return sinceMs + (computeMs * (part + 1)) / parts;
}

/** Rows that are computed by now. */
export function rowsDone({ claim, part, parts }: BegunClaim): number {
  return Math.floor((claim.rows * part) / parts);
}

/**
 * The next part is computed.
 * @returns answer: it has ended, with so many rows of it; part: these are handed over, and it goes on; null: it goes on
 */
export function nextPart(
  it: BegunClaim,
): { readonly type: "answer" | "part"; readonly from: number; readonly to: number } | null {
  it.part++;
  const { claim, part, parts, computeMs } = it;
  const done = rowsDone(it);
  const from = claim.handed;
  if (part === parts || claim.isDropped || done >= claim.needed) {
    claim.handed = done;
    return { type: "answer", from, to: done };
  }
  const ms = (computeMs * part) / parts;
  if (done === from || ms - it.handedMs < HAND_OVER_MS) return null;
  it.handedMs = ms;
  claim.handed = done;
  return { type: "part", from, to: done };
}
