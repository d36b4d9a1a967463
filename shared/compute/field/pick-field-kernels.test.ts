import { describe, expect, test } from "vitest";
import { FieldError } from "../../field/field-error.ts";
import type { FieldKernels } from "./field-kernels.ts";
import { type FieldCandidate, pickFieldKernels } from "./pick-field-kernels.ts";
import { createPlainKernels } from "./plain-kernels.ts";
import { createWasmKernels } from "./wasm-kernels.ts";

/** A clock that a back-end's products move, so that the test depends on no real time. */
function withClock() {
  let ms = 0;
  const disposed: string[] = [];
  const candidate = (
    backend: "plain" | "wasm" | "webgl",
    msPerProduct: number,
    spoil: (result: Uint32Array) => Uint32Array = (result) => result,
  ): FieldCandidate => ({
    backend,
    create: async (): Promise<FieldKernels> => {
      const plain = createPlainKernels();
      return {
        backend,
        loadMatrix(entries, rows, columns) {
          const matrix = plain.loadMatrix(entries, rows, columns);
          return {
            ...matrix,
            async matVec(vector) {
              ms += msPerProduct;
              return spoil(await matrix.matVec(vector));
            },
          };
        },
        dispose: () => disposed.push(backend),
      };
    },
  });
  return { candidate, disposed, nowMs: () => ms };
}

describe("the choice of a back-end", () => {
  test("the fastest right one wins, and the others are let go", async () => {
    const { candidate, disposed, nowMs } = withClock();
    const { kernels, candidates } = await pickFieldKernels(
      [candidate("plain", 9), candidate("wasm", 2), candidate("webgl", 5)],
      nowMs,
    );
    expect(kernels.backend).toBe("wasm");
    expect(candidates.map(({ msMedian }) => msMedian)).toEqual([9, 2, 5]);
    expect(disposed.sort()).toEqual(["plain", "webgl"]);
  });

  test("one wrong entry puts the fastest aside, and so does one that cannot start", async () => {
    const { candidate, nowMs } = withClock();
    const wrong = candidate("webgl", 1, (result) => result.with(200, (result[200]! + 1) % 7));
    const absent: FieldCandidate = { backend: "wasm", create: () => Promise.reject(new Error("no SIMD")) };
    const { kernels, candidates } = await pickFieldKernels([wrong, absent, candidate("plain", 9)], nowMs);
    expect(kernels.backend).toBe("plain");
    expect(candidates.map(({ problem }) => problem)).toEqual(["wrong at row 200", "no SIMD", null]);
  });

  test("where none is right there is an error that says why", async () => {
    const absent: FieldCandidate = { backend: "webgl", create: () => Promise.reject(new FieldError("no context")) };
    await expect(pickFieldKernels([absent], () => 0)).rejects.toThrow(/got none \(webgl: no context\)/);
    await expect(pickFieldKernels([], () => 0)).rejects.toThrow(FieldError);
  });

  test("the real back-ends answer the question right", async () => {
    const real: FieldCandidate[] = [
      { backend: "plain", create: async () => createPlainKernels() },
      { backend: "wasm", create: createWasmKernels },
    ];
    const { kernels, candidates } = await pickFieldKernels(real, () => performance.now());
    expect(candidates.map(({ problem }) => problem)).toEqual([null, null]);
    kernels.dispose();
  });
});
