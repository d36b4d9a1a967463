/**
 * Rule 5, the tail: when nothing waits an idle tab takes from the end of the claim that ends last as many rows as let both end together. The holder works
 * from the front, so that the two meet; the first answer of a row counts.
 */
import type { Books } from "./books.ts";
import type { HeldClaim, Tab } from "./claims.ts";
import type { Group } from "./groups.ts";
import { mayTake } from "./may-take.ts";
import { isMixture, type MayHave } from "./words.ts";

/** Claims that are looked at. */
const CLAIM_LOOKS = 4;
/** The other's last row is taken where the tab would have it in so small a part of the time: a copy that gains less is not worth its work. */
const COPY_PART = 0.5;
/** Items of a claim that are looked at in vain. */
const ITEM_LOOKS = 8;

export function takeBeside(
  books: Books,
  tab: Tab,
  claim: HeldClaim,
  size: number,
  nowMs: number,
  mayHave: MayHave | null,
): void {
  const passed: HeldClaim[] = [];
  for (let looks = 0; looks < CLAIM_LOOKS && claim.items.length === 0; looks++) {
    const other = books.ends.first;
    if (other === null) break;
    books.visits++;
    books.ends.delete(other);
    const wanted = other.volunteer === tab.volunteer ? 0 : rowsToTake(books, tab, other, size, nowMs);
    if (wanted > 0) takeFrom(books, other, claim, wanted, mayHave);
    else if (other.volunteer !== tab.volunteer) looks = CLAIM_LOOKS; // All others end sooner.
    if (claim.items.length > 0) {
      const theirs = books.crowd.paceOf(other.tab);
      if (theirs > 0) other.endMs = Math.max(nowMs, other.endMs - claim.items.length / theirs);
    }
    if (other.tail > 0) passed.push(other);
  }
  for (const other of passed) books.ends.put(other);
}

/** With t ms left of the other's work at pace q, and own pace p: t q p / (p + q) rows, and one where the tab would have it long before. */
function rowsToTake(books: Books, tab: Tab, other: HeldClaim, size: number, nowMs: number): number {
  const leftMs = endsWithinMs(other, nowMs);
  if (leftMs <= 0) return 0;
  const [mine, theirs] = [books.crowd.paceOf(tab), books.crowd.paceOf(other.tab)];
  if (mine === 0) return 1;
  const share = Math.floor((leftMs * theirs * mine) / (mine + theirs));
  const wanted = share === 0 && 1 / mine < COPY_PART * leftMs ? 1 : share;
  return Math.min(wanted, Math.max(size, Math.floor(mine * books.targetMs)));
}

/** Of a stranger that has not ended when the crowd would have, nothing is known but when it is late. */
function endsWithinMs({ tab, endMs, dueMs, begunMs }: HeldClaim, nowMs: number): number {
  const isOverdue = tab.pace === 0 && begunMs !== null && endMs <= nowMs;
  return (isOverdue ? dueMs : endMs) - nowMs;
}

function takeFrom(books: Books, other: HeldClaim, claim: HeldClaim, wanted: number, mayHave: MayHave | null): void {
  let isEnd = true;
  let looks = ITEM_LOOKS;
  for (let at = other.tail - 1; at >= 0 && claim.items.length < wanted && looks > 0; at--) {
    books.visits++;
    const { item, isOpen, reason, attempt } = other.items[at]!;
    const isOver = !isOpen || reason === "check" || reason === "known" || other.given.has(item);
    const group = isOver ? null : books.groupOf(item);
    const isTaken = !isOver && attempt === books.attemptOf(item) && !books.isMoot(item) && isAllowed(item, group);
    if (isTaken) {
      books.give(claim, item, "beside", group);
      other.given.add(item);
      claim.given.add(item);
    } else looks--;
    // Behind the tail nothing is left for anybody.
    if (isEnd && (isOver || isTaken)) other.tail = at;
    else isEnd = false;
  }

  function isAllowed(item: number, group: Group | null): boolean {
    if (!mayTake(books, claim, item, group, true)) return false;
    return mayHave === null || isMixture(item) || !books.rows.isNamed(item) || mayHave(item, "beside");
  }
}
