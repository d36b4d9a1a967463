/** One assignment, as far as a volunteer may want to know it. */
import type { AssignmentMessage } from "../../shared/kinds/assignments.ts";
import type { AssignmentSizes, AssignmentWork, WorkLane } from "./assignment-work.ts";

export interface AssignmentView extends AssignmentSizes {
  readonly kind: AssignmentMessage["kind"];
  readonly work: AssignmentMessage["work"];
  readonly lane: WorkLane;
  readonly jobId: string;
  readonly jobName: string;
  readonly submitter: string;
  readonly assignmentId: string;
}

export function viewOf(assignment: AssignmentMessage, { lane, sizes }: AssignmentWork): AssignmentView {
  const { kind, work, jobId, jobName, submitter, assignmentId } = assignment;
  return { kind, work, lane, jobId, jobName, submitter, assignmentId, ...sizes };
}
