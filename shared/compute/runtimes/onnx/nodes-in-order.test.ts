import fc from "fast-check";
import { expect, it } from "vitest";
import { unpackModel } from "../../model-bundle.ts";
import { nodesInOrder } from "./nodes-in-order.ts";
import { packOnnx } from "./pack-onnx.ts";
import type { FileNode } from "./read-onnx.ts";
import { fileOf, graphOf, nodeOf, trueTensor, withGraphAttribute, withTensor } from "./testing/graph-messages.ts";

const node = (name: string, ...inputs: string[]): FileNode => ({
  ...{ op: "Add", domain: "", inputs, outputs: [name], attributes: {} },
});
const namesOf = (nodes: readonly FileNode[]) => nodes.map(({ outputs }) => outputs[0]!);

it("puts each node behind those whose outputs it takes, and leaves what is in order as it is", () => {
  const ordered = [node("a", "x"), node("b", "a"), node("c", "x", "b")];
  expect(nodesInOrder(ordered)).toBe(ordered);
  expect(namesOf(nodesInOrder([node("c", "x", "b"), node("b", "a"), node("d", "x"), node("a", "x")]))).toEqual([
    ..."abcd",
  ]);
  const circle = [node("a", "b"), node("b", "a"), node("y", "b")];
  expect(nodesInOrder(circle)).toBe(circle);
});

it("any order of a graph without circles is put right, and nothing gets lost", () => {
  const graphs = fc.array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 1, maxLength: 30 }).chain((needs) => {
    const nodes = needs.map((some, place) =>
      node(`n${place}`, "x", ...some.filter(() => place > 0).map((one) => `n${one % Math.max(place, 1)}`)),
    );
    return fc.shuffledSubarray(nodes, { minLength: nodes.length });
  });
  fc.assert(
    fc.property(graphs, (nodes) => {
      const order = nodesInOrder(nodes);
      expect(namesOf(order).toSorted()).toEqual(namesOf(nodes).toSorted());
      const made = new Set(["x"]);
      for (const { inputs, outputs } of order) {
        for (const name of inputs) expect(made).toContain(name);
        made.add(outputs[0]!);
      }
    }),
  );
});

it("a cast at the end of a file, and a branch that takes what is made behind it, are taken", () => {
  const cast = graphOf([nodeOf("Relu", ["late"], "y"), nodeOf("Abs", ["x"], "late")]);
  expect(unpackModel(packOnnx(fileOf(cast))).modelTopology.nodes).toMatchObject([{ op: "Abs" }, { op: "Relu" }]);
  const side = (op: string) => graphOf([nodeOf(op, ["late"], "side")], ["side"]);
  const branch = withGraphAttribute(
    withGraphAttribute(nodeOf("If", ["yes"], "y"), "then_branch", side("Relu")),
    "else_branch",
    side("Neg"),
  );
  const branched = withTensor(graphOf([branch, nodeOf("Abs", ["x"], "late")]), trueTensor("yes"));
  expect(unpackModel(packOnnx(fileOf(branched))).modelTopology.nodes).toMatchObject([
    { op: "Abs" },
    { op: "Relu" },
    { op: "Identity" },
  ]);
});

it("a branch that takes more names than any model has is refused, in time and without a deep stack", () => {
  const endless = graphOf(
    [
      nodeOf(
        "Sum",
        Array.from({ length: 250_000 }, () => "x"),
        "side",
      ),
    ],
    ["side"],
  );
  const branch = withGraphAttribute(nodeOf("If", ["yes"], "y"), "then_branch", endless);
  expect(() => packOnnx(fileOf(withTensor(graphOf([branch]), trueTensor("yes"))))).toThrow(
    /at most 200000 inputs of nodes within nodes/,
  );
});
