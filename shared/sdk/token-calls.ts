/** Tokens of submitters over HTTP, for whoever may administer: one method a request. */
import type { z } from "zod";
import type { TokenCreated, TokenView, tokenRequestSchema } from "../protocol/access-api.ts";
import { askJson, type Requester } from "./requests.ts";

/** What POST /api/tokens takes; whatever has a default may be left out. */
export type TokenRequestInput = z.input<typeof tokenRequestSchema>;

export interface TokenCalls {
  /** The token's text is told here alone. */
  createToken(request: TokenRequestInput, signal?: AbortSignal): Promise<TokenCreated>;
  tokens(signal?: AbortSignal): Promise<TokenView[]>;
  /** It opens nothing any more. */
  revokeToken(tokenId: string, signal?: AbortSignal): Promise<TokenView>;
}

export function tokenCalls(requester: Requester): TokenCalls {
  return {
    createToken: (request, signal) =>
      askJson(requester, "/api/tokens", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(request),
        signal,
      }),
    tokens: (signal) => askJson(requester, "/api/tokens", { signal }),
    revokeToken: (tokenId, signal) =>
      askJson(requester, `/api/tokens/${encodeURIComponent(tokenId)}`, { method: "DELETE", signal }),
  };
}
