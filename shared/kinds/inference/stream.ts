/** Queries that are posted to a job while it runs. */

/** POST /api/jobs/:jobId/queries answers with this: what was taken, and the queries that were refused. */
export interface QueriesPosted {
  /** Index of the first query of the body that was taken, or would have been. */
  firstIndex: number;
  /** Queries that were taken: they have the indices from firstIndex on, in their order. */
  taken: number;
  /** Queries of the job now. */
  queryCount: number;
  /** place: among the queries of the body, from 0 on. At most STREAM_REFUSED_NAMED_MAX of them. */
  refused: { place: number; message: string }[];
  refusedCount: number;
}
