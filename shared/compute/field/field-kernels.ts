/**
 * Products mod q = 2^31-1 on a matrix that stays where it is computed on: the work of a round of coded products. Tabs multiply
 * their shards, the coordinator encodes and makes keys, all with the same kernels; every back-end gives the same whole numbers.
 *
 * What goes in is either residues in [0, q), a Uint32Array, or centred residues in +-(2^30-1), an Int32Array. What comes out
 * is residues in [0, q). Row-major.
 */

const FIELD_BACKEND_NAMES = ["plain", "wasm"] as const;
export type FieldBackendName = (typeof FIELD_BACKEND_NAMES)[number];

export type FieldEntries = Uint32Array | Int32Array;

export interface FieldKernels {
  readonly backend: FieldBackendName;
  /**
   * Checks and copies; the caller's array is not kept.
   * @param entries rows x columns
   * @throws FieldError where an entry is no residue (>= q), or no centred one (-2^30 is none), or sizes do not fit
   * @throws FieldError where the matrix is larger than this back-end can hold
   */
  loadMatrix(entries: FieldEntries, rows: number, columns: number): FieldMatrix;
  /** Frees all matrices and what the back-end itself holds; nothing of it is of use any more. */
  dispose(): void;
}

/** A matrix in a back-end's memory, 4 bytes an entry and a few zeros. Products reject with FieldError after dispose. */
export interface FieldMatrix {
  readonly rows: number;
  readonly columns: number;
  /** Memory that it holds. */
  readonly bytes: number;
  /**
   * Matrix times vector.
   * @param vector `columns` entries
   * @returns `rows` residues
   */
  matVec(vector: FieldEntries): Promise<Uint32Array>;
  /**
   * Matrix times thin matrix.
   * @param thin columns x width
   * @returns rows x width residues
   */
  matThin(thin: FieldEntries, width: number): Promise<Uint32Array>;
  /**
   * Vector times matrix: the rows, combined. A shard from blocks, a verification key from its secret.
   * @param vector `rows` entries
   * @returns `columns` residues
   */
  vecMat(vector: FieldEntries): Promise<Uint32Array>;
  dispose(): void;
}
