/**
 * What an inference job on the ledger of rows asks the shell for, what comes of it, and what is written of it. The core says which rows; bytes stay with
 * the job's engine. A place is a query of the job, 0 to N - 1; an attempt says how often its answer was taken out.
 */
import type { BackendClass } from "../../../../shared/verify/compare-rows.ts";
import type { RowsLooked } from "../../../../shared/verify/model-class.ts";
import type { RecomputeReason } from "../../../checks/checked-rows-words.ts";
import type { Account, Block } from "../../../checks/words.ts";
import type { Judged, NumericsFailure, RestoredInference } from "../core/work.ts";

/** So many of a stream's queries are durable, and whether it takes more. */
interface AnswerStream {
  readonly type: "answerStream";
  readonly queryCount: number;
  readonly isOpen: boolean;
  /** Queries from there on were refused, and why; null: none were. */
  readonly refusedFrom: number | null;
  readonly problem: string | null;
}

/** A row in one of its attempts. */
export interface RowAttempt {
  readonly place: number;
  readonly attempt: number;
}

/** A mixture of a group, or a copy of its row: the item's place is its number in the ledger. */
export interface MixtureOf {
  readonly group: number;
  readonly index: number;
  /** Of the group's rows, in the order in which the code has them. */
  readonly places: readonly number[];
}

/** A group of which enough is answered. */
export interface GroupToDecode {
  readonly group: number;
  readonly places: readonly number[];
}

/** What a row of a claim is for. Its tab is told neither this nor the attempt: all rows of a claim look alike. */
export interface ClaimRow extends RowAttempt {
  /** answer: its bytes may become the job's. word: somebody answered it, this is the second word. known: the coordinator has its answer. */
  readonly as: "answer" | "word" | "known";
  /** Of a mixture; absent: it is a row. */
  readonly of?: MixtureOf;
}

/** The payload of an assignment: rows of one claim, in the order in which they go out. The engine makes the frame of it. */
export interface RowClaim {
  readonly isRows: true;
  readonly claimId: number;
  readonly rows: readonly ClaimRow[];
  /** The model that computes them: the job's, or the one that its mixtures have. */
  readonly modelSha256: string;
  /** What its session computes the model with, as it says, before it has answered. */
  backend: string;
}

/** Of `sliceArrived`: these rows of the claim are held, and its tab is still at it. They count at once. */
export interface HeldRows {
  readonly type: "rows";
  /** Indices into the claim's rows, each told once. */
  readonly rows: readonly number[];
  /** Absent: none is in doubt, whatever its device. */
  readonly doubts?: RowDoubts;
}

/**
 * [PC1] [VF16] By class of device the rows (indices into the claim) that are not final on the word of one of that class: their label is open within its
 * tolerance, or they are not all numbers.
 */
export type RowDoubts = Readonly<Partial<Record<BackendClass, readonly number[]>>>;

/** What an answer that stands is worth. unchecked: nothing checks it. non-finite: neither a tab nor the coordinator has numbers for it. */
export type RowMark = "exact" | "checked" | "estimated" | "unchecked" | "non-finite";

/** Whose word is compared with a row that the coordinator computes. */
export interface WordOf {
  readonly volunteerId: string;
  /** What its device is taken for, and whether it was measured to be as fine as that: its tolerance (PC rules). */
  readonly precision: BackendClass;
  readonly isFine: boolean;
}

export type RowsWork =
  /** Its data is loaded; outcome `rowsPrepared` or `prepareFailed`. */
  | { readonly type: "prepareRows" }
  /**
   * Rows of a held part are what they went out for from now on: answers are the job's (they stand in for the place, the answer before them, of an earlier
   * attempt, is kept as a word until its coins are answered), words are kept beside the answer. No outcome. The claim's other bytes stay held.
   * isSurplus: somebody else's answer stands; these are kept as words.
   */
  | {
      readonly type: "takeRows";
      readonly assignmentId: number;
      readonly volunteerId: string;
      /** What its device is taken for: it is stored with the answer. */
      readonly precision: BackendClass;
      readonly answers: readonly RowAttempt[];
      readonly words: readonly RowAttempt[];
    }
  /** Mixtures of a held part are kept until their group is decoded. No outcome. */
  | {
      readonly type: "takeMixtures";
      readonly assignmentId: number;
      readonly volunteerId: string;
      readonly precision: BackendClass;
      readonly mixtures: readonly (RowAttempt & Pick<MixtureOf, "group" | "index">)[];
    }
  /** These were wrong, or whose they are was named. No outcome. */
  | { readonly type: "dropMixtures"; readonly items: readonly number[] }
  /** What their mixtures and rows say of the rows without an answer; outcome `groupsDecoded`, or `decodeFailed`. It is held until it is taken. */
  | { readonly type: "decodeGroups"; readonly groups: readonly GroupToDecode[] }
  /** What a decode said of these rows is told. No outcome. */
  | { readonly type: "takeDecoded"; readonly rows: readonly RowAttempt[] }
  /** Rows of a held part whose answers the coordinator has; outcome `knownLooked`. */
  | {
      readonly type: "lookKnown";
      readonly assignmentId: number;
      readonly of: WordOf;
      readonly places: readonly number[];
    }
  /**
   * [PC5] Its device had a known row wrong: more of what it answered is held against the coordinator's own rows, which are the job's answers from then on.
   * Outcome `lookedCloser`, or `lookKnownFailed`.
   */
  | {
      readonly type: "lookCloser";
      readonly assignmentId: number;
      readonly of: WordOf;
      readonly rows: readonly RowAttempt[];
    }
  /** The coordinator computes these rows; with each come the words about it, whoever gave them. Outcome `recomputed`, or `recomputeFailed`. */
  | { readonly type: "recompute"; readonly rows: readonly RecomputeRow[] }
  /** The word of the second is compared with the answer of the author; outcome `compared`. */
  | { readonly type: "compare"; readonly pairs: readonly ComparePair[] }
  /** [VF15] Rows in which these volunteers differ are computed again before anybody is named; outcome `rowsConfirmed`, or `confirmRowsFailed`. */
  | {
      readonly type: "confirmRows";
      readonly volunteerIds: readonly string[];
      /** Of these, who may have computed them on a card. */
      readonly onCards: readonly string[];
      readonly rows: readonly RowAttempt[];
    }
  /** Their answers stand no longer, and wait for the attempt that is told: until then they are no answers. Bytes are kept as words: their coins are still answered. No outcome. */
  | { readonly type: "takeOut"; readonly rows: readonly RowAttempt[] }
  /** [PR113] Of that claim the first rows are needed, and none behind them that its tab has not begun. No outcome. */
  | {
      readonly type: "leaveOut";
      readonly assignmentId: number;
      readonly sessionId: string;
      readonly rowsNeeded: number;
    }
  /** [VF14] No answer of the job counts as checked any more, or ever will. */
  | { readonly type: "uncheck" }
  /** Of an open job: how many rows are durable, and whether it takes more. No outcome. */
  | AnswerStream;

export interface RecomputeRow extends RowAttempt {
  /** failed: [AS11] volunteers failed at it. own: what an account cannot carry the coordinator computes itself. */
  readonly why: RecomputeReason | "failed" | "own" | "estimate";
  /** What is compared with it, as far as it is held. */
  readonly words: readonly WordOf[];
  /** Of a mixture; absent: it is a row. */
  readonly of?: MixtureOf;
}

export interface ComparePair extends RowAttempt {
  readonly author: WordOf;
  readonly second: WordOf;
}

/** What a volunteer gave for a row that the coordinator computed. */
export interface RowWord {
  readonly volunteerId: string;
  /** Of its answer: an earlier attempt's is a finding all the same. */
  readonly attempt: number;
  /** Within the tolerance of what its device is taken for. */
  readonly isRight: boolean;
  /** Within the wide tolerance alone. */
  readonly isCoarse?: true;
  /** The answer is the right one of another row. */
  readonly isAnothers?: true;
}

export type RowsOutcome =
  /**
   * rowMs: what a row of its model takes the coordinator, as far as that was measured; null: it was not. order: its places, groups of queries that are
   * alike one after the other in a secret order; null: nobody sought what is alike.
   */
  | { readonly type: "rowsPrepared"; readonly rowMs: number | null; readonly order: readonly number[] | null }
  /** The coordinator could not make the rows of a claim: its tab has never heard of it. */
  | { readonly type: "claimNotSent"; readonly assignmentId: number; readonly message: string }
  | {
      readonly type: "knownLooked";
      readonly assignmentId: number;
      readonly volunteerId: string;
      readonly rows: readonly { readonly place: number; readonly looked: keyof RowsLooked }[];
    }
  | {
      readonly type: "lookedCloser";
      readonly rows: readonly (RowAttempt & {
        readonly looked: keyof RowsLooked;
        /** It is the right answer of another row. */
        readonly isAnothers?: true;
        readonly notComputed?: string;
      })[];
    }
  | ({ readonly type: "lookKnownFailed"; readonly assignmentId: number } & NumericsFailure)
  | {
      readonly type: "recomputed";
      readonly rows: readonly (RowAttempt & {
        readonly words: readonly RowWord[];
        /** [AS11] Why the coordinator has no numbers for it either; absent: it has, and they stand for the row (exact). */
        readonly notComputed?: string;
        /** [SC3] Of a row that was asked for to measure that: does the estimate that stood for it say the same? */
        readonly estimateAgreed?: boolean;
      })[];
    }
  | ({ readonly type: "recomputeFailed" } & NumericsFailure)
  | {
      readonly type: "compared";
      readonly pairs: readonly (RowAttempt & {
        readonly author: string;
        readonly second: string;
        readonly found: "agree" | "differ" | "undecided";
      })[];
    }
  | ({ readonly type: "compareFailed" } & NumericsFailure)
  | { readonly type: "groupsDecoded"; readonly groups: readonly DecodedRows[] }
  | ({ readonly type: "decodeFailed" } & NumericsFailure)
  | { readonly type: "rowsConfirmed"; readonly judged: readonly Judged[] }
  | ({ readonly type: "confirmRowsFailed" } & NumericsFailure);

/** What a decode says of a group. */
export interface DecodedRows {
  readonly group: number;
  /** Rows that it answers. by: whose answer it is; null: nobody's alone, for the code or a majority says so. */
  readonly answered: readonly { readonly place: number; readonly mark: RowMark; readonly by: string | null }[];
  /** Of a vote without a majority: how many have voted. null: it has one, or none is needed. */
  readonly undecided: number | null;
  /** [RC1] Whose answers the scheme itself rejected: losers of the majority, and whom the published locator names. */
  readonly rejected: readonly string[];
}

/**
 * A row of the durable table: its bytes are those that the engine holds for it when the record is written (`storeRecords`). One replaces the one before it of
 * the same place.
 */
export interface RowEntry extends RowAttempt {
  /** Its volunteer; COORDINATOR (core/job.ts): the coordinator's own answer, exact and final. null: taken out, no answer stands. */
  readonly author: string | null;
  readonly mark: RowMark;
  /** Who agreed with it as its coin's partner, COORDINATOR too: the coin is answered. Absent: nobody has. */
  readonly partner?: string;
}

/** A block as it is stored: rows of one job that are certified together. */
export interface StoredBlock {
  readonly blockId: number;
  /** all: of the job. Else those that an earlier block of it left unsettled; of an open job those that come are of it too. */
  readonly places: "all" | readonly number[];
  readonly block: Block;
  /** How often its rows were asked again before: 0 of the first block of a job. */
  readonly timesAsked: number;
  /** What its certificate says: checks that each answer met, and rows that were drawn; null: it has none. */
  readonly certificate: { readonly checkShare: number; readonly sampled: number } | null;
  /** Of an open job: rows before this one are counted on its account. */
  readonly counted?: number;
  /** Likewise: by which the oldest of its answers were checked that were not final when this was written; absent: as its terms say. */
  readonly oldest?: Block["terms"];
}

/** Of one submitter and one bound (`accountKey`), over all of its jobs. */
export interface StoredAccount {
  readonly key: string;
  readonly account: Account;
}

export type RowsRecord =
  | { readonly type: "rows"; readonly rows: readonly RowEntry[] }
  /** Written before the first row of its block goes out, before a finding of it is told, and with its certificate. */
  | { readonly type: "block"; readonly block: StoredBlock }
  /** Of the service, though a job's step wrote it. */
  | {
      readonly type: "account";
      readonly account: StoredAccount;
      /** [CK2] Of it, what other coordinators have booked since this one began. */
      readonly news?: Account | undefined;
      /** It takes of what is free: refused where others have booked that. */
      readonly takes: boolean;
    }
  /** Certified: these answers are final, within the bound of their block. Told once that is durable. */
  | { readonly type: "final"; readonly blockId: number; readonly places: readonly number[] };

/** What became durable of such a job. */
export type RowsPurpose =
  /** [CC2] It goes on after a restart. */
  | { readonly type: "runBegun" }
  | { readonly type: "rowsPrepared" }
  /** Its block is open, the reserve held: rows may go out. */
  | {
      readonly type: "blockOpened";
      readonly blockId: number;
      readonly places: StoredBlock["places"];
      readonly timesAsked: number;
    }
  /** Its account carries no block of so many rows. */
  | { readonly type: "refused" }
  | { readonly type: "charged"; readonly blockId: number }
  | { readonly type: "rowsTaken"; readonly credited: readonly string[] }
  | { readonly type: "certified"; readonly blockId: number }
  /** left: places that nobody had answered when it was called off, and that do not count any more. */
  | { readonly type: "blockEnded"; readonly blockId: number; readonly left: number }
  /** [SM2] Rows before that place are durable. */
  | { readonly type: "rowsPosted"; readonly endPlace: number }
  /** No more rows are posted. */
  | { readonly type: "rowsClosed" }
  /** A block of an open job begins, newRows of which count on its account from now on. */
  | {
      readonly type: "openBlockOpened";
      readonly blockId: number;
      readonly newRows: number;
      readonly placesAgain: readonly number[];
      readonly timesAsked: number;
    }
  /** [CK14] A window of it begins. before: the block as it was. */
  | {
      readonly type: "windowOpened";
      readonly blockId: number;
      readonly newRows: number;
      readonly before: StoredBlock;
    }
  /** Likewise, of a job that ends without the end of its block, or goes on unchecked. */
  | { readonly type: "placesLeft"; readonly blockId: number; readonly left: number }
  | { readonly type: "rowsSuspended" }
  /** [PC11] No card computes it from now on. */
  | { readonly type: "cardsLeftOut" }
  /** [SC3] */
  | { readonly type: "estimatesMeasured" };

export type RowsTimer =
  /** The ledger looks at what is late. */
  | { readonly type: "ledgerTick" }
  /** [AS12] Volunteers failed, and nobody has answered since. */
  | { readonly type: "rowsUnanswered" }
  /** Of an open job: rows have waited long enough for a group; nobody posts; a window's time is over. */
  | { readonly type: "groupDue" }
  | { readonly type: "rowsIdle" }
  | { readonly type: "openWindowDue" };

/** A job on the ledger that is in the store. */
export interface RestoredOnRows extends RestoredInference {
  /** Of one that goes on what is durable of its rows; absent: nothing. */
  readonly onRows?: RestoredRows;
}

export interface RowAsStored extends RowEntry {
  readonly isFinal: boolean;
  /** [PC1] As RowDoubts: it is not final on the word of its author. */
  readonly isDoubtful?: true;
}

/** What the store has of the rows of a job. */
export interface RestoredRows {
  /** Of every place that was ever answered. */
  readonly rows: readonly RowAsStored[];
  readonly blocks: readonly StoredBlock[];
  /** Answers that were taken out before anybody had answered their coin. */
  readonly openCoins?: readonly (RowAttempt & { readonly author: string })[];
}
