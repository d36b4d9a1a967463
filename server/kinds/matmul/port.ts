/** What the web asks of products of matrices alone. */

export interface MatmulProduct {
  readonly rows: number;
  readonly columns: number;
  /** rows x columns */
  readonly product: Float64Array;
}

export interface MatmulPort {
  /** null: there is no such job, or its product is not whole. */
  product(jobId: string): Promise<MatmulProduct | null>;
}
