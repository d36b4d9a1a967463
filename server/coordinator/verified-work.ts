/**
 * What recomputed rows say of the crowd: the share of liars to reckon with, of those that have a record and of those that have none.
 * Rows are counted and not heads, for a fresh key costs nothing. SPEC.md VF13.
 */
import { LIAR_SHARE_FLOOR } from "../../shared/protocol/limits.ts";
import { ESTABLISHED_ROWS } from "../../shared/verify/cross-checks/parameters.ts";
import type { StoredVolunteer } from "../store/store.ts";

/** Who lies among volunteers like this one. */
export interface LiarShares {
  /** Of those with fewer than ESTABLISHED_ROWS rows that were recomputed and right. */
  readonly newcomers: number;
  readonly established: number;
}

/** Sums over all volunteers, from their durable records alone: the same after a restart. Mutable. */
export interface VerifiedWork {
  newcomers: { right: number; ofLiars: number };
  established: { right: number; ofLiars: number };
}

type Record = Pick<StoredVolunteer, "auditsPassed" | "auditsFailed" | "quarantine">;

export function noVerifiedWork(): VerifiedWork {
  return { newcomers: { right: 0, ofLiars: 0 }, established: { right: 0, ofLiars: 0 } };
}

export function isOfLongStanding(auditsPassed: number): boolean {
  return auditsPassed >= ESTABLISHED_ROWS;
}

/** The first rows of a volunteer are a newcomer's; who is caught counts as what it was, with all its rows. */
export function countRecord(work: VerifiedWork, record: Record, sign: 1 | -1): void {
  const { auditsPassed, auditsFailed, quarantine } = record;
  if (quarantine !== null) {
    const of = isOfLongStanding(auditsPassed) ? work.established : work.newcomers;
    of.ofLiars += sign * weightOfLiar(auditsPassed + auditsFailed);
    return;
  }
  const asNewcomer = Math.min(auditsPassed, ESTABLISHED_ROWS);
  work.newcomers.right += sign * asNewcomer;
  work.established.right += sign * (auditsPassed - asNewcomer);
}

/** Changes a record, and what is counted of it. */
export function changeRecord<R extends Record>(work: VerifiedWork, record: R, change: (record: R) => void): void {
  countRecord(work, record, -1);
  change(record);
  countRecord(work, record, 1);
}

/** [VF13] Never below the floor; and nobody is believed more for having no record. */
export function liarSharesOf({ newcomers, established }: VerifiedWork): LiarShares {
  const ofEstablished = shareOf(established);
  return { newcomers: Math.max(ofEstablished, shareOf(newcomers)), established: ofEstablished };
}

/** A newcomer was stopped early: it counts as four times the rows that it did, but as no more than a record's beside its own. */
const STOPPED_FACTOR = 4;

function weightOfLiar(rows: number): number {
  const own = Math.max(1, rows);
  return own + Math.min((STOPPED_FACTOR - 1) * own, ESTABLISHED_ROWS);
}

function shareOf({ right, ofLiars }: { readonly right: number; readonly ofLiars: number }): number {
  return ofLiars === 0 ? LIAR_SHARE_FLOOR : Math.max(LIAR_SHARE_FLOOR, ofLiars / (ofLiars + right));
}
