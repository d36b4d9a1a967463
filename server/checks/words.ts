/** The records of the checks: plain data, stored as they are. How they fit together: docs/how-a-row-becomes-final.md. */

/** What a submitter may be wrong about at one bound: eps of the rows it asked for, less what findings have charged and open blocks hold. */
export interface Account {
  /** eps: the share of wrong final answers that the submitter bears, above 0 and at most 1. */
  readonly answerBound: number;
  /** M: places whose block was opened, or that the coordinator computed since none was; each once. */
  readonly places: number;
  /** Of eps M so many wrong answers are route 1's part. */
  readonly routeOne: number;
  /** Reserves of blocks with a finding, for good. */
  readonly charged: number;
  /** Reserves of all open blocks together. */
  readonly held: number;
}

/** What is known when a block is to be opened. */
export interface BlockAsked {
  /** N */
  readonly rows: number;
  /** A stream: its order is time, so that duplicates cannot hide in it. */
  readonly isOpenJob: boolean;
  /** Are as many address groups ready as the bound asks for, and did most of the tabs not choose the job? (isCrowdReady) */
  readonly hasCrowd: boolean;
  /** R: rows that the submitter has behind it. */
  readonly submitterRows: number;
  /** beta: a limit of the share of partners that work with an author. */
  readonly colluderShare: number;
  /** Other blocks of the account are open, or wait to be opened. */
  readonly othersOpenOrWait: boolean;
  /** May the block wait until other blocks give their reserves back? */
  readonly mayWait: boolean;
  /** Rows that the coordinator may compute of this block, by submitter and operator; null: no cap of theirs. */
  readonly priceMaxRows: number | null;
  /** Its places were counted when they were asked before: M does not grow. */
  readonly isRetry: boolean;
  /** Route 1's part of eps (routeOneShare); of a retry, that of the block it repeats. */
  readonly routeOneShare: number;
}

/** Settled and durable before the block's first row goes out, and never changed. */
export interface BlockTerms {
  /** N */
  readonly rows: number;
  /** q: below it the coordinator answers a coin. */
  readonly anchorShare: number;
  /** h: from q to q + h the crowd does. */
  readonly duplicateShare: number;
  /** q of the block's first `firstRows` answers; what they find beyond c0 counts for nothing. */
  readonly firstAnchorShare: number;
  readonly firstRows: number;
  /** beta */
  readonly colluderShare: number;
  /** c0 = q + h (1 - beta): what the coins find of a lie alone. */
  readonly coinCheckShare: number;
  /** c: what coins and sample find of a lie. */
  readonly checkShare: number;
  /** s: what the sample finds of a lie that the coins missed. */
  readonly sampleShare: number;
  /** (1 - c) / c, in wrong answers. */
  readonly reserve: number;
  /** Rows that the coordinator computes if nobody lies and it draws the sample itself, on average. */
  readonly priceRows: number;
  readonly routeOneShare: number;
}

/** A block of an account. open: its reserve is held; charged: it had a finding; closed: it had none. */
export interface Block {
  readonly terms: BlockTerms;
  readonly state: "open" | "charged" | "closed";
}

/** Why a block was not opened. */
export interface Refusal {
  /** reserve: nothing is free; price: more rows of the coordinator than a block may cost; cap: than submitter or operator allow. */
  readonly why: "reserve" | "price" | "cap";
  /** Null where nothing is free. */
  readonly priceRows: number | null;
  /** The least larger block that would be opened instead; null: more rows do not help. */
  readonly rowsThatSuffice: number | null;
}

export type BlockOpening =
  | { readonly account: Account; readonly block: Block }
  /** Nothing was counted: it would open if reserves that are held now came back, and is asked again when a block has ended. */
  | { readonly account: Account; readonly waits: true }
  /** The block was found too dear: nothing is booked. */
  | { readonly account: Account; readonly refused: Refusal };
