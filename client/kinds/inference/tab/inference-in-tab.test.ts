import { expect, test } from "vitest";
import type { ComputeTask } from "../../../../shared/compute/compute-thread-api.ts";
import type { BatchMessage } from "../../../../shared/kinds/inference/batch.ts";
import { encodeFrame } from "../../../../shared/protocol/frame.ts";
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
function tab(msPerRow: number, onRun: (runs: number) => void) {
  const sizes: number[] = [];
  const computeThread = {
    holdsModel: async () => true,
    async run({ rows, rowCount }: ComputeTask) {
      sizes.push(rowCount);
      onRun(sizes.length);
      return { outputs: rows.slice(), computeMs: msPerRow * rowCount, backend: "wasm" as const };
    },
  } as unknown as ComputeThreadLink;
  const sign = async () => new Uint8Array(64);
  const nothing = () => undefined;
  const workplace: Workplace = { origin: "http://x", computeThread, sign, onOutcome: nothing, onMoved: nothing };
  return { takeOn: inferenceInTab(workplace), sizes };
}

test("[PR98] a cancelled batch of a slow tab ends with the slice that it is at, and nothing of it is sent", async () => {
  const letGo = new AbortController();
  const { takeOn, sizes } = tab(1_000, (runs) => {
    if (runs === 3) letGo.abort(new Error("no longer needed"));
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
