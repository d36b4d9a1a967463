import { describe, expect, test } from "vitest";
import type { BackendName, ModelRuntime } from "../../shared/compute/model-runtime.ts";
import { calibrate, type KnownAnswer } from "./calibrate.ts";
import { largestDeviation } from "./largest-deviation.ts";

const known: KnownAnswer = {
  bundle: new Uint8Array(8),
  rows: Float32Array.of(1, 2),
  rowCount: 1,
  expected: Float32Array.of(3, -4),
};

/** Back-ends that answer as told and take as long as told, on a clock of their own. */
function bench(behaviour: Partial<Record<BackendName, { ms: number; outputs: number[] } | Error>>) {
  let nowMs = 0;
  let loaded = 0;
  const released: BackendName[] = [];
  const created: BackendName[] = [];
  const createRuntime = (backend: BackendName): ModelRuntime => {
    const how = behaviour[backend];
    created.push(backend);
    return {
      backend,
      release: async () => void released.push(backend),
      load: async () => {
        if (how === undefined) throw new Error("absent here");
        if (how instanceof Error) throw how;
        const run = async () => {
          nowMs += how.ms;
          return Float32Array.from(how.outputs);
        };
        loaded++;
        return {
          facts: {
            inputShape: [2],
            inputs: [],
            inputSize: 2,
            outputSize: 2,
            macsPerQuery: 4,
            weightBytes: 16,
            activationsPerQuery: 4,
            numbersPerRun: 0,
          },
          run,
          runProfiled: async () => ({ outputs: await run(), kernels: [] }),
          dispose: () => void loaded--,
        };
      },
    };
  };
  const tools = { createRuntime, whyNot: (): string | null => null, mayBeWanted: () => false, nowMs: () => nowMs };
  return { tools, released, created, loadedCount: () => loaded };
}

describe("calibrate", () => {
  test("the fastest candidate that answers right wins, and the others are released", async () => {
    const { tools, released, created, loadedCount } = bench({
      webgl: { ms: 1, outputs: [3.5, -4] },
      wasm: { ms: 2, outputs: [3.0001, -4] },
      cpu: { ms: 9, outputs: [3, -4] },
    });
    const { runtime, report } = await calibrate(["webgl", "wasm", "cpu"], known, tools);
    expect(runtime.backend).toBe("wasm");
    expect(report.candidates.map(({ msMedian }) => msMedian)).toEqual([null, 2, 9]);
    expect(report.candidates[0]?.problem).toMatch(/off by 0\.141/);
    expect(released).toEqual(["webgl", "cpu"]);
    expect(created).toEqual(["webgl", "wasm", "cpu"]);
    expect(loadedCount()).toBe(0);
  });

  test("one that is right and slower is kept where single models may want it", async () => {
    const { tools, released } = bench({
      webgl: { ms: 5, outputs: [3, -4] },
      wasm: { ms: 2, outputs: [3, -4] },
      cpu: { ms: 9, outputs: [3, -4] },
    });
    const mayBeWanted = (backend: BackendName) => backend !== "cpu";
    expect((await calibrate(["webgl", "wasm", "cpu"], known, { ...tools, mayBeWanted })).report.backend).toBe("wasm");
    expect(released).toEqual(["cpu"]);
  });

  test("float16 rounding is not taken for a wrong answer", async () => {
    const { tools } = bench({ webgl: { ms: 1, outputs: [3.002, -4.004] }, cpu: { ms: 5, outputs: [3, -4] } });
    expect((await calibrate(["webgl", "cpu"], known, tools)).report.backend).toBe("webgl");
  });

  test("a candidate that throws is put aside with its reason", async () => {
    const { tools } = bench({ webgl: new Error("no context"), cpu: { ms: 5, outputs: [3, -4] } });
    const { report } = await calibrate(["webgl", "wasm", "cpu"], known, tools);
    expect(report.backend).toBe("cpu");
    expect(report.candidates.map(({ problem }) => problem)).toEqual(["no context", "absent here", null]);
  });

  test("where none answers right, the error names each", async () => {
    const { tools } = bench({ webgl: { ms: 1, outputs: [Number.NaN, 0] }, cpu: { ms: 1, outputs: [3] } });
    await expect(calibrate(["webgl", "cpu"], known, tools)).rejects.toThrow(/webgl: off by Inf.*cpu: off by Inf/);
  });
});

describe("largestDeviation", () => {
  test("is relative to each row's own size", () => {
    const expected = Float32Array.of(100, 100, 1, 1);
    expect(largestDeviation(Float32Array.of(101, 100, 1, 1), expected, 2)).toBeCloseTo(0.01, 6);
    expect(largestDeviation(Float32Array.of(100, 100, 2, 1), expected, 2)).toBeCloseTo(1, 6);
  });

  test("is infinite for other shapes, for what is not finite, and for anything but zeros where zeros belong", () => {
    const zeros = Float32Array.of(0, 0);
    expect(largestDeviation(Float32Array.of(0), zeros, 1)).toBe(Infinity);
    expect(largestDeviation(Float32Array.of(0, Number.NaN), zeros, 1)).toBe(Infinity);
    expect(largestDeviation(Float32Array.of(0, 1e-9), zeros, 1)).toBe(Infinity);
    expect(largestDeviation(zeros, zeros, 1)).toBe(0);
  });

  test("what speaks against a candidate keeps it from being started, and is told", async () => {
    const { tools, created, released } = bench({ cpu: { ms: 5, outputs: [3, -4] } });
    const whyNot = (backend: BackendName) => (backend === "webgl" ? "no card" : null);
    const { report } = await calibrate(["webgl", "cpu"], known, { ...tools, whyNot });
    expect(report).toEqual({
      backend: "cpu",
      candidates: [
        { backend: "webgl", problem: "no card", msMedian: null },
        { backend: "cpu", problem: null, msMedian: 5 },
      ],
    });
    expect([created, released]).toEqual([["cpu"], []]);
  });
});
