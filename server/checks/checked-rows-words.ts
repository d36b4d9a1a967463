/** What a checked block says to its shell, and what it hears: the shell computes, compares, stores and tells; the block decides. */
import type { Joining } from "../rows/words.ts";

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
export type WordsCompared = "agree" | "differ" | "undecided";

/** An answer of the block that a trusted row contradicts. */
export interface RowFinding {
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
  /** Answers no longer stand: stored as taken out. Final ones among them are told as taken back. `named`: whose they all were, who was named. */
  | {
      readonly type: "takenOut";
      readonly places: readonly number[];
      readonly mixtures: readonly number[];
      readonly named?: string;
    }
  /** The mixture is in; nothing decodes it before `decodable` comes. */
  | {
      readonly type: "mixture";
      readonly claimId: number;
      readonly group: number;
      readonly index: number;
      readonly attempt: number;
      readonly volunteerId: string;
    }
  /** This group may be decoded: each part with mixtures of it had one right. */
  | { readonly type: "decodable"; readonly group: number; readonly missing: readonly number[] }
  | { readonly type: "drop"; readonly claimId: number; readonly sessionId: string; readonly items: readonly number[] }
  | { readonly type: "late"; readonly claimId: number; readonly sessionId: string }
  /** Ten times over: the session is closed, its volunteer rests. */
  | { readonly type: "void"; readonly claimId: number; readonly sessionId: string; readonly volunteerId: string }
  | { readonly type: "ended"; readonly claimId: number; readonly sessionId: string }
  /** The volunteer is to be given nothing for a while. */
  | { readonly type: "rest"; readonly volunteerId: string; readonly why: "silent" | "gaveBack" }
  /** The volunteer let a check lie: CheckLapses.lapsed. (A `compare` in which it is the second says that it answered one.) */
  | { readonly type: "letLie"; readonly volunteerId: string }
  /** A device had a known row wrong: what it answered never enters the block, and it is asked for nothing more. No finding. */
  | { readonly type: "knownWrong"; readonly volunteerId: string; readonly sessionId: string; readonly place: number }
  // Wanted.
  | { readonly type: "recompute"; readonly rows: readonly RowToRecompute[] }
  | {
      readonly type: "compare";
      readonly place: number;
      readonly attempt: number;
      /** null: the coordinator, whose row stands. */
      readonly author: string | null;
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
  | ({ readonly type: "found" } & RowFinding)
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
  /** The block has ended. What stands without a bound is asked again by `askAgain`, if it may be. */
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
export interface DeviceJoins extends Joining {
  /** Known rows of the model that it is to have right before an answer of it enters the block: 0, 1, or 2 where its back-end is unmeasured. */
  readonly knownNeeded?: number;
  /** Does it compute so coarsely that the coordinator answers each of its rows (DP9 fails)? */
  readonly isCoarse?: boolean;
}

/** What was durable of a block that an earlier run had begun. Its rows come with the ledger. */
export interface StoredChecks {
  /** Places whose coin is answered by a partner that agreed, with the attempt that it agreed with. Those of the coordinator are final. */
  readonly vouched?: Iterable<{ readonly place: number; readonly attempt: number; readonly partner: string }>;
  /** Coins of answers that were taken out, and that nobody had answered. */
  readonly openCoins?: Iterable<{ readonly place: number; readonly attempt: number; readonly author: string }>;
  /** Places whose answer the coordinator computes whatever its coin says (rate 1). */
  readonly doubtful?: Iterable<number>;
  readonly isCharged?: boolean;
  /** How often the block's rows were asked again before. */
  readonly timesAsked?: number;
}

/** For the operator's page: rows by what they wait for. */
export interface BlockWaits {
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
