/** GET /api/work/:job. Whoever has had an assignment of the job knows its id; nobody else does. */
import { z } from "zod";
import { workProgressSchema } from "../protocol/volunteer-api.ts";
import { JOB_KINDS } from "./kinds.ts";

export const workViewSchema = z
  .object({
    jobId: z.string(),
    kind: z.enum(JOB_KINDS),
    name: z.string(),
    submitter: z.string(),
    purpose: z.string().describe("What it is for, in the submitter's words; absent: not said.").exactOptional(),
    state: z.string(),
    progress: workProgressSchema,
  })
  .meta({ id: "WorkView" });
export type WorkView = z.infer<typeof workViewSchema>;
