import { type LabelNames, numbered } from "../../../../shared/hub/label-names.ts";

/** Numbers in place of names where nobody named the labels, or another count of them. @param size numbers of an answer */
export function shownNames(labels: LabelNames | null, size: number): LabelNames {
  return labels !== null && (size === 0 || labels.names.length === size) ? labels : numbered(size);
}
