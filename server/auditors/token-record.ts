/** One token's machines as one: a dismissal, a rest and a share of the places bind the token, whatever names its auditors take. */
import { AUDITOR_PIECES_IN_TIME, AUDITOR_REST_MS, AUDITOR_REST_MS_MAX } from "../../shared/protocol/limits.ts";

export class TokenRecord {
  readonly tokenId: string;
  /** Why nothing of it counts any more. */
  dismissedFor: string | null = null;
  #restsUntilMs = 0;
  /** Times that it held a piece too long, less what pieces in time have taken back. */
  #lates = 0;
  #inTime = 0;

  constructor(tokenId: string) {
    this.tokenId = tokenId;
  }

  /** @returns whether it may be given pieces now */
  mayWork(nowMs: number): boolean {
    return this.dismissedFor === null && nowMs >= this.#restsUntilMs;
  }

  /** Nothing is known that a new record would not know too. */
  isClean(nowMs: number): boolean {
    return this.mayWork(nowMs) && this.#lates === 0;
  }

  answeredInTime(): void {
    this.#inTime = (this.#inTime + 1) % AUDITOR_PIECES_IN_TIME;
    if (this.#inTime === 0) this.#lates = Math.max(0, this.#lates - 1);
  }

  heldTooLong(nowMs: number): void {
    // The first may have been lost on its way.
    const restMs = this.#lates === 0 ? 0 : AUDITOR_REST_MS * 2 ** (this.#lates - 1);
    this.#restsUntilMs = nowMs + Math.min(AUDITOR_REST_MS_MAX, restMs);
    this.#lates++;
  }
}
