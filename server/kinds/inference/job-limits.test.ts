import { afterEach, expect, test } from "vitest";
import { ShellWithTabs } from "../../../e2e/crowd/shell-with-tabs.ts";
import { packDenseModel } from "../../../shared/compute/runtimes/tfjs/dense-model.ts";
import {
  ANSWER_BYTES_PER_JOB_MAX,
  BATCH_BYTES_MAX,
  TAB_LARGE_MEMORY_BYTES_MAX,
} from "../../../shared/protocol/limits.ts";
import { isProblem } from "../../web/coordinator-port.ts";
import { requireLimits } from "./job-limits.ts";
import type { JobModel } from "./job-models.ts";
import { someInferenceJob } from "./testing/some-inference-job.ts";

let world: ShellWithTabs | null = null;
afterEach(() => world?.close());

/** @returns the sentence of the refusal, or "accepted" */
async function submit(inputSize: number, outputSize: number, count: number) {
  world = await ShellWithTabs.open([]);
  const layer = { kernel: new Float32Array(inputSize * outputSize).fill(1), bias: new Float32Array(outputSize) };
  const [modelSha256, queriesSha256] = await Promise.all([
    world.store.putBlob(packDenseModel([{ ...layer, activation: "linear" }])),
    world.upload({ dtype: "U8", shape: [count, inputSize], data: new Uint8Array(count * inputSize) }),
  ]);
  const source = { kind: "uploads", modelSha256, queriesSha256, inputScale: 1 };
  const reply = await world.submit({ scheme: "uncoded", queriesPerGroup: 1, source });
  return isProblem(reply) ? reply.message : "accepted";
}

test("answers that are too many are refused with the limit, what came, and what would fit", async () => {
  const [outputs, count] = [65_536, 4_096];
  expect(await submit(1, outputs, count)).toBe(
    `expected answers of at most ${ANSWER_BYTES_PER_JOB_MAX} bytes, but ${count} queries with ${outputs} outputs make ${count * outputs * 4}; ` +
      `at ${ANSWER_BYTES_PER_JOB_MAX / outputs / 4} queries a job this fits: split the job`,
  );
});

test("a job of which a message holds few rows is taken", async () => {
  const outputs = 65_536;
  const rows = BATCH_BYTES_MAX / outputs / 4;
  expect(await submit(1, outputs, 4 * rows)).toBe("accepted");
});

test("all that is too much is said at once; with the weights that the sentence says one row fits in a tab", () => {
  const MIB = 2 ** 20;
  const small = { inputShape: [1], inputs: [], inputSize: 1, outputSize: 65_536, macsPerQuery: 1, numbersPerRun: 0 };
  const tiny = packDenseModel([{ kernel: new Float32Array(1), bias: new Float32Array(1), activation: "linear" }]);
  const modelOf = (weightBytes: number) => {
    const facts = { ...small, weightBytes, activationsPerQuery: MIB };
    return { facts, bundle: tiny, sha256: "a".repeat(64) } as unknown as JobModel;
  };
  const said = (weightBytes: number, queryCount: number): string => {
    try {
      requireLimits(
        { job: someInferenceJob("j", { queryCount, outputSize: 65_536 }) },
        modelOf(weightBytes),
        modelOf(weightBytes),
      );
    } catch (error) {
      return (error as Error).message;
    }
    return "accepted";
  };
  const reasons = said(1_400 * MIB, 4_096);
  expect(reasons).toMatch(/^expected answers of at most/);
  for (const what of ["model", "parity model"])
    expect(reasons).toContain(
      `. ${what}: expected one row to take at most ${TAB_LARGE_MEMORY_BYTES_MAX} bytes of a tab, but ${1_400 * MIB} bytes of weights`,
    );
  const fits = Number(/with at most (\d+) bytes of weights it fits/.exec(reasons)![1]);
  expect(said(fits, 1)).not.toContain("of a tab");
  expect(said(fits + 1, 1)).toContain("of a tab");
});
