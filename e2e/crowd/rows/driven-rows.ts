/**
 * What a simulated crowd asks of the side that hands out rows. The ledger alone (server/rows) has these methods, and so has a ledger with its
 * checks (server/checks); the shapes are said here by what the crowd reads of them, so that either can stand behind it.
 */

export interface DrivenItem {
  /** A row's place, or a mixture. */
  readonly item: number;
  readonly attempt: number;
}

export interface DrivenClaim {
  readonly claimId: number;
  readonly sessionId: string;
  readonly volunteerId: string;
  readonly items: readonly DrivenItem[];
}

/** The crowd acts on "drop" (the tab leaves items out), "void" (its session is closed) and "rest" (its volunteer waits); all go to `onEffect`. */
export interface DrivenEffect {
  readonly type: string;
}

export interface DrivenSession {
  readonly sessionId: string;
  readonly volunteerId: string;
  /** null: nothing is known of it */
  readonly rowsPerMs: number | null;
}

export interface DrivenRows<C extends DrivenClaim = DrivenClaim, E extends DrivenEffect = DrivenEffect> {
  join(session: DrivenSession, nowMs: number): void;
  leave(sessionId: string, nowMs: number): readonly E[];
  /** @returns null: nothing for this session now */
  take(sessionId: string, nowMs: number): C | null;
  answer(claimId: number, items: readonly number[], nowMs: number): readonly E[];
  leftOut(claimId: number, items: readonly number[], nowMs: number): readonly E[];
  release(claimId: number, nowMs: number): readonly E[];
  tick(nowMs: number): readonly E[];
  /** When tick has something to do next; null: nothing is out. */
  readonly nextDueMs: number | null;
}

interface DropEffect extends DrivenEffect {
  readonly claim: DrivenClaim;
  readonly items: readonly number[];
}

export function isDrop(effect: DrivenEffect): effect is DropEffect {
  return effect.type === "drop";
}

export function isVoid(effect: DrivenEffect): effect is DrivenEffect & { readonly claim: DrivenClaim } {
  return effect.type === "void";
}

export function isRest(effect: DrivenEffect): effect is DrivenEffect & { readonly volunteerId: string } {
  return effect.type === "rest";
}
