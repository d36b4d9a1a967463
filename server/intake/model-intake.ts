/**
 * Looks through uploaded models on a thread of its own: hundreds of megabytes of weights are packed and checked for numbers
 * that are not finite, and neither the event loop nor the audits of jobs at work wait for it.
 */
import { Piscina } from "piscina";
import type { NamedFile } from "../../shared/compute/runtimes/runtime-description.ts";
import type { ModelVerdict } from "./prepare-model.ts";

/** A thread without uploads goes after so long; the next one takes a moment to start. */
const IDLE_MS_MAX = 30_000;

export interface ModelIntake {
  /** The bytes of the files are gone from here afterwards: they are moved. */
  prepare(files: readonly NamedFile[]): Promise<ModelVerdict>;
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
    prepare(files) {
      const ours = files.map(({ name, bytes }) => ({ name, bytes: inBufferOfItsOwn(bytes) }));
      return pool.run(ours, { transferList: ours.map(({ bytes }) => bytes.buffer as ArrayBuffer) });
    },
    close: () => pool.destroy(),
  };
}

/** Small Buffers of Node share one: moving theirs would move others' with it. */
function inBufferOfItsOwn(bytes: Uint8Array): Uint8Array {
  const isWhole = bytes.byteLength === bytes.buffer.byteLength;
  return isWhole ? new Uint8Array(bytes.buffer) : Uint8Array.from(bytes);
}
