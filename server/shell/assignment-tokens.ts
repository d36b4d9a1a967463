/**
 * Single-use tokens: whoever holds one may answer its assignment and read its blobs, once, while it is live. The
 * coordinator itself never sees a token, only the assignment's number.
 */
import { createHash } from "node:crypto";
import type { RoundReference } from "../coordinator/events.ts";

export interface TokenGrant {
  readonly token: string;
  readonly sessionId: string;
  readonly modelSha256: string;
  readonly rowCount: number;
  readonly outputSize: number;
  /** Inputs too large for a message are fetched with the token. */
  readonly inputBlob: { sha256: string; bytes: Uint8Array } | null;
  /** What the token answers. */
  readonly answers:
    | { readonly kind: "assignment"; readonly assignmentId: number; readonly reference: RoundReference }
    | { readonly kind: "probe"; readonly expected: Float32Array };
  /** A result that came by PUT and waits for its `result` message. */
  uploaded: Uint8Array | null;
}

export class AssignmentTokens {
  readonly #byToken = new Map<string, TokenGrant>();
  readonly #tokenOfAssignment = new Map<number, string>();

  grant(grant: TokenGrant): void {
    this.#byToken.set(grant.token, grant);
    if (grant.answers.kind === "assignment") this.#tokenOfAssignment.set(grant.answers.assignmentId, grant.token);
  }

  find(token: string): TokenGrant | null {
    return this.#byToken.get(token) ?? null;
  }

  ofAssignment(assignmentId: number): TokenGrant | null {
    const token = this.#tokenOfAssignment.get(assignmentId);
    return token === undefined ? null : this.find(token);
  }

  /** From here on the token opens nothing. @returns false where it had been spent before */
  spend(grant: TokenGrant): boolean {
    if (grant.answers.kind === "assignment") this.#tokenOfAssignment.delete(grant.answers.assignmentId);
    return this.#byToken.delete(grant.token);
  }

  /** Tokens of a session that is gone. */
  spendAllOf(sessionId: string): void {
    for (const grant of [...this.#byToken.values()]) if (grant.sessionId === sessionId) this.spend(grant);
  }
}

export function sha256Hex(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
