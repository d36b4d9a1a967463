/** The HTTP API of bans: volunteers, or networks, that the operator takes no work from. A decision by hand, which says nothing of answers. */
import { z } from "zod";
import { BAN_DAYS_MAX, BAN_REASON_LENGTH_MAX } from "./limits.ts";

/** POST /api/bans */
export const banRequestSchema = z.strictObject({
  who: z
    .discriminatedUnion("kind", [
      z.strictObject({
        kind: z.literal("volunteer"),
        volunteerId: z.string().regex(/^[0-9a-f]{32}$/, "expected the 32 hex digits of a volunteer's id"),
      }),
      z.strictObject({
        kind: z.literal("addresses"),
        prefix: z.string().max(64).describe("A network of IPv4 or IPv6, such as 203.0.113.0/24 or 2001:db8::/48."),
      }),
    ])
    .describe("Whose tabs are closed and let in no more."),
  reason: z.string().trim().min(1).max(BAN_REASON_LENGTH_MAX).describe("The sentence that the banned volunteer reads."),
  days: z
    .number()
    .positive()
    .max(BAN_DAYS_MAX)
    .nullable()
    .default(null)
    .describe("So many days, parts of one too; null: until it is lifted."),
});
export type BanRequest = z.input<typeof banRequestSchema>;

export const banViewSchema = z
  .object({
    banId: z.string(),
    who: banRequestSchema.shape.who,
    reason: z.string(),
    sinceMs: z.number(),
    untilMs: z.number().nullable().describe("null: until it is lifted."),
  })
  .meta({ id: "BanView", description: "GET /api/bans, one row each." });
export type BanView = z.infer<typeof banViewSchema>;
