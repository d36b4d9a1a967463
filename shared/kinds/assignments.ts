/**
 * What each kind of job sends to tabs: a new kind is a line here, as in kinds.ts. Apart from the rest, for tabs load no more than this.
 */
import { z } from "zod";
import { codedAssignmentSchema } from "../coded/assignments.ts";
import { batchAssignmentSchema } from "./inference/batch.ts";
import type { JobKind } from "./kinds.ts";

const ASSIGNMENTS = {
  inference: batchAssignmentSchema,
  regression: codedAssignmentSchema("regression"),
  matmul: codedAssignmentSchema("matmul"),
} satisfies Readonly<Record<JobKind, z.ZodType>>;
type Schema = (typeof ASSIGNMENTS)[JobKind];

/** coordinator -> tab */
export const assignmentSchema = z.discriminatedUnion("kind", Object.values(ASSIGNMENTS) as [Schema, ...Schema[]]);
export type AssignmentMessage = z.infer<typeof assignmentSchema>;
