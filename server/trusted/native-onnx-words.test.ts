import type * as ort from "onnxruntime-web/wasm";
import { expect, test } from "vitest";
import { nativeOnnx } from "../../shared/compute/runtimes/onnx/native-onnx.ts";
import { nativeOnnxInWords } from "./native-onnx-words.ts";

const ofVersion = (node: string) => async () => ({ env: { versions: { node } } }) as unknown as typeof ort;
const failing = (code: string) => () => Promise.reject(Object.assign(new Error("what it said"), { code }));

test("the doctor says whether ONNX rows are computed natively, why not, and what would have them so", async () => {
  const words = (load: Parameters<typeof nativeOnnx>[0]) => nativeOnnxInWords(nativeOnnx(load));
  const { wanted } = await nativeOnnx();
  expect(wanted).toMatch(/^onnxruntime-node@\d+\.\d+\.\d+$/);
  expect(await words(ofVersion(wanted.split("@")[1]!))).toBe(`computed natively (${wanted})`);
  expect(await words(failing("ERR_MODULE_NOT_FOUND"))).toMatch(
    new RegExp(`^computed by WebAssembly; .* --ignore-scripts ${wanted}$`),
  );
  expect(await words(ofVersion("0.0.1"))).toMatch(/because onnxruntime-node is of version 0\.0\.1; /);
  expect(await words(failing("ERR_DLOPEN_FAILED"))).toMatch(/because onnxruntime-node: what it said; /);
});
