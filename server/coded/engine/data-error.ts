/** Data or settings that a submitter must mend; the message is for them. */
export class DataError extends Error {
  override readonly name = "DataError";
}
