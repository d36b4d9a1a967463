/** Tokens of submitters over HTTP, for whoever may administer: one method a request. */
import { z } from "zod";
import {
  type JobLink,
  jobLinkSchema,
  linkEndedSchema,
  type TokenCreated,
  type TokenView,
  tokenCreatedSchema,
  type tokenRequestSchema,
  tokenViewSchema,
} from "../protocol/access-api.ts";
import { askAs, posting } from "./ask-as.ts";
import { ofJob } from "./job-calls.ts";
import type { Requester } from "./requests.ts";

/** What POST /api/tokens takes; whatever has a default may be left out. */
export type TokenRequestInput = z.input<typeof tokenRequestSchema>;

export interface TokenCalls {
  /** The token's text is told here alone. */
  createToken(request: TokenRequestInput, signal?: AbortSignal): Promise<TokenCreated>;
  tokens(signal?: AbortSignal): Promise<TokenView[]>;
  /** A link that reads one job; its token is told here alone, and the link before opens nothing any more. */
  shareJob(jobId: string, days?: number | null, signal?: AbortSignal): Promise<JobLink>;
  /** The link to that job opens nothing any more. @returns whether there was one */
  unshareJob(jobId: string, signal?: AbortSignal): Promise<boolean>;
  /** It opens nothing any more. */
  revokeToken(tokenId: string, signal?: AbortSignal): Promise<TokenView>;
}

export function tokenCalls(requester: Requester): TokenCalls {
  return {
    createToken: (request, signal) => askAs(requester, "/api/tokens", tokenCreatedSchema, posting(request, signal)),
    tokens: (signal) => askAs(requester, "/api/tokens", z.array(tokenViewSchema), { signal }),
    shareJob: (jobId, days = null, signal) =>
      askAs(requester, `${ofJob(jobId)}/link`, jobLinkSchema, posting({ days }, signal)),
    unshareJob: async (jobId, signal) =>
      (await askAs(requester, `${ofJob(jobId)}/link`, linkEndedSchema, { method: "DELETE", signal })).ended,
    revokeToken: (tokenId, signal) =>
      askAs(requester, `/api/tokens/${encodeURIComponent(tokenId)}`, tokenViewSchema, { method: "DELETE", signal }),
  };
}
