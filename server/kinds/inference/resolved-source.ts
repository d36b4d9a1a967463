/** Where the uploads of a submission are, whatever its source was. */
export interface ResolvedSource {
  readonly modelSha256: string;
  /** null: they are posted while it runs. */
  readonly queriesSha256: string | null;
  readonly labelsSha256: string | null;
  readonly inputScale: number;
  /** The parity model for groups of so many queries. @throws SubmissionError where there is none */
  parityModelSha256(queriesPerGroup: number): Promise<string>;
}
