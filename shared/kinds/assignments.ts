/**
 * What each kind of job sends to tabs: a new kind is a line here, as in kinds.ts. Apart from the rest, for tabs load no more than this.
 */
import { z } from "zod";
import { codedAssignmentSchema } from "../coded/assignments.ts";
import { batchAssignmentSchema } from "./inference/batch.ts";

/** coordinator -> tab */
export const assignmentSchema = z.discriminatedUnion("kind", [
  batchAssignmentSchema,
  codedAssignmentSchema("regression"),
  codedAssignmentSchema("matmul"),
]);
export type AssignmentMessage = z.infer<typeof assignmentSchema>;
