/** Operators that take numbers one by one. */
import { IMAGE, long, node, type OperatorCase, single, weight } from "../operator-case.ts";

const UNARY =
  "Acos Asin Asinh Atan Atanh Ceil Cos Cosh Floor Hardmax Round Shrink Sign Sin Sinh Swish Tan ThresholdedRelu";
const COMPARED = "Equal Greater GreaterOrEqual Less LessOrEqual";
const toFloat = (from: string, to = "y") => node("Cast", [from], { to: { i: 1 } }, [to]);

/** Below 1, where an inverse sine is a number. */
const small = (op: string) => [node("Mul", ["x", "half"], {}, ["small"]), node(op, ["small"])];

export const ELEMENTWISE_CASES: Record<string, OperatorCase> = {
  ...Object.fromEntries(
    UNARY.split(" ").map((op): [string, OperatorCase] => [
      op,
      { nodes: small(op), weights: [single("half", 0.5)], output: IMAGE, opset: op === "Swish" ? 24 : 22 },
    ]),
  ),
  Acosh: {
    nodes: [node("Add", ["x", "one"], {}, ["more"]), node("Acosh", ["more"])],
    weights: [single("one", 1)],
    output: IMAGE,
  },
  ...Object.fromEntries(
    COMPARED.split(" ").map((op): [string, OperatorCase] => [
      op,
      { nodes: [node(op, ["x", "c"], {}, ["b"]), toFloat("b")], weights: [weight("c", 4, 1, 1)], output: IMAGE },
    ]),
  ),
  ...Object.fromEntries(
    ["And", "Or", "Xor"].map((op): [string, OperatorCase] => [
      op,
      {
        nodes: [
          node("Greater", ["x", "c"], {}, ["a"]),
          node("Less", ["x", "d"], {}, ["b"]),
          node(op, ["a", "b"], {}, ["r"]),
          toFloat("r"),
        ],
        weights: [weight("c", 1, 5), weight("d", 6, 1)],
        output: IMAGE,
      },
    ]),
  ),
  "Not, IsNaN and IsInf": {
    nodes: [
      node("IsNaN", ["x"], {}, ["a"]),
      node("IsInf", ["x"], {}, ["b"]),
      node("Or", ["a", "b"], {}, ["c"]),
      node("Not", ["c"], {}, ["d"]),
      toFloat("d"),
    ],
    output: IMAGE,
  },
  "Where of the query": {
    nodes: [node("Greater", ["x", "c"], {}, ["a"]), node("Where", ["a", "x", "never"])],
    weights: [weight("c", 5), single("never", Number.NEGATIVE_INFINITY)].map((one) =>
      one.name === "never" ? single("never", -7) : one,
    ),
    output: IMAGE,
  },
  "Clip with an infinite end": {
    nodes: [node("Clip", ["x", "low", "high"])],
    weights: [single("low", 0.5), single("high", Number.POSITIVE_INFINITY)],
    output: IMAGE,
  },
  "Clip of opset 7 with an infinite end": {
    opset: 7,
    nodes: [node("Clip", ["x"], { min: { f: 0.5 }, max: { f: "Infinity" } })],
    output: IMAGE,
  },
  "Cast to whole numbers and back": {
    nodes: [
      node("Mul", ["x", "ten"], {}, ["m"]),
      node("Cast", ["m"], { to: { i: 7 } }, ["i"]),
      node("Mod", ["i", "three"], {}, ["r"]),
      toFloat("r"),
    ],
    weights: [single("ten", 10)],
    integers: { three: long(3) },
    output: IMAGE,
  },
  CastLike: {
    opset: 19,
    nodes: [node("CastLike", ["x", "like"], {}, ["d"]), toFloat("d")],
    weights: [{ name: "like", shape: [1], dtype: "float64", values: Float64Array.of(1) }],
    output: IMAGE,
  },
  "Pow with a whole exponent": { nodes: [node("Pow", ["x", "two"])], integers: { two: long(2) }, output: IMAGE },
  "Div and Mul of whole numbers of the query": {
    nodes: [
      node("Cast", ["x"], { to: { i: 7 } }, ["i"]),
      node("Add", ["i", "three"], {}, ["a"]),
      node("Div", ["a", "two"], {}, ["d"]),
      toFloat("d"),
    ],
    integers: { three: long(3), two: long(2) },
    output: IMAGE,
  },
};
