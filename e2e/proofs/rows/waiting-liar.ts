/** A liar that a story's devices are not measured out: right in its first rows, and from then on wrong where its plan says so. */

/**
 * @param right so many rows, the first that it says anything of, are right
 * @returns `lies` of a RowsStory
 * @example waitingLiar("v2", 20, (place) => place % 4 === 0)("v2", 8) // -> false: its first row
 */
export function waitingLiar(
  liar: string,
  right: number,
  plan: (place: number) => boolean,
): (volunteerId: string, place: number) => boolean {
  const said = new Map<number, boolean>();
  return (volunteerId, place) => {
    if (volunteerId !== liar) return false;
    const before = said.get(place);
    if (before !== undefined) return before;
    const isWrong = said.size >= right && plan(place);
    said.set(place, isWrong);
    return isWrong;
  };
}
