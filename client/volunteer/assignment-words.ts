/** What a tab does with an assignment, and how far its job is, in the words of the job's kind. */
import type { WorkView } from "../../shared/kinds/work-view.ts";
import type { AssignmentWords } from "../kinds/kind-facts.ts";
import { PAGE_KINDS } from "../kinds/kinds.ts";
import type { AssignmentView } from "../session/assignment-view.ts";
import { volunteer as texts } from "../ui/texts.ts";

export function assignmentWords({ kind, work }: Pick<AssignmentView, "kind" | "work">): AssignmentWords {
  const words = kind === "probe" ? texts.activity.probe : PAGE_KINDS[kind].assignments[work];
  return words ?? texts.activity.anyAssignment;
}

export function progressWords({ kind, progress: { done, all } }: WorkView): string {
  return PAGE_KINDS[kind].progressWords(done, all);
}

/** How a job ended, if it has, and how far it came. */
export function helpedWords(work: WorkView): string {
  const ended = texts.helped.ends[work.endKind ?? work.state];
  return [...(ended === undefined ? [] : [ended]), progressWords(work)].join(", ");
}
