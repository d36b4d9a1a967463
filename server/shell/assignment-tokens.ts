/**
 * Single-use tokens: whoever holds one may answer its assignment and read its blobs, once, while it is live. The
 * coordinator itself never sees a token, only the assignment's number.
 */
import type { FramedShard } from "../coded/engine/rounds-engine.ts";
import type { RoundReference } from "../kinds/inference/core/work.ts";

/** A share of a coded run: a shard to fetch and keep, or a product to answer. */
export interface ShareGrant {
  readonly token: string;
  readonly sessionId: string;
  readonly answers: {
    readonly kind: "share";
    readonly assignmentId: number;
    readonly jobId: string;
    readonly share: "shard" | "product";
    readonly generation: number;
    readonly shardIndex: number;
    readonly roundId: number;
    readonly volunteerId: string;
  };
  readonly shard: FramedShard;
  /** A product's vector where it is too large for a message. */
  readonly inputBlob: { sha256: string; bytes: Uint8Array } | null;
  /** A product's result: rows x width; 0 for a shard. */
  readonly rows: number;
  readonly width: number;
  uploaded: Uint8Array | null;
}

export type Grant = TokenGrant | ShareGrant;

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
  readonly #byToken = new Map<string, Grant>();
  readonly #tokenOfAssignment = new Map<number, string>();

  grant(grant: Grant): void {
    this.#byToken.set(grant.token, grant);
    if (grant.answers.kind !== "probe") this.#tokenOfAssignment.set(grant.answers.assignmentId, grant.token);
  }

  find(token: string): Grant | null {
    return this.#byToken.get(token) ?? null;
  }

  ofAssignment(assignmentId: number): Grant | null {
    const token = this.#tokenOfAssignment.get(assignmentId);
    return token === undefined ? null : this.find(token);
  }

  /** From here on the token opens nothing. @returns false where it had been spent before */
  spend(grant: Grant): boolean {
    if (grant.answers.kind !== "probe") this.#tokenOfAssignment.delete(grant.answers.assignmentId);
    return this.#byToken.delete(grant.token);
  }

  /** Tokens of a session that is gone. */
  spendAllOf(sessionId: string): void {
    for (const grant of [...this.#byToken.values()]) if (grant.sessionId === sessionId) this.spend(grant);
  }
}

export function isShare(grant: Grant): grant is ShareGrant {
  return grant.answers.kind === "share";
}
