/** A model that cannot be accepted or run: unknown layer, missing weights, wrong shapes, too large. */
export class ModelError extends Error {
  override readonly name = "ModelError";
}
