/** [CE7] Tokens of assignments say which coordinator made them, so that any other knows whose they are. */

const MARK_END = "-";

export function cellMark(epoch: number): string {
  return epoch.toString(36);
}

/** @param mark of the coordinator that made it; undefined: there is one alone */
export function markedToken(mark: string | undefined, token: string): string {
  return mark === undefined ? token : `${mark}${MARK_END}${token}`;
}

/** @returns what stands where the mark would; whoever made the token up may have written anything */
export function markOf(token: string): string | null {
  const end = token.indexOf(MARK_END);
  return end < 1 ? null : token.slice(0, end);
}
