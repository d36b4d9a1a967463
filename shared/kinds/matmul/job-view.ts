/** What the API tells of a product of matrices while it is computed. */
import { z } from "zod";
import { codedJobViewSchema } from "../../coded/run-view.ts";
import { CODED_SCHEME_NAMES } from "../../coding/coded-schemes/coded-schemes.ts";

/** GET /api/jobs/:jobId of a matrix job. */
export const matmulJobViewSchema = codedJobViewSchema
  .extend({
    kind: z.literal("matmul"),
    scheme: z.enum(CODED_SCHEME_NAMES),
    rows: z.number().describe("A is rows x inner, B is inner x columns."),
    inner: z.number(),
    columns: z.number(),
    slices: z.number().describe("Of columns of B; each is a round."),
    slicesDone: z.number(),
  })
  .meta({ id: "MatmulJobView" });
export type MatmulJobView = z.infer<typeof matmulJobViewSchema>;
