/** What the API tells of how a job's model was compared with its files as they came. PROTOCOL.md PR111. */
import { z } from "zod";

export const asItCameSchema = z
  .union([
    z.object({
      rows: z.number().describe("Rows that the files as they came and what packing made of them were both run on."),
      difference: z.number().describe("The largest difference of a number, as a share of it."),
    }),
    z.object({ notCompared: z.string().describe("Why they were not compared, in a sentence.") }),
  ])
  .meta({
    id: "AsItCame",
    description:
      "A model is packed before it is sent. Whether that gives what the files as they came give was tried on some of the job's rows when it was submitted.",
  });
export type AsItCame = z.infer<typeof asItCameSchema>;
