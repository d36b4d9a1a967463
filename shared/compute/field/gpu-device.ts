/** What the field kernels ask of a graphics card, whatever the interface that reaches it. */

/** The two programs that a device knows: matrix times vectors, and vector times matrix. */
export type GpuProduct = "matVecs" | "vecMat";

export interface GpuSizes {
  /** Outputs of the product, without segments. */
  readonly outputCount: number;
  /** Terms that one partial sum adds. */
  readonly segmentLength: number;
  /** Steps of four residues in a row of the matrix. */
  readonly stride: number;
  /** matVecs: how many vectors; vecMat: rows of the matrix. */
  readonly other: number;
}

/** Residues that lie on the card. */
export interface GpuPlaced {
  readonly bytes: number;
}

export interface GpuDevice<Placed extends GpuPlaced = GpuPlaced> {
  readonly backend: "webgl" | "webgpu";
  /**
   * @param values residues, a multiple of four
   * @throws FieldError where the card has no room for them, or is lost
   */
  upload(values: Uint32Array): Placed;
  free(placed: Placed): void;
  /**
   * @returns the first `stepCount` steps that the program writes: step o + s * outputCount is output o, terms from segment s
   * alone
   * @throws FieldError where the card is lost or reports an error
   */
  run(
    product: GpuProduct,
    matrix: Placed,
    factor: Placed,
    stepCount: number,
    sizes: GpuSizes,
  ): Uint32Array | Promise<Uint32Array>;
  /** Takes what was uploaded with it. */
  dispose(): void;
}
