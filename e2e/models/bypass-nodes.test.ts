import { expect, test } from "vitest";
import { unpackModel } from "../../shared/compute/model-bundle.ts";
import { packOnnx } from "../../shared/compute/runtimes/onnx/pack-onnx.ts";
import { smallOnnx } from "../../shared/compute/runtimes/onnx/testing/small-onnx.ts";
import { outputNames } from "../../shared/compute/select-output.ts";
import { bypassNodes } from "./bypass-nodes.ts";

const node = (op: string, inputs: string[], output: string) => ({ op, inputs, outputs: [output], attributes: {} });
const file = smallOnnx({
  input: { name: "x", shape: [-1, 2] },
  outputs: ["y"],
  nodes: [
    node("Relu", ["x"], "a"),
    node("Neg", ["a"], "detour"),
    node("Exp", ["detour"], "same"),
    node("Add", ["same", "same"], "y"),
  ],
  weights: [],
});

test("whoever took the one takes the other, and what only served the one is gone", async () => {
  const bundle = packOnnx(bypassNodes(file, "a", "same"));
  const { modelTopology } = unpackModel(bundle);
  expect(modelTopology.nodes).toEqual([node("Relu", ["x"], "a"), node("Add", ["a", "a"], "y")]);
  expect(await outputNames(bundle)).toEqual(["y"]);
});

test("what nobody takes cannot be bypassed", () => {
  expect(() => bypassNodes(file, "a", "none")).toThrow("a node that takes 'none'");
});
