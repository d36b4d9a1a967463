/** Queries that cannot be queries of the stream. The others that were pushed with them were taken. */
export class QueryRefusedError extends Error {
  override readonly name = "QueryRefusedError";
  /** place: among the queries of the push, from 0 on. */
  readonly refused: readonly { readonly place: number; readonly reason: string }[];
  /** By place; null: it was refused. */
  readonly indices: readonly (number | null)[];

  constructor(indices: readonly (number | null)[], refused: QueryRefusedError["refused"]) {
    const [first] = refused;
    const others = refused.length > 1 ? `, and ${refused.length - 1} more` : "";
    super(indices.length === 1 ? first!.reason : `query ${first!.place}: ${first!.reason}${others}`);
    this.indices = indices;
    this.refused = refused;
  }
}
