/**
 * The HTTP API of access tokens: who may submit, read, cancel and administer. Parsed by these schemas at the edge, as api.ts
 * does for jobs.
 */
import { z } from "zod";
import { jobName } from "./api-fields.ts";
import { TOKEN_DAYS_MAX } from "./limits.ts";

/**
 * submit: upload, submit jobs, ask what they would cost. read: one's own jobs and answers, the crowd, metrics. cancel: one's
 * own jobs. admin: everything, of everybody, and tokens.
 */
export const SCOPES = ["submit", "read", "cancel", "admin"] as const;
export type Scope = (typeof SCOPES)[number];

/** POST /api/tokens */
export const tokenRequestSchema = z.strictObject({
  /** Whose jobs they are: several tokens of one submitter see the same ones. Volunteers are shown this name. */
  submitter: jobName,
  scopes: z.array(z.enum(SCOPES)).min(1).max(SCOPES.length).default(["submit", "read", "cancel"]),
  /** It opens nothing after so many days; null: until it is revoked. */
  days: z.number().int().min(1).max(TOKEN_DAYS_MAX).nullable().default(null),
});
export type TokenRequest = z.infer<typeof tokenRequestSchema>;

/** GET /api/tokens, one row each; DELETE /api/tokens/:tokenId answers with the row. */
export interface TokenView {
  /** Names the token; opens nothing. */
  tokenId: string;
  submitter: string;
  scopes: Scope[];
  createdMs: number;
  expiresMs: number | null;
  revokedMs: number | null;
  /** Since the coordinator started; null: not since then. */
  lastUsedMs: number | null;
}

/** POST /api/tokens answers with this, once: only a hash of the token is kept. */
export interface TokenCreated extends TokenView {
  token: string;
}

/** GET /api/whoami */
export interface WhoAmI {
  /** false: whoever reaches this coordinator may do everything. */
  tokensNeeded: boolean;
  /** Empty where no tokens are needed. */
  submitter: string;
  scopes: Scope[];
}
