/** What outlives the process of an inference job, beside its answers and its pieces. */

import type { ModelInput } from "../../../shared/compute/model-runtime.ts";
import type { AsItCame } from "../../../shared/kinds/inference/as-it-came.ts";
import type { NotComputed } from "../../../shared/kinds/inference/not-computed.ts";
import type { ErrorsView } from "../../../shared/kinds/inference/sensitivity.ts";
import type { InferenceSubmission } from "../../../shared/kinds/inference/submission.ts";
import type { JobState } from "../../../shared/protocol/job-api.ts";
import type { Commitment } from "../../../shared/receipts/sealed-receipt.ts";
import type { OutputPart } from "../../../shared/verify/compare-rows.ts";
import type { LedgerTerms } from "../../../shared/verify/cross-checks/ledger.ts";
import type { RouteShares } from "../../../shared/verify/cross-checks/split-bound.ts";
import type { Sensitivity } from "../../../shared/verify/sensitivity.ts";
import type { Refusal } from "../../checks/words.ts";
import { type JobCodec, jobCodec } from "../../store/job-record.ts";

/** The code that was chosen for a job with an aim. A job in rounds could have several: each from a round on. */
export interface CodeInForce extends Partial<SizedRounds> {
  queriesPerGroup: number;
  stragglers: number;
  liars: number;
  spares: InferenceSubmission["spares"];
  atMs: number;
  /** Why it was chosen, in a sentence. */
  reason: string;
}

/** [DP12] Of a job in rounds: rounds of one size, from a round on. */
export interface SizedRounds {
  readonly fromRound: number;
  /** Place in the order of the queries at which that round begins. */
  readonly firstPlace: number;
  readonly groupsPerRound: number;
}

/** [SL3] A round of one batch of which the first rows alone were answered: its other rows are the round behind the last one. */
export interface RoundCut {
  readonly roundIndex: number;
  /** Rows that it keeps. */
  readonly rows: number;
}

/** What cross-checks settle before the first row of a job goes out: nothing changes it afterwards. */
export interface CheckTerms {
  /** What part of the job's bound each route may spend. */
  readonly shares: RouteShares;
  /** h: checks that each row meets. */
  readonly checkShare: number;
  /** q0: rows that the coordinator computes unasked; of a stream in its first ledger (StreamTerms). */
  readonly anchorShare: number;
  /** [CC12] How its rows are certified while it runs; absent: it began before that was known, and is certified when it ends. */
  readonly ledger?: LedgerTerms;
  /** [CC14] Of a stream; absent: all of its queries were there when it began. */
  readonly stream?: StreamTerms;
}

export interface StreamTerms {
  /** Of the first ledger of a chain; of each, where a ledger is a chain of its own. */
  readonly ledgerRows: number;
  /** Of a full chain: streamLedgerRows says of how many its ledgers are. Absent: it began when each ledger was a chain of its own. */
  readonly chainRows?: number;
  /** Each ledger has a share of anchors of its own; absent: it began before that was so, and all of them have that of its terms. */
  readonly hasOwnAnchors?: true;
}

/** [CC12] A part of a job with namings of its own, as far as it is certified. */
export interface Ledger {
  readonly openedMs: number;
  /** Rows of its windows below this one are certified: for good, whoever is named later. */
  readonly below: number;
  /**
   * Share of wrong answers among them that were ever certified, in expectation, by all of the job's bound; 1: none is certified. Of a stream:
   * among those of all ledgers of its chain that are certified.
   */
  readonly bound: number;
  /** [CC14] q0 of a stream's ledger, by what the service had behind it when it began; absent: that of the job's terms. */
  readonly anchorShare?: number;
  /** [CC14] Its rows are audited from the first on: somebody was named lately. Absent: they are cross-checked. */
  readonly isAudited?: true;
  /** [CC14] Of a chain, the place of its first ledger among all of the stream; absent: it is a chain of its own. */
  readonly chain?: number;
  /** [CC14] Of a ledger of a chain: that were taken in before it was closed, and that stood when it was certified. Absent: it takes rows. */
  readonly rows?: number;
  /** [CC14] Of the rows of one that is certified the share that was drawn and computed for that; absent: none was. */
  readonly sampledShare?: number;
  /** [CC14] The operator's cap left out an anchor: none of its anchors counts. */
  readonly lacksAnchors?: true;
  /** [CC14] It is never certified: somebody was named in its chain, or its sample would have been too dear. Absent: it is, or may be yet. */
  readonly isGivenUp?: true;
}

/** What a job's namings and checks said of all its answers together when it ended. */
export interface Certificate {
  /** D */
  readonly named: number;
  /** kappa */
  readonly checks: number;
  /** Share of wrong answers among all that were asked for, in expectation. */
  readonly bound: number;
  /** beta, as it was reckoned with. */
  readonly colluderShare: number;
}

export interface StoredCrossChecks {
  /** Key of the job's coins: 32 bytes in lower-case hex. null: of a job that is read from the store, and derives from the job's secret (RC7). */
  readonly secretHex: string | null;
  /** How often it went on after a restart of the coordinator; absent: never. */
  readonly run?: number;
  /** null: its first row has not gone out. */
  readonly terms: CheckTerms | null;
  /** Rows that the coordinator drew unasked, computed and found right. */
  readonly anchors: number;
  /** [CC12] Absent: no window of it was full. */
  readonly ledgers?: readonly Ledger[];
  /** null: it has not ended. */
  readonly certificate: Certificate | null;
}

/** [TB4] What it does again. */
export interface RedoOf {
  readonly jobId: string;
  /** Blob: a `.npy` file of u32, of each of its queries the query of that job. */
  readonly rowsSha256: string;
}

export interface FixedArithmetic {
  /** What computed in its trial (RuntimeDescription.library): another version of it gives other bits. */
  readonly library: string;
  /**
   * Of each number of a row by how much what its checks are computed with differed from tabs' WebAssembly, at most (packDifferences). Absent: no
   * bit differed.
   */
  readonly differences?: string;
}

export interface StoredJob {
  jobId: string;
  /** It runs on the ledger of rows, from its beginning to its end. Absent: on rounds. */
  rows?: true;
  /** Why its submitter's account carries no block of it, or no further one. Absent: it does, or it runs on rounds. */
  refusal?: Refusal;
  /** [CE10] Where its range of the queries, and of the labels, of its whole begins. Absent: it is no part, and has all of them. */
  part?: { readonly firstQuery: number };
  /** [TB4] Absent: it was submitted for itself. */
  redoOf?: RedoOf;
  /** [TB4] Jobs that did rows of it again, or were to: the earliest first. Absent: none. */
  redoneBy?: readonly string[];
  /** With an aim, the code in it is the one that the job began with. */
  submission: InferenceSubmission;
  /** Of a job with an aim: the codes that were in force, the earliest first. Empty: the submission's, all the time. */
  codes: readonly CodeInForce[];
  /** [DP12] Of a job in rounds, the largest first. Absent: it has none, or the codes that were chosen say how large. */
  roundSizes?: readonly SizedRounds[];
  /** [SL3] In the order in which they were made. Absent: none was. */
  cuts?: readonly RoundCut[];
  /** [DP2] [CK1] As of any job. */
  party?: string;
  /** What the submission's source came to. */
  modelSha256: string;
  /** null: a stream, whose queries are pieces. */
  queriesSha256: string | null;
  labelsSha256: string | null;
  /** What its submitter named its rows, and whatever else belongs to its answers; absent: nothing is kept. */
  namesSha256?: string;
  /** Of a stream: queries that are durable. What counts after a restart is its pieces. */
  queryCount: number;
  /** Of a stream: does it take queries still? */
  isOpen: boolean;
  inputSize: number;
  /** What a query is made of, where that is whole numbers or several inputs; undefined: one input of any numbers. */
  inputs?: readonly ModelInput[];
  outputSize: number;
  macsPerQuery: number;
  /** [AS6] Of a model that a tab is long to fetch. */
  modelBytes?: number;
  /** [PC8] What its largest claim takes of a tab, where that is more than any tab has. */
  tabBytes?: number;
  /** [RW2] Rows that a tab's memory bears at once, where fewer than fit in a message. */
  tabRows?: number;
  /** Of `parm`: the model that the parity worker runs. */
  parity: { modelSha256: string; macsPerQuery: number /** As of the model. */; modelBytes?: number } | null;
  /**
   * Of a regression: the rms of the model's outputs over some of the queries, so that a number near zero is no matter of rounding;
   * of a job that asks for all outputs of a model, how many numbers each gives and its own rms.
   */
  outputScale: number | readonly OutputPart[] | null;
  /** Where numbers of one output differ much in size: which are of one size, and the rms of each size; absent: they do not, or nobody looked. */
  sizes?: { readonly groupOf: string /** packGroups (packed-channels.ts) */; readonly floors: readonly number[] };
  inputScale: number;
  /** To the secret that its draws derive from; undefined: it was submitted before there was one, and draws from chance. */
  commitment?: Commitment;
  /** The least that an operator's cap on recomputed rows has been while it ran; undefined: of a job of before. */
  auditShareLeast?: number;
  /** What its models make of rounding; null: it was submitted before that was measured. */
  sensitivity: Sensitivity | null;
  /** [PR111] How its model was compared with its files; undefined: it was submitted before that was. */
  asItCame?: AsItCame;
  /** [PC11] Why only back-ends of fixed arithmetic compute it, in a sentence; absent: cards do too. */
  fixedOnly?: string;
  /** [PC10] How rows of fixed arithmetic are compared; absent: it was submitted before that was measured, or this machine could not measure it. */
  fixed?: FixedArithmetic;
  /** [PC13] Rounding makes too much of its rows elsewhere: tabs of fixed arithmetic alone compute it. Absent: others do too. */
  isFixedOnly?: true;
  /** By how much its answers may be off; absent: as `fixed`. */
  errors?: ErrorsView;
  /** Why nothing checks its answers, in a sentence; null: they are checked as its scheme says. */
  unchecked: string | null;
  /** [CC1] The rules of cross-checks, as they hold for it; null: its results are audited. It ends as it began. */
  crossChecks: StoredCrossChecks | null;
  /** [AS11] Absent: all rows that were tried could be computed. */
  notComputed?: readonly NotComputed[];
  /** Nothing is sent for it any more: its answers cannot be checked, as was found while it ran. null: it goes on. */
  suspended: { readonly atMs: number; readonly reason: string } | null;
  state: JobState;
  error: string | null;
  submittedMs: number;
  finishedMs: number | null;
  /** Grouping order of the queries (queryCount x u32, little-endian), once prepared. A stream has none: see its rounds. */
  orderSha256: string | null;
  auditedRows: number;
  failedAudits: number;
  /** Leave-one-out agreement of estimates with audited answers, for confidences. */
  heldOutAgreed: number;
  heldOutTotal: number;
  /** [VF13] The share of liars reckoned with when it ended, among those with a record: its bounds stay what they were. null: it has not ended. */
  liarShare: number | null;
  /** The same among newcomers; undefined: it has not ended, or ended when both were one. */
  newcomerLiarShare?: number;
}

/** Of a job that nothing has been done of yet. */
export const JUST_SUBMITTED = {
  ...{ sensitivity: null, unchecked: null, crossChecks: null, suspended: null },
  ...{ state: "accepting", error: null, finishedMs: null, orderSha256: null },
  ...{ auditedRows: 0, failedAudits: 0, heldOutAgreed: 0, heldOutTotal: 0, liarShare: null },
} as const satisfies Partial<StoredJob>;

/** A job that ended long ago keeps its labels, for its answers, and lets go of its models and queries. */
const codec = jobCodec<StoredJob>(["modelSha256", "parity", "queriesSha256", "orderSha256"]);

export const inferenceCodec: JobCodec<StoredJob> = {
  ...codec,
  fromRecord: (record) => withoutRounds(codec.fromRecord(record)),
};

/** As earlier versions stored a job: its submission, and its codes, said how large rounds were, and how many were out at a time. */
function withoutRounds(job: StoredJob): StoredJob {
  const { groupsPerRound, roundsInFlight: _inFlight, ...submission } = job.submission as EarlierSubmission;
  const codes = (job.codes as readonly (CodeInForce & { roundsInFlight?: number })[]).map(
    ({ roundsInFlight: _rounds, ...code }) => code,
  );
  if (groupsPerRound === undefined) return { ...job, submission, codes };
  const hasOneSize = job.rows !== true && job.roundSizes === undefined && codes.length === 0;
  const roundSizes = hasOneSize ? { roundSizes: [{ fromRound: 0, firstPlace: 0, groupsPerRound }] } : {};
  return { ...job, ...roundSizes, submission, codes };
}

type EarlierSubmission = InferenceSubmission & { readonly groupsPerRound?: number; readonly roundsInFlight?: number };
