/** What a tab does with an assignment, and how far its job is, in the words of the job's kind. */
import type { WorkView } from "../../shared/protocol/volunteer-api.ts";
import type { AssignmentWords } from "../kinds/kind-facts.ts";
import { KINDS } from "../kinds/kinds.ts";
import type { AssignmentView } from "../session/assignment-view.ts";
import { volunteer as texts } from "../ui/texts.ts";

const KIND_LIST = Object.values(KINDS);

export function assignmentWords({ kind }: Pick<AssignmentView, "kind">): AssignmentWords {
  const words =
    kind === "probe" ? texts.activity.probe : KIND_LIST.map(({ assignments }) => assignments[kind]).find(Boolean);
  return words ?? texts.activity.anyAssignment;
}

export function progressWords({ kind, progress: { unit, done, all } }: WorkView): string {
  return KINDS[kind].progress[unit]?.(done, all) ?? "";
}
