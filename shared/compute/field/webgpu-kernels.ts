/** The field kernels on a graphics card, through WebGPU. Browsers alone; in a worker too. */
import { FieldError } from "../../field/field-error.ts";
import { requireLength } from "../../field/modulus.ts";
import { requireShape, requireThin, residuesOf } from "./field-entries.ts";
import type { FieldEntries, FieldKernels, FieldMatrix } from "./field-kernels.ts";
import { paddedRows, segmentsOf, summed, transposedRows } from "./gpu-layout.ts";
import { openWebgpuDevice, type WebgpuDevice } from "./webgpu-device.ts";
import { MAT_VECS_WGSL, VEC_MAT_WGSL } from "./webgpu-programs.ts";

/** @throws FieldError where there is no WebGPU */
export async function createWebgpuKernels(): Promise<FieldKernels> {
  const device = await openWebgpuDevice();
  return {
    backend: "webgpu",
    loadMatrix(entries, rows, columns) {
      requireShape("loadMatrix", entries, rows, columns);
      return webgpuMatrix(device, residuesOf("loadMatrix", entries), rows, columns);
    },
    // The device takes its buffers with it.
    dispose: () => device.dispose(),
  };
}

function webgpuMatrix(device: WebgpuDevice, residues: Uint32Array, rows: number, columns: number): FieldMatrix {
  // Steps of four a row.
  const stride = Math.ceil(columns / 4);
  const placed = device.upload(paddedRows(residues, rows, columns, stride * 4));
  let isHeld = true;

  const requireHeld = (who: string): void => {
    if (!isHeld) throw new FieldError(`${who}: expected a matrix, got one that was disposed of`);
  };
  const withFactor = async <T>(factor: Uint32Array, work: (buffer: GPUBuffer) => Promise<T>): Promise<T> => {
    const buffer = device.upload(factor);
    try {
      return await work(buffer);
    } finally {
      buffer.destroy();
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
      const partial = await device.run(MAT_VECS_WGSL, placed, factor, outputCount * segmentCount, sizes);
      // All four channels and all segments of an output belong to it.
      return summed(partial, outputCount, (at) => Math.floor(at / 4) % outputCount);
    });
  };

  return {
    rows,
    columns,
    bytes: placed.size,
    matVec: (vector) => multiply("matVec", vector, 1),
    matThin: (thin, width) => multiply("matThin", thin, width),
    async vecMat(vector) {
      requireHeld("vecMat");
      requireLength("vecMat", "the vector", vector.length, rows);
      const entries = paddedRows(residuesOf("vecMat", vector), 1, rows, Math.ceil(rows / 4) * 4);
      return withFactor(entries, async (factor) => {
        const { segmentLength, segmentCount } = segmentsOf(rows);
        const sizes = { outputCount: stride, segmentLength, stride, other: rows };
        const partial = await device.run(VEC_MAT_WGSL, placed, factor, stride * segmentCount, sizes);
        return summed(partial, stride * 4, (at) => at % (stride * 4)).slice(0, columns);
      });
    },
    dispose() {
      if (isHeld) placed.destroy();
      isHeld = false;
    },
  };
}
