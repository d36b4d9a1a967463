/** Labelled images, whichever set they come from. */
export interface ImageSet {
  readonly name: "mnist" | "fashion" | "cifar";
  /** count x rows x columns x channels, row-major, 0 to 255 */
  readonly images: Uint8Array;
  /** count entries, 0 to 9 */
  readonly labels: Uint8Array;
  readonly count: number;
  readonly rows: number;
  readonly columns: number;
  readonly channels: number;
}

/** Data that is not there, or is not what it should be. Says how to get it. */
export class DatasetError extends Error {
  override readonly name = "DatasetError";
}
