/** A model's own files, as whoever runs models has any: a row a call, so that nothing rests on how many go through at once. */
import { ModelError } from "../errors.ts";
import { factsOfBundle } from "../model-facts.ts";
import type { LoadedModel } from "../model-runtime.ts";
import { requireRows } from "../require-rows.ts";
import type { BesideSource } from "../source-files.ts";
import type { ModelFormat } from "./runtime-description.ts";

export interface SourceRun {
  /** @returns all outputs that are compared, one after another */
  run(row: Float32Array): Promise<ArrayLike<number>>;
  dispose(): void;
}

export function loadSource(format: ModelFormat, { bundle }: BesideSource, own: SourceRun): LoadedModel {
  const facts = factsOfBundle(format, bundle);
  const { inputSize, outputSize } = facts;
  const run = async (rows: Float32Array, rowCount: number): Promise<Float32Array> => {
    requireRows(facts, rows, rowCount);
    const outputs = new Float32Array(rowCount * outputSize);
    for (let row = 0; row < rowCount; row++) {
      const numbers = await own.run(rows.slice(row * inputSize, (row + 1) * inputSize));
      if (numbers.length !== outputSize) {
        throw new ModelError(`model as it came: expected ${outputSize} numbers for a row, got ${numbers.length}`);
      }
      outputs.set(Float32Array.from(numbers), row * outputSize);
    }
    return outputs;
  };
  return {
    ...{ facts, run },
    runProfiled: async (rows, rowCount) => ({ outputs: await run(rows, rowCount), kernels: [] }),
    dispose: () => own.dispose(),
  };
}
