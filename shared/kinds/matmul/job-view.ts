/** What the API tells of a product of matrices while it is computed. */
import { z } from "zod";
import { CODED_ENDS } from "../../coded/run-view.ts";
import { CODED_SCHEME_NAMES } from "../../coding/coded-schemes/coded-schemes.ts";

/** GET /api/jobs/:jobId of a matrix job. */
export const matmulJobViewSchema = z
  .object({
    jobId: z.string(),
    kind: z.literal("matmul"),
    name: z.string(),
    submitter: z.string(),
    purpose: z.string().exactOptional(),
    scheme: z.enum(CODED_SCHEME_NAMES),
    dataVolunteers: z.number(),
    stragglers: z.number(),
    liars: z.number(),
    colluders: z.number(),
    volunteerCount: z.number(),
    state: z.enum(["accepting", "preparing", "running", "finishing", "done", "failed", "cancelled"]),
    waitingFor: z.string().nullable(),
    error: z.string().nullable(),
    endKind: z.enum(CODED_ENDS).nullable(),
    endReason: z.string().nullable(),
    rows: z.number().describe("A is rows x inner, B is inner x columns."),
    inner: z.number(),
    columns: z.number(),
    slices: z.number().describe("Of columns of B; each is a round."),
    slicesDone: z.number(),
    isVerified: z.boolean(),
    code: z
      .object({
        generation: z.number(),
        dataBlocks: z.number(),
        masks: z.number(),
        shards: z.number(),
        shardsHeld: z.number(),
      })
      .nullable(),
    volunteersAtWork: z.number(),
    liarsNamed: z.number(),
    codeChanges: z.number(),
    notes: z.array(z.string()),
    submittedMs: z.number(),
    finishedMs: z.number().nullable().describe("null until its end is durable."),
    remainingMs: z.number().nullable(),
  })
  .meta({ id: "MatmulJobView" });
export type MatmulJobView = z.infer<typeof matmulJobViewSchema>;
