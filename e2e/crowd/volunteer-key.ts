/** The key pair of a volunteer without a browser, and what it signs: the coordinator's nonce, and its results. */
import { decodeFrame } from "../../shared/protocol/frame.ts";
import { type AssignmentBase, identityStatement, type Result } from "../../shared/protocol/messages.ts";
import { resultDigest, resultStatement } from "../../shared/receipts/result-digest.ts";
import { volunteerIdOf } from "../../shared/receipts/volunteer-keys.ts";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

export class VolunteerKey {
  /** 65 bytes */
  readonly publicKey: Uint8Array;
  readonly #privateKey: CryptoKey;

  private constructor(publicKey: Uint8Array, privateKey: CryptoKey) {
    this.publicKey = publicKey;
    this.#privateKey = privateKey;
  }

  static async make(): Promise<VolunteerKey> {
    const keys = await crypto.subtle.generateKey(ALGORITHM, false, ["sign", "verify"]);
    return new VolunteerKey(new Uint8Array(await crypto.subtle.exportKey("raw", keys.publicKey)), keys.privateKey);
  }

  get volunteerId(): string {
    return volunteerIdOf(this.publicKey);
  }

  /** @returns 64 bytes */
  async sign(statement: Uint8Array): Promise<Uint8Array> {
    return new Uint8Array(await crypto.subtle.sign(ALGORITHM, this.#privateKey, statement as Uint8Array<ArrayBuffer>));
  }

  proof(nonce: Uint8Array): Promise<Uint8Array> {
    return this.sign(identityStatement(nonce));
  }

  /** @param result of a batch or a product, in the message; others have nothing to sign */
  async signed(assignment: Pick<AssignmentBase, "jobId" | "assignmentId">, result: Result): Promise<Result> {
    if (result.output.kind !== "inline") return result;
    const [tensor] = Object.values(decodeFrame(Uint8Array.from(result.output.frame)));
    return { ...result, signature: await this.sign(resultStatement(assignment, resultDigest(tensor!))) };
  }
}
