import { expect, test } from "vitest";
import { type ComputeTask, onWebAssembly } from "../../../../shared/compute/compute-thread-api.ts";
import type { BackendName } from "../../../../shared/compute/model-runtime.ts";
import type { BatchMessage } from "../../../../shared/kinds/inference/batch.ts";
import { decodeFrame, encodeFrame } from "../../../../shared/protocol/frame.ts";
import type { Slice } from "../../../../shared/protocol/messages.ts";
import { resultDigest, resultStatement } from "../../../../shared/receipts/result-digest.ts";
import type { Workplace } from "../../../session/assignment-work.ts";
import type { ComputeThreadLink } from "../../../session/compute-thread-link.ts";
import { inferenceInTab } from "./inference-in-tab.ts";

function batch(rowCount: number): BatchMessage {
  const data = Float32Array.from({ length: rowCount }, (_, i) => i);
  const frame = encodeFrame({ rows: { dtype: "F32", shape: [rowCount, 1], data } });
  return {
    ...{ kind: "inference", work: "batch", token: "t", assignmentId: "a", jobId: "j", jobName: "job", submitter: "s" },
    ...{ model: { sha256: "m", bytes: 1 }, input: { kind: "inline", frame } },
    ...{ rowCount, inputSize: 1, outputSize: 1, deadlineMs: 60_000 },
  } as BatchMessage;
}

/** A tab that takes so long for a row. */
function tab(msPerRow: number, onRun: (runs: number) => BackendName | undefined) {
  const handed: Slice[] = [];
  /** What the session is told of, in this order. */
  const told: (BackendName | "rows")[] = [];
  const sizes: number[] = [];
  const models: string[] = [];
  const computeThread = {
    holdsModel: async () => true,
    async run({ modelSha256, rows, rowCount }: ComputeTask) {
      sizes.push(rowCount);
      models.push(modelSha256);
      const backend = onRun(sizes.length) ?? "wasm";
      return { outputs: rows.slice(), computeMs: msPerRow * rowCount, backend };
    },
  } as unknown as ComputeThreadLink;
  const nothing = () => undefined;
  const signed: string[] = [];
  const workplace: Workplace = {
    ...{ origin: "http://x", computeThread, onMoved: nothing },
    onOutcome: (_model, { backend }) => told.push(backend),
    async sign(statement) {
      signed.push(new TextDecoder().decode(statement));
      return new Uint8Array(64);
    },
    handOver: (slice) => {
      handed.push(slice);
      told.push("rows");
    },
  };
  return { takeOn: inferenceInTab(workplace), sizes, models, handed, signed, told };
}

test("[PR98] a cancelled batch of a slow tab ends with the slice that it is at, and nothing of it is sent", async () => {
  const letGo = new AbortController();
  const { takeOn, sizes } = tab(1_000, (runs) => {
    if (runs === 3) letGo.abort(new Error("no longer needed"));
    return undefined;
  });
  const first = await takeOn(batch(2), new AbortController().signal).carryOut();
  expect(first).toMatchObject({ token: "t", computeMs: 2_000, output: { kind: "inline" } });
  await expect(takeOn(batch(8), letGo.signal).carryOut()).rejects.toThrow("no longer needed");
  expect(sizes).toEqual([2, 1, 1]);
});

test("[PR98] what is computed in slices is answered as one", async () => {
  const { takeOn, sizes } = tab(600, () => undefined);
  const signal = new AbortController().signal;
  await takeOn(batch(2), signal).carryOut();
  expect(await takeOn(batch(6), signal).carryOut()).toEqual({
    ...{ token: "t", computeMs: 3_600, signature: new Uint8Array(64) },
    output: {
      kind: "inline",
      frame: encodeFrame({ outputs: { dtype: "F32", shape: [6, 1], data: Float32Array.of(0, 1, 2, 3, 4, 5) } }),
    },
  });
  expect(sizes).toEqual([2, 2, 2, 2]);
});

test("[PR106] rows are handed over each two seconds of computing, signed with all before them, where they count", async () => {
  const { takeOn, handed, signed, sizes } = tab(500, () => undefined);
  const { signal } = new AbortController();
  await takeOn(batch(2), signal).carryOut();
  await takeOn(batch(12), signal).carryOut();
  expect([sizes, handed]).toEqual([[2, 2, 2, 2, 2, 4], []]);
  const result = await takeOn({ ...batch(12), inSlices: true }, signal).carryOut();
  const rows = handed.map(({ frame }) => [...(decodeFrame(frame).outputs!.data as Float32Array)]);
  expect(handed.map(({ token, first }) => [token, first])).toEqual([
    ["t", 0],
    ["t", 4],
  ]);
  expect(rows).toEqual([
    [0, 1, 2, 3],
    [4, 5, 6, 7],
  ]);
  // The answer has the other rows alone, and is signed with all.
  const outputs = { dtype: "F32", shape: [4, 1], data: Float32Array.of(8, 9, 10, 11) } as const;
  expect(result?.output).toEqual({ kind: "inline", frame: encodeFrame({ outputs }) });
  const statements = [4, 8, 12].map((count) => {
    const data = Float32Array.from({ length: count }, (_, row) => row);
    const statement = resultStatement(
      { jobId: "j", assignmentId: "a" },
      resultDigest({ dtype: "F32", shape: [count, 1], data }),
    );
    return new TextDecoder().decode(statement);
  });
  expect(signed.slice(-3)).toEqual(statements);
});

test("[PR106] of a batch that takes two seconds at most, or that was let go of, no rows are handed over", async () => {
  const letGo = new AbortController();
  const { takeOn, handed } = tab(500, (runs) => {
    if (runs === 4) letGo.abort(new Error("no longer needed"));
    return undefined;
  });
  const { signal } = new AbortController();
  await takeOn({ ...batch(4), inSlices: true }, signal).carryOut();
  await takeOn({ ...batch(4), inSlices: true }, signal).carryOut();
  await expect(takeOn({ ...batch(12), inSlices: true }, letGo.signal).carryOut()).rejects.toThrow("no longer needed");
  expect(handed).toEqual([]);
});

test("[PC7] on what rows are computed is told before they are handed over", async () => {
  const { takeOn, told } = tab(500, () => "webgpu");
  const { signal } = new AbortController();
  await takeOn(batch(2), signal).carryOut();
  told.length = 0;
  await takeOn({ ...batch(8), inSlices: true }, signal).carryOut();
  expect(told).toEqual(["webgpu", "webgpu", "rows", "webgpu"]);
});

test("[PR109] a batch that is to be computed on WebAssembly asks for the model there, others for where it is computed best", async () => {
  const { takeOn, models, told } = tab(1, () => "wasm");
  const { signal } = new AbortController();
  await takeOn({ ...batch(2), onWebAssembly: true }, signal).carryOut();
  await takeOn(batch(2), signal).carryOut();
  expect(models).toEqual([onWebAssembly("m"), "m"]);
  expect(told).toEqual(["wasm", "wasm"]);
});

test("[PC10] a batch in whose middle the back-end changes is not answered: some of its rows would be less exact than others, as a liar's are", async () => {
  const { takeOn, told } = tab(500, (runs) => (runs < 4 ? "webgpu" : "wasm"));
  const { signal } = new AbortController();
  await takeOn(batch(2), signal).carryOut();
  await expect(takeOn({ ...batch(8), inSlices: true }, signal).carryOut()).rejects.toThrow(
    "the back-end changed in the middle of a batch, from webgpu to wasm",
  );
  // What is computed from now on is taken for what it is.
  expect(told.at(-1)).toBe("wasm");
});

test("[PR113] a batch that is shortened ends with the rows that it is at, and those that were handed over do not go again", async () => {
  for (const { needs, computed } of [
    { needs: 6, computed: 6 },
    { needs: 0, computed: 3 },
  ]) {
    let work: ReturnType<ReturnType<typeof tab>["takeOn"]> | null = null;
    const { takeOn, handed, sizes } = tab(1_000, (runs) => {
      if (runs === 4) work?.shorten?.(needs);
      return undefined;
    });
    const { signal } = new AbortController();
    await takeOn(batch(2), signal).carryOut();
    work = takeOn({ ...batch(12), inSlices: true }, signal);
    const answer = await work.carryOut();
    expect(sizes.slice(1).reduce((sum, size) => sum + size, 0)).toBe(computed);
    const frames = [
      ...handed.map(({ frame }) => frame),
      ...(answer?.output.kind === "inline" ? [answer.output.frame] : []),
    ];
    const rows = frames.map((frame) => decodeFrame(frame).outputs!.shape[0]!);
    expect(rows.reduce((sum, count) => sum + count, 0)).toBe(computed);
  }
});

test("[PR113] a batch of which nothing is needed before it begins is given back", () => {
  const { takeOn } = tab(1, () => undefined);
  const work = takeOn({ ...batch(12), inSlices: true }, new AbortController().signal);
  expect([work.shorten?.(4), work.shorten?.(8), work.shorten?.(0)]).toEqual([false, false, true]);
});
