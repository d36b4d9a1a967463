import { expect, test } from "vitest";
import { usableOutputs } from "../../../server/intake/prepare-model.ts";
import { modelTooLarge } from "../../../server/trusted/model-cost.ts";
import { onnx } from "../../../shared/compute/runtimes/onnx/onnx.ts";
import { onnxFormat } from "../../../shared/compute/runtimes/onnx/onnx-format.ts";
import { packOnnx } from "../../../shared/compute/runtimes/onnx/pack-onnx.ts";
import { runTarget } from "./fuzz-target.ts";
import { hostileOnnxFiles } from "./hostile-onnx.ts";

const SEED = 16;
const FILES = 300;
/** The runner itself grows while it runs; one file believed would be hundreds of times as much. */
const GROWN_BYTES_MAX = 256 * 1024 * 1024;

test("[G12] 300 hostile ONNX files are refused in time, and memory stays flat", async () => {
  const before = process.memoryUsage();
  const counts = { refused: 0, taken: 0 };
  for (const { name, file, refusal } of hostileOnnxFiles(SEED, FILES)) {
    const target = {
      name,
      seeds: [],
      errors: ["ModelError"],
      run: (input: Uint8Array) => {
        try {
          const bundle = packOnnx(input);
          // What is taken after all is within the limits that every model is held to, or the coordinator says that it is not.
          for (const { facts } of usableOutputs(onnxFormat, bundle)) {
            const problem = modelTooLarge({ ...onnx, facts });
            expect([facts.activationsPerQuery, problem === null || problem.includes("the limit is")]).toEqual([
              expect.any(Number),
              true,
            ]);
          }
          counts.taken++;
          expect(refusal, `${name} was taken`).toBeNull();
        } catch (error) {
          counts.refused++;
          if (refusal !== null) expect((error as Error).message, name).toMatch(refusal);
          throw error;
        }
      },
    };
    await runTarget(target, file);
  }
  const { rss, arrayBuffers } = process.memoryUsage();
  expect(Math.max(rss - before.rss, arrayBuffers - before.arrayBuffers)).toBeLessThan(GROWN_BYTES_MAX);
  // Some changes fall into weights and names, and change nothing that matters.
  expect(counts.refused).toBeGreaterThan(FILES / 2);
  expect(counts.refused + counts.taken).toBe(FILES);
});

test("files are the same for the same seed", () => {
  const hashes = (seed: number) => hostileOnnxFiles(seed, 30).map(({ file }) => Buffer.from(file).toString("hex"));
  expect(hashes(SEED)).toEqual(hashes(SEED));
  expect(hashes(SEED)).not.toEqual(hashes(SEED + 1));
});
