/** A model that cannot be accepted or run: unknown layer, missing weights, wrong shapes, too large. */
export class ModelError extends Error {
  override readonly name = "ModelError";
  /** Names of sizes that nobody has said: without them nothing more can be told. */
  readonly openSizes: readonly string[];

  constructor(message: string, openSizes: readonly string[] = []) {
    super(message);
    this.openSizes = openSizes;
  }
}
