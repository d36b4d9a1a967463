import { afterEach, describe, expect, test } from "vitest";
import { ShellWithTabs } from "../../../e2e/crowd/shell-with-tabs.ts";
import { packOnnx } from "../../../shared/compute/runtimes/onnx/pack-onnx.ts";
import { node } from "../../../shared/compute/runtimes/onnx/testing/operator-case.ts";
import { smallOnnx } from "../../../shared/compute/runtimes/onnx/testing/small-onnx.ts";
import type { DeclaredInput } from "../../../shared/compute/runtimes/onnx/write-onnx.ts";
import type { NpyArray } from "../../../shared/protocol/npy.ts";
import { isProblem } from "../../web/coordinator-port.ts";

const WIDTH = 3;
const SETTINGS = { scheme: "systematic", queriesPerGroup: 1, stragglers: 0, liars: 0, task: "regression" };

let world: ShellWithTabs;
afterEach(() => world.close());

/** Pictures as bytes and the like: cast to floats before anything else. */
const castFirst = (dtype: DeclaredInput["dtype"]) =>
  packOnnx(
    smallOnnx({
      inputs: [{ name: "x", shape: [-1, WIDTH], dtype }],
      outputs: ["y"],
      nodes: [node("Cast", ["x"], { to: { i: 1 } }, ["f"]), node("Neg", ["f"])],
      weights: [],
    }),
  );

async function submitted(bundle: Uint8Array, array: NpyArray, changes: object = {}) {
  world = await ShellWithTabs.open([{}, {}, {}], "onnx");
  const [modelSha256, queriesSha256] = await Promise.all([world.store.putBlob(bundle), world.upload(array)]);
  const source = { kind: "uploads", modelSha256, queriesSha256, ...changes };
  return { ...SETTINGS, source };
}

const floats = (...values: number[]): NpyArray => {
  return { dtype: "F32", shape: [values.length / WIDTH, WIDTH], data: Float32Array.from(values) };
};

describe("[SC8] queries of a model that casts whole numbers to floats at once", () => {
  test.each([
    [
      "uint8",
      floats(0, 255, 7, 1, 2, 300),
      /query 1: input 'x': expected whole numbers from 0 to 255 \(uint8\), got 300 at place 2/,
    ],
    ["uint8", floats(0, 255, -5), /query 0: .* from 0 to 255 \(uint8\), got -5 at place 2/],
    ["int64", floats(1, 2, 3, 1, 1.5, 2), /query 1: .* \(int64\), got 1.5 at place 1/],
    ["int8", floats(127, -128, 128), /query 0: .* from -128 to 127 \(int8\), got 128 at place 2/],
    ["bool", floats(0, 1, 2), /query 0: .* from 0 to 1 \(bool\), got 2 at place 2/],
  ] as const)(
    "%s: a number that does not fit is refused with its row and its place",
    async (dtype, queries, problem) => {
      const submission = await submitted(castFirst(dtype), queries);
      const reply = await world.submit(submission);
      expect(isProblem(reply) && [reply.code, reply.message]).toEqual([
        "wrong-numbers",
        expect.stringMatching(problem),
      ]);
    },
  );

  test("what fits is answered, and codes may mix it", async () => {
    const submission = await submitted(castFirst("uint8"), floats(0, 255, 7, 1, 2, 30));
    const jobId = await world.run(submission);
    const { outputs } = (await world.shell.desks.inference.allAnswers(jobId))!;
    expect([...outputs].map((value) => value + 0)).toEqual([0, -255, -7, -1, -2, -30]);
    expect(world.shell.jobView(jobId)).toMatchObject({ state: "done" });
  });

  test("they are looked at as the model gets them: scaled", async () => {
    const bytes: NpyArray = { dtype: "U8", shape: [1, WIDTH], data: Uint8Array.of(1, 2, 3) };
    const submission = await submitted(castFirst("uint8"), bytes, { inputScale: 0.5 });
    const reply = await world.submit(submission);
    expect(isProblem(reply) && reply.message).toMatch(/query 0: .*got 0.5 at place 0/);
  });
});

describe("[PR112] whole numbers as outputs", () => {
  const large = (dtype: "int64" | "int32" | "uint64") =>
    packOnnx(
      smallOnnx({
        input: { name: "x", shape: [-1, WIDTH] },
        outputs: ["y"],
        nodes: [
          node("Cast", ["x"], { to: { i: { int32: 6, int64: 7, uint64: 13 }[dtype] } }, ["whole"]),
          node("Mul", ["whole", "many"], {}, ["y"]),
        ],
        weights: [
          dtype === "int32"
            ? { name: "many", shape: [], dtype, values: Int32Array.of(16_777_217) }
            : { name: "many", shape: [], dtype, values: BigInt64Array.of(16_777_217n) },
        ],
      }),
    );

  test.each(["int64", "int32", "uint64"] as const)(
    "%s: a row with one that float32 does not hold is marked, and none becomes its neighbour",
    async (dtype) => {
      const submission = await submitted(large(dtype), floats(0, 0, 0, 0, 1, 0, 0, 127, 0, 0, 0, 0));
      const jobId = await world.run(submission);
      const page = await world.shell.desks.inference.answers(jobId, 0, 4);
      const [first, second, third] = page!.answers;
      expect([first!.mark, [...first!.outputs]]).toEqual([expect.not.stringMatching("non-finite"), [0, 0, 0]]);
      expect([second!.mark, second!.outputs, second!.final]).toEqual(["non-finite", [], true]);
      expect([third!.mark, third!.outputs]).toEqual(["non-finite", []]);
    },
  );

  test.each([7, 8, 10, 13])("so it is in version %i of the operators", async (opset) => {
    const bundle = packOnnx(
      smallOnnx({
        opset,
        input: { name: "x", shape: [-1, WIDTH] },
        outputs: ["y"],
        nodes: [node("Cast", ["x"], { to: { i: 7 } }, ["whole"]), node("Mul", ["whole", "many"])],
        weights: [{ name: "many", shape: [1], dtype: "int64", values: BigInt64Array.of(16_777_217n) }],
      }),
    );
    const submission = { ...(await submitted(bundle, floats(0, 0, 0, 0, 1, 0))), scheme: "uncoded" };
    const jobId = await world.run(submission);
    const page = await world.shell.desks.inference.answers(jobId, 0, 2);
    expect(page!.answers.map(({ outputs }) => [...outputs])).toEqual([[0, 0, 0], []]);
  });

  test("what float32 holds is answered, however large", async () => {
    const bundle = packOnnx(
      smallOnnx({
        input: { name: "x", shape: [-1, WIDTH] },
        outputs: ["y"],
        nodes: [node("Cast", ["x"], { to: { i: 7 } })],
        weights: [],
      }),
    );
    const queries = floats(2 ** 30, -(2 ** 40), 2 ** 52, 2 ** 53, 0, 0);
    // One unit in the last place of such a query is a whole number that is not held: audits have nothing to compare with.
    const submission = { ...(await submitted(bundle, queries)), scheme: "uncoded" };
    const jobId = await world.run(submission);
    const page = await world.shell.desks.inference.answers(jobId, 0, 2);
    expect(page!.answers.map(({ mark, outputs }) => [mark === "non-finite", [...outputs]])).toEqual([
      [false, [2 ** 30, -(2 ** 40), 2 ** 52]],
      [true, []],
    ]);
  });
});
