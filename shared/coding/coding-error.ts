/** A mistake in how a code was called: sizes, order or range of its arguments. Says who, what was expected, what came. */
export class CodingError extends Error {
  override readonly name = "CodingError";
}
