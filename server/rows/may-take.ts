/** Rule 7: nobody is asked twice for what it began, unless everybody present began it; and what the item's group says. */
import type { Books } from "./books.ts";
import type { HeldClaim, HeldItem } from "./claims.ts";
import { type Group, mayHaveMember, shutOut } from "./groups.ts";
import { isMixture } from "./words.ts";

/** @param isIdle the tab found nothing else: a group that it had a member of will do, if it has none open */
export function mayTake(
  books: Books,
  { volunteer, items }: HeldClaim,
  item: number,
  group: Group | null,
  isIdle: boolean,
): boolean {
  const { crowd, had, holders } = books;
  if (group !== null && isOfOtherModel(items, item, group)) return false;
  if (holders.isAt(item, volunteer) || books.checks.has(volunteer, item)) return false;
  // Known rows of the same claim are few, and stand first.
  if (items[0]?.reason === "known" && items.some((one) => one.item === item)) return false;
  if (had.hasBegun(item, volunteer)) {
    const { presentCount } = crowd.volunteers;
    const isPresent = (one: number) => crowd.volunteers.at(one).sessions > 0;
    if (!had.hasEverybodyBegun(item, presentCount, isPresent, group === null ? [] : shutOut(group))) return false;
    return group === null || mayHaveMember(group, volunteer, true);
  }
  return group === null || mayHaveMember(group, volunteer, isIdle);
}

/** Does another model compute the item than the claim's first one? */
export function isOfOtherModel([first]: readonly HeldItem[], item: number, { rule }: Group): boolean {
  return rule.mixturesApart === true && first !== undefined && isMixture(first.item) !== isMixture(item);
}
