/**
 * Who gives a row its second word. It is settled when the coin is tossed, row by row, so that crowds which shrink, and authors whose address
 * nobody knows, cost trusted rows and never a wrong answer.
 */
import type { RandomSource } from "../../shared/random/random.ts";
import { addressGroupsNeeded } from "../../shared/verify/cross-checks/partners.ts";
import type { CheckLapses } from "./check-lapses.ts";
import type { SecondWord } from "./coins.ts";

/** Volunteers that may be drawn, each by its part; PartnerWeights of server/coordinator is such a crowd. */
export interface DrawableCrowd {
  /** @returns null: none of those that were met is allowed */
  tryDraw(random: RandomSource, isAllowed: (volunteerId: string) => boolean): string | null;
  /** Have most volunteers, and one at least of most address groups, that weight or more? */
  haveMost(weight: number): boolean;
  /** Of partnerWeight; 0: it is not drawn. */
  weightOf(volunteerId: string): number;
}

/**
 * May the crowd check itself at all? As many address groups are ready as the bound asks for, and most tabs are here by chance.
 * @param addressGroups of volunteers that are ready and did not choose the job
 * @param choosers of `tabs`, those that picked this job or refused others
 * @example isCrowdReady({ addressGroups: 6, answerBound: 1e-3, tabs: 8, choosers: 3 }) // -> true
 */
export function isCrowdReady(facts: {
  readonly addressGroups: number;
  readonly answerBound: number;
  readonly tabs: number;
  readonly choosers: number;
}): boolean {
  return facts.addressGroups >= addressGroupsNeeded(facts.answerBound) && 2 * facts.choosers < facts.tabs;
}

/**
 * The coin said `crowd`: does the crowd answer, or does the coordinator?
 * @param author its address group, null where nobody knows it, and whether its device computes finely
 * @example settledBy("crowd", true, { addressGroup: null, isFine: true }) // -> "coordinator"
 */
export function settledBy(
  word: SecondWord,
  isCrowdReadyNow: boolean,
  author: { readonly addressGroup: string | null; readonly isFine: boolean },
): SecondWord {
  if (word !== "crowd") return word;
  return isCrowdReadyNow && author.addressGroup !== null && author.isFine ? "crowd" : "coordinator";
}

/** Whom a row may go to. */
export interface PartnerAsked {
  readonly author: string;
  /** Volunteers that had the row before, and those that dropped the check. */
  readonly notAmong: ReadonlySet<string>;
  /** Of a volunteer's address; null: not known, which is nobody's group. */
  groupOf(volunteerId: string): string | null;
  /** Ready, of fine devices, not named, here by chance, another person than the author. */
  mayCheck(volunteerId: string): boolean;
  /** As of which weight a word counts first: partnerWeight of establishedRows. */
  readonly establishedWeight: number;
}

/**
 * Draws a partner at another known address, among the established ones first where most are that; who let checks lie is met less.
 * @param random secret, of the row and the draw
 * @returns null: the coordinator answers
 * @example drawPartner(crowd, asked, lapses, simulationRandom(1), 0) // -> "bob"
 */
export function drawPartner(
  crowd: DrawableCrowd,
  { author, notAmong, groupOf, mayCheck, establishedWeight }: PartnerAsked,
  lapses: CheckLapses,
  random: RandomSource,
  nowMs: number,
): string | null {
  const group = groupOf(author);
  if (group === null) return null;
  const isAllowed = (volunteerId: string): boolean => {
    const other = groupOf(volunteerId);
    if (volunteerId === author || notAmong.has(volunteerId) || other === null || other === group) return false;
    return mayCheck(volunteerId) && random.uniform() < lapses.shareOf(volunteerId, nowMs);
  };
  const isEstablished = (volunteerId: string): boolean => crowd.weightOf(volunteerId) >= establishedWeight;
  const established = crowd.haveMost(establishedWeight)
    ? crowd.tryDraw(random, (volunteerId) => isEstablished(volunteerId) && isAllowed(volunteerId))
    : null;
  return established ?? crowd.tryDraw(random, isAllowed);
}
