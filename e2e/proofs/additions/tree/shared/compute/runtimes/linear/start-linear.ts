import { unpackModel } from "../../model-bundle.ts";
import { factsOf } from "../../model-facts.ts";
import { requireRows } from "../../require-rows.ts";
import type { StartRuntime } from "../runtime-description.ts";
import { linearFormat } from "./linear-format.ts";

export const start: StartRuntime = async () => ({
  backend: "cpu",
  async load(bundle) {
    const model = unpackModel(bundle);
    const facts = factsOf(model, linearFormat.topologyFacts(model));
    const weights = new Float32Array(model.weightData.slice().buffer);
    async function run(rows: Float32Array, rowCount: number): Promise<Float32Array> {
      requireRows(facts, rows, rowCount);
      const { inputSize, outputSize } = facts;
      return Float32Array.from({ length: rowCount * outputSize }, (_, at) => {
        const [row, output] = [Math.floor(at / outputSize), at % outputSize];
        let sum = 0;
        for (let i = 0; i < inputSize; i++) sum += rows[row * inputSize + i]! * weights[output * inputSize + i]!;
        return sum;
      });
    }
    const runProfiled = async (rows: Float32Array, rowCount: number) => ({
      outputs: await run(rows, rowCount),
      kernels: ["linear"],
    });
    return { facts, run, runProfiled, dispose() {} };
  },
  release: async () => {},
});
