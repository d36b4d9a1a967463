/** The oracle: the field's own products, no memory of its own, and what is left where there is no WebAssembly SIMD. */
import { FieldError } from "../../field/field-error.ts";
import { MODULUS, requireLength } from "../../field/modulus.ts";
import { combineRows, matrixProduct, rowsOf } from "../../field/products.ts";
import { requireShape, requireThin, residuesOf } from "./field-entries.ts";
import type { FieldEntries, FieldKernels, FieldMatrix } from "./field-kernels.ts";

export function createPlainKernels(): FieldKernels {
  const matrices = new Set<FieldMatrix>();
  return {
    backend: "plain",
    loadMatrix(entries, rows, columns) {
      requireShape("loadMatrix", entries, rows, columns);
      const matrix = plainMatrix(residuesOf("loadMatrix", entries), rows, columns, () => matrices.delete(matrix));
      matrices.add(matrix);
      return matrix;
    },
    dispose() {
      for (const matrix of matrices) matrix.dispose();
    },
  };
}

function plainMatrix(residues: Uint32Array, rows: number, columns: number, onDispose: () => void): FieldMatrix {
  let held: Uint32Array | null = residues;
  const matrixOf = (who: string): Uint32Array => {
    if (held === null) throw new FieldError(`${who}: expected a matrix, got one that was disposed of`);
    return held;
  };
  const multiply = (who: string, thin: FieldEntries, width: number): Uint32Array => {
    const matrix = matrixOf(who);
    requireThin(who, thin, columns, width);
    return matrixProduct(matrix, rows, columns, residuesOf(who, thin), width, MODULUS);
  };
  return {
    rows,
    columns,
    bytes: residues.byteLength,
    matVec: async (vector) => multiply("matVec", vector, 1),
    matThin: async (thin, width) => multiply("matThin", thin, width),
    async vecMat(vector) {
      const views = rowsOf(matrixOf("vecMat"), rows, columns);
      requireLength("vecMat", "the vector", vector.length, rows);
      return combineRows(residuesOf("vecMat", vector), views, columns, MODULUS);
    },
    dispose() {
      held = null;
      onDispose();
    },
  };
}
