import { ModelError } from "./errors.ts";
import type { ModelFacts } from "./model-runtime.ts";

/** @throws ModelError where `rows` is not rowCount x inputSize, rowCount >= 1 */
export function requireRows(facts: ModelFacts, rows: Float32Array, rowCount: number): void {
  if (!Number.isSafeInteger(rowCount) || rowCount < 1) {
    throw new ModelError(`model run: expected at least one row, got ${rowCount}`);
  }
  if (rows.length !== rowCount * facts.inputSize) {
    throw new ModelError(
      `model run: expected ${rowCount} x ${facts.inputSize} = ${rowCount * facts.inputSize} numbers, got ${rows.length}`,
    );
  }
}
