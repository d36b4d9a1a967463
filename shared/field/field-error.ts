/** A mistake in how field arithmetic was called: sizes, ranges, a modulus. Says who, what was expected, what came. */
export class FieldError extends Error {
  override readonly name = "FieldError";
}
