/** Who asks, as far as the HTTP API is concerned. */
import type { Scope } from "../../shared/protocol/access-api.ts";

export interface Identity {
  /** Whose jobs these are. */
  readonly submitter: string;
  /** null: no token was needed. */
  readonly tokenId: string | null;
  readonly scopes: readonly Scope[];
  /** It came by a link to this job, and may read it and nothing else; absent: it did not. */
  readonly jobId?: string;
  /** Of whom no token says who it is: its address, as a key that cannot be turned back; absent: it comes from this machine. */
  readonly address?: string;
}

/** Who shares with whom (shared/control/shares.ts): a submitter, or without tokens an address. */
export function partyOfIdentity({ submitter, address }: Identity): string {
  return submitter !== "" ? submitter : partyOfAddress(address);
}

/** No submitter is called so: a name has no line break. */
export function partyOfAddress(address: string | null = null): string {
  return address === null ? "" : `\n${address}`;
}

/** Everybody, where no tokens are needed. No token can have this submitter: a name has at least one character. */
export const ANYBODY: Identity = { submitter: "", tokenId: null, scopes: ["submit", "read", "cancel", "admin"] };

/** Where tokens are needed, and none came: may do what is open to all. */
export const NOBODY: Identity = { submitter: "", tokenId: null, scopes: [] };

export function mayDo(identity: Identity, scope: Scope): boolean {
  return identity.scopes.includes(scope) || identity.scopes.includes("admin");
}
