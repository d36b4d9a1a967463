/** Queries that cannot be computed: volunteers failed at them, and so did the coordinator. */
import { z } from "zod";

export const notComputedSchema = z
  .object({
    reason: z.string().describe("What the coordinator's own run of the model said."),
    count: z.number().describe("Queries of which it said so."),
    queries: z.array(z.number()).describe("The first of them, by their index."),
  })
  .meta({ id: "NotComputed" });
export type NotComputed = z.infer<typeof notComputedSchema>;

export const notComputedField = {
  notComputed: z
    .array(notComputedSchema)
    .describe(
      "Queries that cannot be computed: they failed at volunteers and at the coordinator, and are marked non-finite. Absent: none.",
    )
    .exactOptional(),
};

/** Of the parts of a job: queries by their index in the whole. @param parts with the first query of each */
export function notComputedTogether(parts: readonly (readonly [readonly NotComputed[], number])[]): NotComputed[] {
  const together = new Map<string, NotComputed>();
  for (const [found, firstQuery] of parts) {
    for (const { reason, count, queries } of found) {
      const before = together.get(reason) ?? { reason, count: 0, queries: [] };
      const own = queries.map((query) => firstQuery + query);
      together.set(reason, { reason, count: before.count + count, queries: [...before.queries, ...own] });
    }
  }
  return [...together.values()];
}
