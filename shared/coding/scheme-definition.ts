/**
 * What a coding scheme says of itself. Schedulers, checks, planner, form, command line and docs ask these fields and never a
 * scheme's name. Every field has to be said, so the compiler points a new scheme at each of them; schemes/schemes.ts lists
 * all schemes, and scheme.contract.ts holds each of them to what it says.
 */
import type { CodingScheme, SchemeParameters } from "./scheme.ts";

/**
 * audits: results are recomputed in part before they count.
 * votes: volunteers are compared with each other.
 * none: results are believed, as the papers' baselines do.
 */
export type Verification = "audits" | "votes" | "none";

/**
 * none: every answer is the model's own, or missing.
 * told: every estimate is told, as the papers' codes do.
 * withheld: estimates are measured on rows that were left out and compared with those of answered neighbours; one that is
 *   less sure than the job's floor is withheld, and its query asked again.
 */
export type EstimatePolicy = "none" | "told" | "withheld";

/** A bound on S or E below the bounds that all schemes share, and why it is there. */
export interface CountBound {
  readonly most: number;
  readonly because: string;
}

/** What workers beyond K do: hold mixtures of the queries (parities), or compute lost batches again (backups). */
export type Spares = "parities" | "backups";

/** What the dial knows of a job and its crowd when it asks which S and E are worth a look for groups of K. */
export interface DialQuestion {
  readonly queriesPerGroup: number;
  readonly volunteers: number;
  /** E where liars have to be reckoned with. */
  readonly liars: number;
  /** May estimates stand in this job? In an exact job every query is computed as it is, and mixtures are work on top. */
  readonly usesMixtures: boolean;
}
export interface DialSetting {
  readonly stragglers: number;
  readonly liars: number;
  readonly spares: Spares;
}

/** A code as far as words about it go. */
export interface CodeInWords {
  readonly queriesPerGroup: number;
  readonly stragglers: number;
  readonly liars: number;
  /** Does a round begin with mixtures? */
  readonly sendsMixtures: boolean;
}

export interface SchemeWords {
  /** One or two sentences below the form's choice of schemes. */
  readonly describe: string;
  /** What follows "<name>: " in help and docs, without a full stop. */
  readonly inShort: string;
  /** The code of an estimate or a plan, such as "copies of two, no parities". */
  code(code: CodeInWords): string;
}

export interface SchemeDefinition {
  /** As submissions, the command line and receipts name the scheme; the key of its line in schemes.ts. */
  readonly name: string;

  /** N for K, S and E, which the caller has checked (makeScheme). */
  workerCountOf(parameters: SchemeParameters): number;
  make(parameters: SchemeParameters): CodingScheme;
  /** null: as many as a round has workers. */
  readonly stragglerBound: CountBound | null;
  readonly liarBound: CountBound | null;

  /** @param liarCount E */
  verificationOf(liarCount: number): Verification;
  /** Can a job end with the model's own answer, audited, for every query? Else its estimates stay. */
  readonly canEndExact: boolean;
  readonly estimates: EstimatePolicy;
  /** Are like queries grouped, and places of the code dealt in secret? The papers' codes take queries as they come. */
  readonly groupsByLikeness: boolean;
  /** Must the workers of a round be different volunteers, because votes or an error locator mean nothing otherwise? */
  readonly needsDistinctVolunteers: boolean;
  /** May a group be smaller than K, down to one query? A stream's window that is not full is such a group; else it is filled up. */
  readonly groupsMayShrink: boolean;
  /** May the workers beyond K be backups instead of holding mixtures, as the setting `spares` says? */
  readonly hasSpares: boolean;
  /** Is a coded query a sum of several? Whole numbers, such as places in a vocabulary, must not go through such a scheme. */
  readonly mixesRows: boolean;

  /** Optional settings that mean something here. locator: with E > 0. parityModel: with S > 0. */
  readonly takes: { readonly locator: boolean; readonly parityModel: boolean };
  /** What the form sets when a person chooses the scheme: beside files of their own, and beside the built-in sample. */
  readonly formSettings: { readonly own: FormSettings; readonly sample: FormSettings };
  /** The S and E that the planner may try for a group size; null: the planner never proposes the scheme. */
  dialSettings: ((question: DialQuestion) => DialSetting[]) | null;

  readonly words: SchemeWords;
}

export interface FormSettings {
  readonly queriesPerGroup?: number;
  readonly stragglers?: number;
  readonly liars?: number;
}

/**
 * Words for a code of a scheme that has none of its own.
 * @example settingsInWords("parm", { queriesPerGroup: 8, stragglers: 1, liars: 0, sendsMixtures: true }) // -> "parm, K = 8, S = 1, E = 0"
 */
export function settingsInWords(name: string, { queriesPerGroup, stragglers, liars }: CodeInWords): string {
  return `${name}, K = ${queriesPerGroup}, S = ${stragglers}, E = ${liars}`;
}
