/** Where the uploads of a submission are, whatever its source was. */
export interface ResolvedSource {
  readonly modelSha256: string;
  /** The hash of one array, or of one for each input by its name; null: they are posted while it runs. */
  readonly queries: string | Readonly<Record<string, string>> | null;
  readonly labelsSha256: string | null;
  readonly inputScale: number;
  /** The parity model for groups of so many queries. @throws SubmissionError where there is none */
  parityModelSha256(queriesPerGroup: number): Promise<string>;
}
