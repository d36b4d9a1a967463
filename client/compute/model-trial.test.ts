import { describe, expect, test } from "vitest";
import type { BackendName, LoadedModel } from "../../shared/compute/model-runtime.ts";
import { type BackendTrial, type Candidate, chooseBackend } from "./model-trial.ts";

/** Back-ends that answer as told and take as long as told, on a clock of their own. */
function tools() {
  let nowMs = 0;
  const disposed: BackendName[] = [];
  const rowsAsked: number[] = [];
  const model = (backend: BackendName, ms: number, answer: (x: number) => number): LoadedModel => {
    const run = async (rows: Float32Array, rowCount: number) => {
      nowMs += ms * rowCount;
      rowsAsked.push(rowCount);
      if (Number.isNaN(answer(1))) throw new Error("the device is lost");
      return rows.map(answer);
    };
    const sizes = { inputShape: [2], inputs: [], inputSize: 2, outputSize: 2, macsPerQuery: 4 };
    return {
      facts: { ...sizes, weightBytes: 16, activationsPerQuery: 4, numbersPerRun: 0 },
      run,
      runProfiled: async (rows, rowCount) => ({ outputs: await run(rows, rowCount), kernels: [] }),
      dispose: () => void disposed.push(backend),
    };
  };
  const base = { backend: "wasm" as const, model: model("wasm", 10, (x) => 2 * x) };
  const choose = (
    others: readonly Candidate[],
    forced: BackendName | null = null,
    usual: BackendTrial["base"] = base,
  ) =>
    chooseBackend(
      { modelSha256: "m", base: usual, others, forced, nowMs: () => nowMs },
      Float32Array.from({ length: 20 }, (_, i) => i + 1),
      10,
    );
  return {
    choose,
    disposed,
    rowsAsked,
    card: (ms: number, answer: (x: number) => number) => model("webgpu", ms, answer),
  };
}

describe("[PC7] where a tab computes a model", () => {
  test("a card that is right and faster is taken, the other let go; few rows are tried", async () => {
    const { choose, card, disposed, rowsAsked } = tools();
    const { backend, choice } = await choose([{ backend: "webgpu", model: card(1, (x) => 2.0001 * x) }]);
    expect(backend).toBe("webgpu");
    expect(choice).toEqual({
      modelSha256: "m",
      backend: "webgpu",
      tried: [
        { backend: "wasm", problem: null, msPerRow: 10 },
        { backend: "webgpu", problem: null, msPerRow: 1 },
      ],
    });
    expect(disposed).toEqual(["wasm"]);
    expect(Math.max(...rowsAsked)).toBe(4);
  });

  test("one that is slower is not, unless it is the one that is wanted", async () => {
    const slow = tools();
    expect((await slow.choose([{ backend: "webgpu", model: slow.card(20, (x) => 2 * x) }])).backend).toBe("wasm");
    expect(slow.disposed).toEqual(["webgpu"]);
    const wanted = tools();
    const card = { backend: "webgpu", model: wanted.card(20, (x) => 2 * x) } as const;
    expect((await wanted.choose([card], "webgpu")).backend).toBe("webgpu");
  });

  test.each([
    ["that is wrong, however fast", (x: number) => 2.1 * x, "other answers"],
    ["that is wrong in a row of many", (x: number) => (x === 7 ? 0 : 2 * x), "other answers"],
    ["that fails", () => Number.NaN, "the device is lost"],
  ])("one %s is not taken, and it is said why", async (_what, answer, problem) => {
    const { choose, card, disposed } = tools();
    const { backend, choice } = await choose([{ backend: "webgpu", model: card(1, answer) }], "webgpu");
    expect(backend).toBe("wasm");
    expect(choice.tried[1]).toMatchObject({ backend: "webgpu", problem });
    expect(disposed).toEqual(["webgpu"]);
  });

  test("where the usual back-end is a card, a processor that gives other answers is right; one within half precision is merely slower", async () => {
    const at = async (answer: (x: number) => number) => {
      const { choose, card } = tools();
      return choose([{ backend: "wasm", model: card(50, answer) }], null, {
        backend: "webgl",
        model: card(1, (x) => 2 * x),
      });
    };
    const wrong = await at((x) => 3 * x);
    expect(wrong.backend).toBe("wasm");
    expect(wrong.choice.tried).toEqual([
      { backend: "webgl", problem: "other answers", msPerRow: 1 },
      { backend: "wasm", problem: null, msPerRow: 50 },
    ]);
    const coarse = await at((x) => 2.01 * x);
    expect(coarse.backend).toBe("webgl");
    expect(coarse.choice.tried.map(({ problem }) => problem)).toEqual([null, null]);
  });

  test("a second card is measured at the processor, not at a first one that is merely coarser", async () => {
    const beside = async (answer: (x: number) => number) => {
      const { choose, card } = tools();
      return choose(
        [
          { backend: "wasm", model: card(50, (x) => 2 * x) },
          { backend: "webgpu", model: card(0.5, answer) },
        ],
        null,
        { backend: "webgl", model: card(1, (x) => 2.01 * x) },
      );
    };
    expect((await beside((x) => 2.0001 * x)).backend).toBe("webgpu");
    const same = await beside((x) => 2.01 * x);
    expect(same.backend).toBe("webgl");
    expect(same.choice.tried.map(({ problem }) => problem)).toEqual([null, null, "other answers"]);
  });

  test("one that is not there is said to be not there", async () => {
    const { choose } = tools();
    const { choice } = await choose([{ backend: "webgpu", model: "this browser gives no card" }]);
    expect(choice.tried[1]).toEqual({ backend: "webgpu", problem: "this browser gives no card", msPerRow: null });
  });
});
