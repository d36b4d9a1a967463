/** One assignment, as far as a volunteer may want to know it. */
import type { Assignment } from "../../shared/kinds/kinds.ts";
import type { AssignmentSizes, AssignmentWork, Lane } from "./assignment-work.ts";

export interface AssignmentView extends AssignmentSizes {
  readonly kind: Assignment["kind"];
  readonly work: Assignment["work"];
  readonly lane: Lane;
  readonly jobId: string;
  readonly jobName: string;
  readonly submitter: string;
  readonly roundIndex: number;
  readonly workerIndex: number;
}

export function viewOf(assignment: Assignment, { lane, sizes }: AssignmentWork): AssignmentView {
  const { kind, work, jobId, jobName, submitter, roundIndex, workerIndex } = assignment;
  return { kind, work, lane, jobId, jobName, submitter, roundIndex, workerIndex, ...sizes };
}
