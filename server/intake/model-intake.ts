/**
 * Looks through uploaded models on a thread of its own: hundreds of megabytes of weights are packed and checked for numbers
 * that are not finite, and neither the event loop nor the audits of jobs at work wait for it.
 */
import { Piscina } from "piscina";
import type { ModelUpload, ModelVerdict } from "./prepare-model.ts";

/** A thread without uploads goes after so long; the next one takes a moment to start. */
const IDLE_MS_MAX = 30_000;

export interface ModelIntake {
  /** The upload's bytes are gone from here afterwards: they are moved. */
  prepare(upload: ModelUpload): Promise<ModelVerdict>;
  close(): Promise<void>;
}

export function modelIntake(): ModelIntake {
  const pool = new Piscina({
    filename: new URL("./intake-thread.mjs", import.meta.url).href,
    execArgv: [],
    minThreads: 0,
    maxThreads: 1,
    idleTimeout: IDLE_MS_MAX,
    concurrentTasksPerWorker: 1,
  });
  return {
    prepare(upload) {
      const ours = inBuffersOfTheirOwn(upload);
      const all = "onnx" in ours ? [ours.onnx] : [ours.modelJson, ...ours.weightFiles.map(({ bytes }) => bytes)];
      return pool.run(ours, { transferList: all.map(({ buffer }) => buffer as ArrayBuffer) });
    },
    close: () => pool.destroy(),
  };
}

function inBuffersOfTheirOwn(upload: ModelUpload): ModelUpload {
  if ("onnx" in upload) return { onnx: inBufferOfItsOwn(upload.onnx) };
  return {
    modelJson: inBufferOfItsOwn(upload.modelJson),
    weightFiles: upload.weightFiles.map(({ name, bytes }) => ({ name, bytes: inBufferOfItsOwn(bytes) })),
  };
}

/** Small Buffers of Node share one: moving theirs would move others' with it. */
function inBufferOfItsOwn(bytes: Uint8Array): Uint8Array {
  const isWhole = bytes.byteLength === bytes.buffer.byteLength;
  return isWhole ? new Uint8Array(bytes.buffer) : Uint8Array.from(bytes);
}
