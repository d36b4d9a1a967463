/**
 * The HTTP API of access tokens: who may submit, read, cancel and administer. Parsed by these schemas at the edge, as api.ts
 * does for jobs.
 */
import { z } from "zod";
import { jobName } from "./api-fields.ts";
import { TOKEN_DAYS_MAX } from "./limits.ts";

/**
 * submit: upload, submit jobs, ask what they would cost. read: one's own jobs and answers, the crowd, metrics. cancel: one's
 * own jobs. audit: to compute rows that the coordinator trusts, for which it is shown models and queries of everybody. check: nothing over
 * HTTP; volunteers that come with it check jobs that they chose. admin: everything, of everybody, and tokens.
 */
export const SCOPES = ["submit", "read", "cancel", "audit", "check", "admin"] as const;
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

export const tokenViewSchema = z
  .object({
    tokenId: z.string().describe("Names the token; opens nothing."),
    submitter: z.string(),
    scopes: z.array(z.enum(SCOPES)),
    createdMs: z.number(),
    expiresMs: z.number().nullable(),
    revokedMs: z.number().nullable(),
    jobId: z.string().nullable().describe("Of a link: the one job that it reads. null: a token of its submitter."),
    lastUsedMs: z.number().nullable().describe("Since the coordinator started; null: not since then."),
  })
  .meta({
    id: "TokenView",
    description: "GET /api/tokens, one row each; DELETE /api/tokens/:tokenId answers with the row.",
  });
export type TokenView = z.infer<typeof tokenViewSchema>;

export const tokenCreatedSchema = tokenViewSchema
  .extend({
    token: z.string(),
  })
  .meta({
    id: "TokenCreated",
    description: "POST /api/tokens answers with this, once: only a hash of the token is kept.",
  });
export type TokenCreated = z.infer<typeof tokenCreatedSchema>;

/** POST /api/jobs/:jobId/link */
export const linkRequestSchema = z.strictObject({
  /** It opens nothing after so many days; null: until another is made, or the job is deleted. */
  days: z.number().int().min(1).max(TOKEN_DAYS_MAX).nullable().default(null),
});
export const jobLinkSchema = z
  .object({
    token: z.string().describe("Reads this job and does nothing else. Told this once."),
    expiresMs: z.number().nullable(),
  })
  .meta({
    id: "JobLink",
    description: "POST /api/jobs/:jobId/link answers with this; the link before opens nothing any more.",
  });
export const linkEndedSchema = z.object({ ended: z.boolean() }).meta({ id: "LinkEnded" });
export type JobLink = z.infer<typeof jobLinkSchema>;

export const whoAmISchema = z
  .object({
    tokensNeeded: z.boolean().describe("false: anybody who reaches this coordinator may do everything."),
    submitter: z.string().describe("Empty where no tokens are needed."),
    scopes: z.array(z.enum(SCOPES)),
    jobId: z.string().nullable().describe("The one job that this link reads; null: the token is no link."),
  })
  .meta({ id: "WhoAmI", description: "GET /api/whoami" });
export type WhoAmI = z.infer<typeof whoAmISchema>;
