/** What a checked block says to its shell, and what it hears: the shell computes, compares, stores and tells; the block decides. */

/** Why the coordinator computes a row. `route`: route 1 lacks a trusted row. `known`: devices are measured by it. `doubt`: rate 1 */
export type RecomputeReason = "coin" | "doubt" | "difference" | "redraw" | "sample" | "known" | "mixture" | "route";

/** A row that the coordinator is to compute. */
export interface RowToRecompute {
  /** Of a mixture its item, MIXTURES_FROM at least. */
  readonly place: number;
  /** An earlier one than the row's present attempt: the answer was taken out, its coin was not. */
  readonly attempt: number;
  readonly why: RecomputeReason;
}

/** What a volunteer had answered beside the coordinator's row. All that the shell holds of the place are told, of whichever attempt. */
export interface TrustedWord {
  readonly volunteerId: string;
  readonly attempt: number;
  readonly isRight: boolean;
  /** Does no device compute so? Only then may the volunteer be named; a finding is a wrong answer all the same. */
  readonly isBeyondDoubt: boolean;
}

/** `undecided`: the two are too far apart for their devices to agree, too near to differ: the coordinator computes the row. */
export type Comparison = "agree" | "differ" | "undecided";

/** An answer of the block that a trusted row contradicts. */
export interface Finding {
  readonly volunteerId: string;
  readonly place: number;
  readonly attempt: number;
  readonly isBeyondDoubt: boolean;
  /** Whose second word differed first; null: the coordinator found it alone. */
  readonly partner: string | null;
}

/**
 * Effects, in the order in which they are to be carried out. `charge` is durable before what follows is told or carried out. What the
 * shell is asked for comes back by the method of the same name.
 */
export type CheckEffect =
  // Told.
  /** The answer stands at its place: stored, credited, and told as not final. */
  | {
      readonly type: "accepted";
      readonly claimId: number;
      readonly place: number;
      readonly attempt: number;
      readonly volunteerId: string;
    }
  /** A partner agreed: its word is stored (the coin is answered) and credited. `partner` null: the coordinator found the answer right. */
  | {
      readonly type: "vouched";
      readonly place: number;
      readonly attempt: number;
      readonly author: string;
      readonly partner: string | null;
    }
  /** The coordinator's answer stands at the place now, exact and final. */
  | { readonly type: "exact"; readonly place: number }
  /** Answers no longer stand: stored with their next attempt. `isTold`: final ones among them are told as taken back. */
  | { readonly type: "takenOut"; readonly places: readonly number[] }
  /** A volunteer may decode this group: each claim of its mixtures had one right. */
  | { readonly type: "decodable"; readonly group: number; readonly missing: readonly number[] }
  /** A claim's mixtures were wrong: they are left out of the group. */
  | { readonly type: "mixturesWrong"; readonly claimId: number; readonly items: readonly number[] }
  | { readonly type: "drop"; readonly claimId: number; readonly sessionId: string; readonly items: readonly number[] }
  | { readonly type: "late"; readonly claimId: number; readonly sessionId: string }
  /** Ten times over: the session is closed, its volunteer rests. */
  | { readonly type: "void"; readonly claimId: number; readonly sessionId: string; readonly volunteerId: string }
  | { readonly type: "ended"; readonly claimId: number; readonly sessionId: string }
  /** A partner let checks lie three times in a row. */
  | { readonly type: "rest"; readonly volunteerId: string }
  // Wanted.
  | { readonly type: "recompute"; readonly rows: readonly RowToRecompute[] }
  | {
      readonly type: "compare";
      readonly place: number;
      readonly attempt: number;
      readonly author: string;
      readonly second: string;
      readonly claimId: number;
    }
  /** Compare the answer to a known row with the coordinator's. */
  | {
      readonly type: "compareKnown";
      readonly place: number;
      readonly volunteerId: string;
      readonly sessionId: string;
      readonly claimId: number;
    }
  | ({ readonly type: "found" } & Finding)
  /** Once a block, at its first finding, before it. */
  | { readonly type: "charge" }
  /** These answers are final within eps; `isLast`: the block has ended, its reserve is given back. */
  | {
      readonly type: "certified";
      readonly places: readonly number[];
      readonly checkShare: number;
      readonly sampled: number;
      readonly isLast: boolean;
    }
  /** The block has ended. What stands without a bound is asked again by `askAgain`, or left as it is by `leaveAsItIs`. */
  | {
      readonly type: "notCertified";
      readonly unsettled: readonly number[];
      readonly isCharged: boolean;
      readonly mayAskAgain: boolean;
    };

/** Who gives second words. The trust layer keeps it: weights, address groups, who chose the job, who rests. */
export interface PartnerSource {
  /** One that is ready, computes finely and is of another address group than the author. @returns null: the coordinator */
  draw(author: string, notAmong: ReadonlySet<string>): string | null;
  /** Are as many address groups ready as eps asks for, and did most tabs not choose the job? */
  isCrowdReady(): boolean;
  /** Of the volunteer's address; null: not known. */
  groupOf(volunteerId: string): string | null;
}

/** A device that comes. */
export interface DeviceJoins {
  readonly sessionId: string;
  readonly volunteerId: string;
  readonly rowsPerMs: number | null;
  readonly latenessQuartile?: number;
  /** Known rows of the model that it is to have right before an answer of it enters the block: 0, 1, or 2 where its back-end is unmeasured. */
  readonly knownNeeded?: number;
  /** Does it compute so coarsely that the coordinator answers each of its rows (DP9 fails)? */
  readonly isCoarse?: boolean;
}

/** A row of an earlier run. */
export interface StoredCheckedRow {
  readonly place: number;
  readonly attempt: number;
  /** null: the coordinator. */
  readonly author: string | null;
  readonly isFinal: boolean;
  /** Who agreed with it as its coin's partner; the coin is answered. */
  readonly partner?: string;
  /** Had its claim or the coordinator others before: nobody of these is its partner. */
  readonly earlier?: readonly string[];
}

/** A block of an earlier run. */
export interface StoredBlock {
  readonly rows: Iterable<StoredCheckedRow>;
  /** Coins of answers that were taken out, and that nobody had answered. */
  readonly openCoins?: Iterable<{ readonly place: number; readonly attempt: number; readonly author: string }>;
  readonly isCharged?: boolean;
  readonly timesAsked?: number;
}

/** For the operator's page. */
export interface Waits {
  /** Second words of partners that are out or in their queues. */
  readonly partners: number;
  readonly coordinator: number;
  readonly comparisons: number;
  /** Claims that have not ended. */
  readonly claims: number;
  /** Answers of devices whose known row is not compared. */
  readonly known: number;
  /** When the oldest answer that is not final came in, ms; null: there is none. */
  readonly oldestMs: number | null;
}

/** What route 1 knows of a volunteer in this block. */
export interface VolunteerFacts {
  /** Answers that stand, are not final and were not recomputed. */
  readonly standing: number;
  /** Rows of it that the coordinator found right. */
  readonly trustedRight: number;
  /** Second words that agreed with it, by partner. Those of the named are taken out. */
  readonly secondWords: ReadonlyMap<string, number>;
}
