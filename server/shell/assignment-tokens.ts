/**
 * Single-use tokens: whoever holds one may answer its assignment and read its blobs, once, while it is live. The
 * coordinator itself never sees a token, only the assignment's number.
 */
import type { Outgoing } from "./kind-desk.ts";

export interface Grant extends Pick<Outgoing, "blob" | "resultBytes" | "problemOf" | "take" | "takeSlice" | "came"> {
  readonly token: string;
  readonly sessionId: string;
  /** null: a known question. */
  readonly assignmentId: number | null;
  /** What its tab was told in place of that number. */
  readonly toldId: string;
  /** A result that came by PUT and waits for its `result` message. */
  uploaded: Uint8Array | null;
}

export class AssignmentTokens {
  readonly #byToken = new Map<string, Grant>();
  readonly #tokenOfAssignment = new Map<number, string>();

  grant(grant: Grant): void {
    this.#byToken.set(grant.token, grant);
    if (grant.assignmentId !== null) this.#tokenOfAssignment.set(grant.assignmentId, grant.token);
  }

  find(token: string): Grant | null {
    return this.#byToken.get(token) ?? null;
  }

  ofAssignment(assignmentId: number): Grant | null {
    const token = this.#tokenOfAssignment.get(assignmentId);
    return token === undefined ? null : this.find(token);
  }

  /** From here on the token opens nothing. */
  spend({ token, assignmentId }: Grant): void {
    if (assignmentId !== null) this.#tokenOfAssignment.delete(assignmentId);
    this.#byToken.delete(token);
  }

  /** Tokens of a session that is gone. */
  spendAllOf(sessionId: string): void {
    for (const grant of [...this.#byToken.values()]) if (grant.sessionId === sessionId) this.spend(grant);
  }
}
