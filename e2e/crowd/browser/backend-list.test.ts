import { expect, test } from "vitest";
import { parseBackends } from "./backend-list.ts";

test("a list of back-ends is read in the order of the tabs, and what is none is named", () => {
  expect(parseBackends("webgl, webgl,wasm")).toEqual(["webgl", "webgl", "wasm"]);
  expect(parseBackends("any")).toEqual([null]);
  expect(() => parseBackends("wasm,gpu")).toThrow('--backend: expected any, webgl, wasm, cpu, webgpu, got "gpu"');
});
