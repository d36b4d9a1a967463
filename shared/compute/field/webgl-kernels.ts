/** The field kernels on a graphics card, through WebGL2. Browsers alone; in a worker too, by OffscreenCanvas. */
import { FieldError } from "../../field/field-error.ts";
import { requireLength } from "../../field/modulus.ts";
import { requireShape, requireThin, residuesOf } from "./field-entries.ts";
import type { FieldEntries, FieldKernels, FieldMatrix } from "./field-kernels.ts";
import { paddedRows, segmentsOf, summed, transposedRows } from "./gpu-layout.ts";
import { type Texels, WebglDevice } from "./webgl-device.ts";
import { MAT_VECS_PROGRAM, VEC_MAT_PROGRAM } from "./webgl-programs.ts";

/** @throws FieldError where there is no WebGL2 */
export function createWebglKernels(): FieldKernels {
  const gl = new OffscreenCanvas(1, 1).getContext("webgl2", { antialias: false, depth: false });
  if (gl === null) throw new FieldError("webgl: expected a WebGL2 context, got none");
  const device = new WebglDevice(gl);
  return {
    backend: "webgl",
    loadMatrix(entries, rows, columns) {
      requireShape("loadMatrix", entries, rows, columns);
      return webglMatrix(device, residuesOf("loadMatrix", entries), rows, columns);
    },
    // The context takes its textures with it.
    dispose: () => device.dispose(),
  };
}

function webglMatrix(device: WebglDevice, residues: Uint32Array, rows: number, columns: number): FieldMatrix {
  // Texels a row.
  const stride = Math.ceil(columns / 4);
  const texels = device.upload(paddedRows(residues, rows, columns, stride * 4));
  let isHeld = true;

  const withFactor = <T>(factor: Uint32Array, work: (placed: Texels) => T): T => {
    const placed = device.upload(factor);
    try {
      return work(placed);
    } finally {
      device.free(placed);
    }
  };
  const requireHeld = (who: string): void => {
    if (!isHeld) throw new FieldError(`${who}: expected a matrix, got one that was disposed of`);
  };
  const multiply = (who: string, thin: FieldEntries, width: number): Uint32Array => {
    requireHeld(who);
    requireThin(who, thin, columns, width);
    const vectors = transposedRows(residuesOf(who, thin), columns, width, stride * 4);
    return withFactor(vectors, (placed) => {
      const outputCount = rows * width;
      const { segmentLength, segmentCount } = segmentsOf(stride);
      const uniforms = { outputCount, segmentLength, stride, width };
      const partial = device.run(MAT_VECS_PROGRAM, texels, placed, outputCount * segmentCount, uniforms);
      // All four channels and all segments of an output belong to it.
      return summed(partial, outputCount, (at) => Math.floor(at / 4) % outputCount);
    });
  };

  return {
    rows,
    columns,
    bytes: texels.bytes,
    matVec: async (vector) => multiply("matVec", vector, 1),
    matThin: async (thin, width) => multiply("matThin", thin, width),
    async vecMat(vector) {
      requireHeld("vecMat");
      requireLength("vecMat", "the vector", vector.length, rows);
      const entries = paddedRows(residuesOf("vecMat", vector), 1, rows, Math.ceil(rows / 4) * 4);
      return withFactor(entries, (placed) => {
        const { segmentLength, segmentCount } = segmentsOf(rows);
        const uniforms = { outputCount: stride, segmentLength, stride, rows };
        const partial = device.run(VEC_MAT_PROGRAM, texels, placed, stride * segmentCount, uniforms);
        return summed(partial, stride * 4, (at) => at % (stride * 4)).slice(0, columns);
      });
    },
    dispose() {
      if (isHeld) device.free(texels);
      isHeld = false;
    },
  };
}
