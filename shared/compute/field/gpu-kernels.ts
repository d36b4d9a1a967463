/** The field kernels on a graphics card: what is placed where, and how its partial sums become products. */
import { FieldError } from "../../field/field-error.ts";
import { requireLength } from "../../field/modulus.ts";
import { requireShape, requireThin, residuesOf } from "./field-entries.ts";
import type { FieldEntries, FieldKernels, FieldMatrix } from "./field-kernels.ts";
import type { GpuDevice, GpuPlaced } from "./gpu-device.ts";
import { paddedRows, segmentsOf, summed, transposedRows } from "./gpu-layout.ts";

export function createGpuKernels<Placed extends GpuPlaced>(device: GpuDevice<Placed>): FieldKernels {
  return {
    backend: device.backend,
    loadMatrix(entries, rows, columns) {
      requireShape("loadMatrix", entries, rows, columns);
      return gpuMatrix(device, residuesOf("loadMatrix", entries), rows, columns);
    },
    dispose: () => device.dispose(),
  };
}

function gpuMatrix<Placed extends GpuPlaced>(
  device: GpuDevice<Placed>,
  residues: Uint32Array,
  rows: number,
  columns: number,
): FieldMatrix {
  // Steps of four residues a row.
  const stride = Math.ceil(columns / 4);
  const matrix = device.upload(paddedRows(residues, rows, columns, stride * 4));
  let isHeld = true;

  const requireHeld = (who: string): void => {
    if (!isHeld) throw new FieldError(`${who}: expected a matrix, got one that was disposed of`);
  };
  const withFactor = async <T>(residuesOfFactor: Uint32Array, work: (factor: Placed) => Promise<T>): Promise<T> => {
    const factor = device.upload(residuesOfFactor);
    try {
      return await work(factor);
    } finally {
      device.free(factor);
    }
  };
  const multiply = async (who: string, thin: FieldEntries, width: number): Promise<Uint32Array> => {
    requireHeld(who);
    requireThin(who, thin, columns, width);
    const vectors = transposedRows(residuesOf(who, thin), columns, width, stride * 4);
    return withFactor(vectors, async (factor) => {
      const outputCount = rows * width;
      const { segmentLength, segmentCount } = segmentsOf(stride);
      const sizes = { outputCount, segmentLength, stride, other: width };
      const partial = await device.run("matVecs", matrix, factor, outputCount * segmentCount, sizes);
      // All four channels and all segments of an output belong to it.
      return summed(partial, outputCount, (at) => Math.floor(at / 4) % outputCount);
    });
  };

  return {
    rows,
    columns,
    bytes: matrix.bytes,
    matVec: (vector) => multiply("matVec", vector, 1),
    matThin: (thin, width) => multiply("matThin", thin, width),
    async vecMat(vector) {
      requireHeld("vecMat");
      requireLength("vecMat", "the vector", vector.length, rows);
      const entries = paddedRows(residuesOf("vecMat", vector), 1, rows, Math.ceil(rows / 4) * 4);
      return withFactor(entries, async (factor) => {
        const { segmentLength, segmentCount } = segmentsOf(rows);
        const sizes = { outputCount: stride, segmentLength, stride, other: rows };
        const partial = await device.run("vecMat", matrix, factor, stride * segmentCount, sizes);
        return summed(partial, stride * 4, (at) => at % (stride * 4)).slice(0, columns);
      });
    },
    dispose() {
      if (isHeld) device.free(matrix);
      isHeld = false;
    },
  };
}
