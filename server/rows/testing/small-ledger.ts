/** A small ledger whose steps are easy to write: volunteers are named by their sessions, as in "ann/2", and times are milliseconds. */
import { RowLedger } from "../ledger.ts";
import { type LedgerClaim, type LedgerEffect, type LedgerOptions, UNCODED } from "../words.ts";

export function smallLedger(options: Partial<LedgerOptions> & { readonly rowCount: number }): RowLedger {
  return new RowLedger({ rule: UNCODED, orderKey: null, ...options });
}

/** @param rowsPerMs 0.01: ten rows a second */
export function joins(ledger: RowLedger, sessions: readonly string[], rowsPerMs: number | null = 0.01): void {
  for (const sessionId of sessions) ledger.join({ sessionId, volunteerId: sessionId.split("/")[0]!, rowsPerMs });
}

/** @throws Error where there is nothing to take */
export function takes(ledger: RowLedger, sessionId: string, nowMs: number): LedgerClaim {
  const claim = ledger.take(sessionId, nowMs);
  if (claim === null) throw new Error(`${sessionId} found nothing`);
  return claim;
}

export function itemsOf({ items }: LedgerClaim): number[] {
  return items.map(({ item }) => item);
}

export function reasonsOf({ items }: LedgerClaim): string[] {
  return [...new Set(items.map(({ reason }) => reason))];
}

/** Everything that the claim has. */
export function answers(ledger: RowLedger, claim: LedgerClaim, nowMs: number): LedgerEffect[] {
  return ledger.answer(claim.claimId, itemsOf(claim), nowMs);
}

export function typesOf(effects: readonly LedgerEffect[]): string[] {
  return [...new Set(effects.map(({ type }) => type))];
}
