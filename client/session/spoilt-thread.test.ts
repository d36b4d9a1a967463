import { expect, test } from "vitest";
import { threadIsSpoilt } from "./spoilt-thread.ts";

test("what engines and back-ends say of lost memory and lost contexts spoils a thread", () => {
  const spoilt = [
    "WebAssembly.Memory.grow(): Maximum memory size exceeded",
    "Out of memory",
    "Array buffer allocation failed",
    "memory access out of bounds",
    "Invalid array buffer length",
    "unreachable",
    "webgl: expected a graphics context, got a lost one",
    "webgl run: expected a context, got a lost one",
    "webgl upload: expected no error, got code 1285",
  ];
  for (const message of spoilt) expect(threadIsSpoilt(message), message).toBe(true);
});

test("what another thread would answer alike does not", () => {
  const sound = [
    "fetchBlob: expected status 200, got 404",
    "the coordinator at http://localhost:8787 cannot be reached: unreachable host",
    "model: expected 10 x 10 outputs, got 50",
    "webgl: expected no error, got code 1282",
  ];
  for (const message of sound) expect(threadIsSpoilt(message), message).toBe(false);
});
