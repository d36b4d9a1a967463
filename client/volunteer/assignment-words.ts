/** What a tab does with an assignment, and how far its job is, in the words of the job's kind. */
import type { WorkView } from "../../shared/kinds/work-view.ts";
import type { AssignmentView } from "../session/assignment-view.ts";
import type { AssignmentWords } from "./texts/text-types.ts";
import type { VolunteerTexts } from "./texts/texts.ts";

export function assignmentWords(
  texts: VolunteerTexts,
  { kind, work }: Pick<AssignmentView, "kind" | "work">,
): AssignmentWords {
  const words = kind === "probe" ? texts.activity.probe : texts.kinds[kind].assignments[work];
  return words ?? texts.activity.anyAssignment;
}

export function progressWords(texts: VolunteerTexts, { kind, progress: { done, all } }: WorkView): string {
  return texts.kinds[kind].progress(done, all);
}

/** How a job ended; undefined: it has not. */
export function endWord(texts: VolunteerTexts, { endKind, state }: WorkView): string | undefined {
  return texts.helped.ends[endKind ?? state];
}

/** How a job ended, if it has, and how far it came. */
export function helpedWords(texts: VolunteerTexts, work: WorkView): string {
  const ended = endWord(texts, work);
  return [...(ended === undefined ? [] : [ended]), progressWords(texts, work)].join(", ");
}
