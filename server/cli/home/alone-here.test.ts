import { expect, test } from "vitest";
import { packDenseModel } from "../../../shared/compute/runtimes/tfjs/dense-model.ts";
import { ALONE_MS_WORTH_LEAST } from "../../../shared/kinds/alone-and-together.ts";
import { HOME_TRIAL_MODEL_BYTES_MAX } from "../../../shared/protocol/limits.ts";
import { aloneHere } from "./alone-here.ts";
import { type HomeModel, homeModel, LargeHereError, ofBundle } from "./home-model.ts";

const never = new AbortController().signal;

function dense(width: number): Promise<HomeModel> {
  const layer = {
    kernel: new Float32Array(width * width).fill(1 / width),
    bias: new Float32Array(width),
    activation: "linear",
  } as const;
  return ofBundle(packDenseModel([layer]), undefined);
}

test("a model that runs here is measured: one core for a job of seconds, all of them for a larger one", async () => {
  const model = await dense(64);
  const small = await aloneHere(model, 10, { signal: never, cores: 2 });
  if (typeof small === "string") throw new Error(small);
  expect(small.oneCoreMs).toBeLessThan(ALONE_MS_WORTH_LEAST);
  expect(small.how).toBe("this computer, WebAssembly on one core of 2; a native runtime is faster");
  const large = await aloneHere(model, 1e9, { signal: never, cores: 2 });
  if (typeof large === "string") throw new Error(large);
  expect(large.how).toBe("this computer, WebAssembly on 2 cores; a native runtime is faster");
  expect(large.lowMs).toBeGreaterThan(0);
  expect(large.lowMs).toBeLessThanOrEqual(large.highMs);
});

test("what is not done in time, or does not run, is no measurement but says why", async () => {
  const model = await dense(4);
  expect(await aloneHere(model, 10, { signal: never, msMax: 1 })).toBe("it was not done here within 0.001 s");
  const broken = { ...model, bundle: model.bundle.subarray(0, model.bundle.length - 8) };
  expect(await aloneHere(broken, 10, { signal: never })).toMatch(/^the model does not run here: /);
});

test("a model that is too large to be read here is not", async () => {
  const data = Object.defineProperty(new Blob(), "size", { value: HOME_TRIAL_MODEL_BYTES_MAX + 1 });
  await expect(homeModel([{ name: "m.onnx", data }], undefined)).rejects.toThrow(LargeHereError);
});

test("whoever interrupts it hears the reason", async () => {
  const interrupted = AbortSignal.abort(new Error("interrupted"));
  await expect(aloneHere(await dense(4), 10, { signal: interrupted })).rejects.toThrow("interrupted");
});
