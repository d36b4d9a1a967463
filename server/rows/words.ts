/**
 * The words of the ledger of rows. A *row* has a place in its job, and an *attempt*: how often its answer was taken out. A *claim* is what one
 * session has taken, each item with its *reason*. An *item* is a number: the place of a row, or from MIXTURES_FROM on a mixture of a group.
 */

/**
 * Why somebody is asked.
 *
 * - `fresh`: nobody was asked yet
 * - `again`: whoever had the row failed, left, is late or was named
 * - `beside`: its holder still works; the first answer counts
 * - `check`: somebody answered, this is the second word
 * - `known`: the coordinator has the answer
 * - `spare`: a mixture
 */
export type Reason = "fresh" | "again" | "beside" | "check" | "known" | "spare";

/** Items below are places of rows. */
export const MIXTURES_FROM = 2 ** 40;
/** Mixtures that a group has at most. */
export const MIXTURES_MAX = 2 ** 10;

/** @example mixtureItem(3, 1) // -> 1099511630849 */
export function mixtureItem(group: number, index: number): number {
  return MIXTURES_FROM + group * MIXTURES_MAX + index;
}

/** @example isMixture(mixtureItem(0, 0)) // -> true */
export function isMixture(item: number): boolean {
  return item >= MIXTURES_FROM;
}

/** @example groupOfMixture(mixtureItem(3, 1)) // -> 3 */
export function groupOfMixture(item: number): number {
  return Math.floor((item - MIXTURES_FROM) / MIXTURES_MAX);
}

/** @example indexOfMixture(mixtureItem(3, 1)) // -> 1 */
export function indexOfMixture(item: number): number {
  return (item - MIXTURES_FROM) % MIXTURES_MAX;
}

/** A part has at least so many rows, or the claim's rest: fewer cost more to sign and to send than they are worth. */
export const MIN_PART_ROWS = 5;

/** All that the ledger knows of coding: what a group is made of. */
export interface GroupRule {
  /** K, the rows of a group; the last group of a band may have fewer. */
  readonly rows: number;
  /** Mixtures (or copies) beside them, MIXTURES_MAX at most. */
  readonly mixtures: number;
  /**
   * May one volunteer have several members of a group? `no`: as many as it likes. `open`: never two that are open at once, and a second one only
   * if it finds nothing else, so that one lost tab loses one member. `votes`: never, for one volunteer has one vote.
   */
  readonly apart: "no" | "open" | "votes";
  /** Do rows go out as they are? Schemes of which mixtures alone are computed say false. */
  readonly goesOutPlain: boolean;
  /** Do mixtures go out before rows? */
  readonly mixturesFirst?: boolean;
  /** Is a claim made of rows or of mixtures, never of both? So it is where another model computes the mixtures. */
  readonly mixturesApart?: boolean;
  /**
   * Can what is missing be estimated, or has the vote a majority?
   * @param rowsIn rows that are answered; a row that a smaller last group lacks counts as one of them
   */
  isDecodable(rowsIn: number, mixturesIn: number): boolean;
}

/** Every row by itself. */
export const UNCODED: GroupRule = {
  ...{ rows: 1, mixtures: 0, apart: "no", goesOutPlain: true },
  isDecodable: () => false,
};

export interface ClaimItem {
  readonly item: number;
  /** Of the row when the claim was opened; of a mixture how often it was taken out. */
  readonly attempt: number;
  readonly reason: Reason;
  /** Is its answer still waited for? */
  readonly isOpen: boolean;
}

/** What one session has taken. The claim begins when the one before it has ended. */
export interface LedgerClaim {
  readonly claimId: number;
  readonly sessionId: string;
  readonly volunteerId: string;
  readonly items: readonly ClaimItem[];
  readonly openCount: number;
  readonly takenMs: number;
  readonly begunMs: number | null;
  /** From then on the claim is late. Infinite until it begins. */
  readonly dueMs: number;
  readonly isLate: boolean;
  /** Were items left out or released? Then its time measures nobody. */
  readonly isCut: boolean;
}

/** What follows from a call. Nothing is told twice. */
export type LedgerEffect =
  /** The answer stands. */
  | { readonly type: "accepted"; claim: LedgerClaim; place: number; attempt: number; volunteerId: string }
  /** The answer to a check. @property author of the answer that is checked, which may have been taken out meanwhile */
  | {
      readonly type: "secondWord";
      claim: LedgerClaim;
      place: number;
      attempt: number;
      author: string;
      volunteerId: string;
    }
  /**
   * Another answer to a row that is answered, or an answer for an earlier attempt, or to a check that was drawn anew. It is compared, and
   * counts for nothing where it agrees.
   * @property author of the answer that stands now; null: none does, or it is the coordinator's or the code's
   */
  | {
      readonly type: "surplus";
      claim: LedgerClaim;
      place: number;
      attempt: number;
      author: string | null;
      volunteerId: string;
    }
  | { readonly type: "known"; claim: LedgerClaim; place: number; volunteerId: string }
  | { readonly type: "mixture"; claim: LedgerClaim; group: number; index: number; attempt: number; volunteerId: string }
  /** @property missing places of the group that have no answer; where rows do not go out plain they count as answered by the code */
  | { readonly type: "decodable"; group: number; missing: number[] }
  /** All its items are answered, left out or released: its coins are tossed now. */
  | { readonly type: "ended"; claim: LedgerClaim }
  /** Its tab may leave them out: somebody else was first. Five at least, or the end of the claim. */
  | { readonly type: "drop"; claim: LedgerClaim; items: number[] }
  | { readonly type: "late"; claim: LedgerClaim }
  /** Ten times over. Its session has left the ledger and is to be closed. */
  | { readonly type: "void"; claim: LedgerClaim }
  /** The volunteer is to be given nothing for a while. `gaveBack`: it gave back or left out more than it answered. */
  | { readonly type: "rest"; volunteerId: string; why: "silent" | "gaveBack" }
  /** A check whose partner is gone, late, gave it back or has not begun it in time: another one is drawn. */
  | { readonly type: "checkFree"; place: number; attempt: number; notBy: string }
  /** What stood of a volunteer that was named waits again. */
  | { readonly type: "takenOut"; volunteerId: string; places: number[]; mixtures: number[] };

export type RowState = "waiting" | "out" | "answered" | "final";

/** An answer that was durable before a restart. */
export interface RestoredRow {
  readonly place: number;
  readonly attempt: number;
  /** null: the coordinator, and the row is final; or the code. */
  readonly author: string | null;
  readonly isFinal: boolean;
  /** The answer is an estimate of the code, which is never final. */
  readonly isByCode?: boolean;
}

/** How large claims are. */
export interface ClaimSizes {
  /** What a claim should take its tab, ms. */
  readonly targetMs: number;
  /** Rows of a claim while nobody's pace is known. */
  readonly firstRows: number;
  readonly rowsMax: number;
  /** Of a tab's fair share of what waits a claim takes at most this part. */
  readonly fairPart: number;
  /** Tabs of which nothing is known, or that were silent, get this part. */
  readonly unknownPart: number;
  /** Claims that the coordinator bears each second: with more tabs targetMs grows. */
  readonly claimsPerSecondMax: number;
  readonly claimsPerTab: number;
  /** Of a claim at most this part are checks while other rows wait. */
  readonly checkPart: number;
}

export interface LedgerOptions {
  readonly rowCount: number;
  /** The code of all bands. */
  readonly rule: GroupRule;
  /** The code of a band, asked once, when the band is opened; `rule` where it is left out. */
  readonly ruleOf?: (band: number) => GroupRule;
  /** Rows of a band, about; 512 where left out. */
  readonly bandRows?: number;
  /** An open job's order is time: it has no secret one. */
  readonly isOpen?: boolean;
  /** 32 secret bytes: rows go out in an order that derives from them. null: in the order of their places. */
  readonly orderKey: Uint8Array | null;
  /** In place of such an order: the places of the job, each once, groups one after the other. */
  readonly order?: readonly number[] | null;
  readonly sizes?: Partial<ClaimSizes>;
  /** After a restart: what was durable. Rows that were out wait again. */
  readonly answered?: Iterable<RestoredRow>;
  /** Attempt of rows that are not among `answered`, and least next attempt of those: more than any of an earlier run. 0 where left out. */
  readonly firstAttempt?: number;
}

/** A tab that may take claims. */
export interface Joining {
  readonly sessionId: string;
  /** The volunteer's name, the same for all of its sessions. */
  readonly volunteerId: string;
  /** null: nothing is known of its speed at this model. */
  readonly rowsPerMs: number | null;
  /** How far answers of the crowd are above their own tab's usual time, third quartile; for as long as this job has measured too few. */
  readonly latenessQuartile?: number;
  /** What its first claim takes beside its rows (the model's download), ms: its deadline is so much later, its time measures nothing. */
  readonly setUpMs?: number;
}

/**
 * May this session have such an item for that reason? Asked about rows that a naming put back (CC10): for `again` about the first of them, and
 * what holds of it holds of all; for `beside` about each. And (WC3) for `check` about the first that waits for it.
 */
export type MayHave = (item: number, reason: Reason) => boolean;

export interface LedgerCounts {
  readonly rows: number;
  /** Nobody has been asked for them yet. */
  readonly fresh: number;
  /** Rows and mixtures that wait for another holder. */
  readonly again: number;
  /** Answered or final. */
  readonly answered: number;
  readonly final: number;
  /** Checks that lie in the queues of their partners. */
  readonly checksWaiting: number;
}
