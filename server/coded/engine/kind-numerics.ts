/** What each kind adds to the engine of a coded run: where matrices and vectors come from, and what products are for. */
import type { RunProduct } from "../core/run-events.ts";
import type { RunPlan } from "../core/run-plan.ts";

/** What an engine is made for; kinds add their data and settings. It travels to a thread, so it is plain data. */
export interface EngineJob {
  readonly plan: RunPlan;
}

/** rows x columns residues, row-major. */
export interface ResidueMatrix {
  readonly residues: Uint32Array;
  readonly rows: number;
  readonly columns: number;
}

/** What all tabs get in one round: length x width residues, row-major. */
export interface RoundVector {
  readonly residues: Uint32Array;
  readonly width: number;
}

/** Arrays by name: what a checkpoint of a job holds. */
export type NamedArrays = Readonly<Record<string, Float64Array>>;

/** The arrays as they were after so many iterations. */
export interface HeldArrays {
  readonly iteration: number;
  readonly arrays: NamedArrays;
}

export interface Evaluation {
  readonly loss: number;
  /** Share of rows that are right; null where that has no meaning. */
  readonly accuracy: number | null;
}

/** How far a descent has come. */
export interface DescentStanding {
  /** Bounds how far the weights are from the optimum, in parts of the largest one; null: not known. */
  readonly distance: number | null;
  /** Why it is to stop here, in words; null: it goes on. */
  readonly stop: string | null;
}

export interface PreparedData {
  /** What is coded, by the product that it is multiplied in; without `backward`, rounds are forward products alone. */
  readonly matrices: { readonly forward: ResidueMatrix; readonly backward?: ResidueMatrix };
  /** So many parts each sum is cut in, so that it stays exact: a vector is so many times as wide. */
  readonly chunkCount: number;
  /** What the submitter should know of the data, in sentences. */
  readonly notes: readonly string[];
}

export interface KindNumerics {
  /** Checks the data and makes residues of it. @throws DataError, with words for the submitter */
  prepare(): PreparedData;
  /** What this round multiplies the matrix with. */
  vector(product: RunProduct): RoundVector;
  /** Takes the product of the current vector. @param blocks of the matrix's rows, each height x width residues; zeros pad the last */
  take(product: RunProduct, blocks: readonly Uint32Array[]): void;
  /** After the forward product was taken. */
  link(): Evaluation;
  /** After the backward product was taken. @returns how the outcome does on rows that were held out; null where there are none */
  update(): Evaluation | null;
  /** After an update; absent: the kind does not know. */
  standing?(): DescentStanding;
  /** Copies: what is held may change while they are being written. */
  checkpoint(): NamedArrays;
  /** Goes on from there. */
  restore(held: HeldArrays): void;
  /** What people are shown of how good these arrays are, as JSON; null: nothing can be said. Absent: of this kind there is no such thing. */
  evaluation?(held: HeldArrays): object | null;
}
