/** GET /api/work and /api/work/:job: what volunteers may know of jobs, before they work for one and while they do. */
import { z } from "zod";
import { CODED_ENDS } from "../coded/run-view.ts";
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
    endKind: z
      .enum(CODED_ENDS)
      .describe("Of a regression or product that has ended: how. Absent: its state says it.")
      .exactOptional(),
    isByInvitation: z.literal(true).describe("Absent: everybody may work for it.").exactOptional(),
    progress: workProgressSchema,
  })
  .meta({ id: "WorkView" });
export type WorkView = z.infer<typeof workViewSchema>;

export const workListSchema = z
  .object({
    jobs: z.array(workViewSchema).describe("At work, the newest first; jobs that run by invitation are left out."),
    more: z.number().describe("So many more are at work than are listed."),
  })
  .meta({ id: "WorkList", description: "GET /api/work" });
export type WorkList = z.infer<typeof workListSchema>;
