import type { LabelNames } from "../../../../shared/hub/label-names.ts";

/** Numbers in place of names where the folder names none, or another count of them. @param size numbers of an answer */
export function shownNames(labels: LabelNames | null, size: number): LabelNames {
  if (labels !== null && (size === 0 || labels.names.length === size)) return labels;
  return { holds: "one", names: Array.from({ length: size }, (_, place) => String(place)) };
}
