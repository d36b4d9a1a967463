/** Who may check whom: docs/verification.md, "Who checks whom". */
import { COLLUDERS, ESTABLISHED_ROWS, ESTABLISHED_SHARE_MIN, LIAR_SHARE_MIN } from "./parameters.ts";

/** What the rules know of a volunteer in one job. */
export interface CheckerFacts {
  readonly volunteerId: string;
  /** Of its address; null: not known, which is nobody's group. */
  readonly addressGroup: string | null;
  /** Rows of its own that count for "established": no submitter's jobs give more than a tenth, its own none. */
  readonly rowsDone: number;
  readonly isNamed: boolean;
  /** It picked this job, or refused others: then it is not there by chance. */
  readonly choseThisJob: boolean;
}

/**
 * Distinct checkers that cross-checks need before they count: ceil(ln(2 f / eps) / ln(1 / beta)), so that all of them collude with
 * at most half of the bound. 6 for 1e-3, 8 for 1e-4.
 * @example partnersNeeded(1e-3, 0.2, 1 / 3) // -> 6
 */
export function partnersNeeded(bound: number, liarShare: number, colluderShare: number): number {
  if (liarShare <= bound / 2) return 1;
  // Quotients that are whole numbers but for rounding stay whole.
  const needed = Math.ceil(Math.log((2 * liarShare) / bound) / Math.log(1 / colluderShare) - 1e-12);
  return Math.max(1, needed);
}

/**
 * The same in address groups, with the least shares of liars and of colluders that a service reckons with.
 * @param bound eps
 * @example addressGroupsNeeded(1e-3) // -> 6
 */
export function addressGroupsNeeded(bound: number): number {
  return partnersNeeded(bound, LIAR_SHARE_MIN, COLLUDERS.shareMin);
}

/**
 * Rows after which a volunteer's word counts for others: 100, in small jobs a quarter of a fair share.
 * @example establishedRows(1200, 12) // -> 25
 */
export function establishedRows(jobRows: number, volunteers: number): number {
  return Math.min(ESTABLISHED_ROWS, Math.floor(jobRows / Math.max(1, volunteers) / 4));
}

/**
 * As how long the record of a volunteer counts where partners are drawn: as rows taken in, up to those that make one established. None is drawn
 * more often for a longer one: those of long standing, or those that take their turns before all others, would check most rows of each other.
 * @param rowsNeeded of establishedRows
 * @example [partnerWeight(40, 100), partnerWeight(10_000, 100)] // -> [41, 101]
 */
export function partnerWeight(rowsTaken: number, rowsNeeded: number): number {
  return Math.min(rowsTaken, rowsNeeded) + 1;
}

/**
 * Are partners drawn among the established? While hardly anybody is, the few who are may be one party: volunteers that took their first turns in
 * quick succession. It has to be so of volunteers, and of address groups: one party may have many keys behind few addresses.
 * @param established of those who may be drawn
 * @param drawable all who may be drawn
 * @example isCrowdEstablished(20, 100) // -> false
 */
export function isCrowdEstablished(established: number, drawable: number): boolean {
  return drawable > 0 && established >= ESTABLISHED_SHARE_MIN * drawable;
}

/**
 * Is the volunteer drawn as a partner in this job, and does its agreement count?
 * @param rowsNeeded of establishedRows
 * @example isEstablished({ volunteerId: "a", addressGroup: "g", rowsDone: 100, isNamed: false, choseThisJob: false }, 100) // -> true
 */
export function isEstablished(volunteer: CheckerFacts, rowsNeeded: number): boolean {
  return !volunteer.isNamed && !volunteer.choseThisJob && volunteer.rowsDone >= rowsNeeded;
}

/**
 * May `checker` be given a row that `author` answered, so that it counts? Never two of one address group, nor of an unknown one.
 * @example
 * const volunteer = (id) => ({ volunteerId: id, addressGroup: id, rowsDone: 100, isNamed: false, choseThisJob: false });
 * mayCheck(volunteer("a"), volunteer("b"), 100) // -> true
 * mayCheck(volunteer("a"), { ...volunteer("b"), addressGroup: "a" }, 100) // -> false
 */
export function mayCheck(
  author: Pick<CheckerFacts, "volunteerId" | "addressGroup">,
  checker: CheckerFacts,
  rowsNeeded: number,
): boolean {
  if (author.volunteerId === checker.volunteerId || !isEstablished(checker, rowsNeeded)) return false;
  if (author.addressGroup === null || checker.addressGroup === null) return false;
  return author.addressGroup !== checker.addressGroup;
}

/**
 * Distinct address groups of those whose agreement counts.
 * @example addressGroups([], 100) // -> 0
 */
export function addressGroups(volunteers: readonly CheckerFacts[], rowsNeeded: number): number {
  const counting = volunteers.filter((volunteer) => isEstablished(volunteer, rowsNeeded));
  return new Set(counting.flatMap(({ addressGroup }) => (addressGroup === null ? [] : [addressGroup]))).size;
}
