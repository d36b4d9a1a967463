import { describe, expect, test } from "vitest";
import { FieldError } from "../../field/field-error.ts";
import type { FieldKernels } from "./field-kernels.ts";
import { type FieldCandidate, pickFieldKernels } from "./pick-field-kernels.ts";
import { createPlainKernels } from "./plain-kernels.ts";
import { createWasmKernels } from "./wasm-kernels.ts";

const disposed: string[] = [];

/** Plain kernels under either name, whose products may be spoilt. */
function candidate(
  backend: "plain" | "wasm",
  spoil: (result: Uint32Array) => Uint32Array = (result) => result,
): FieldCandidate & { created: number } {
  const one = {
    backend,
    created: 0,
    create: async (): Promise<FieldKernels> => {
      one.created++;
      const plain = createPlainKernels();
      return {
        backend,
        loadMatrix(entries, rows, columns) {
          const matrix = plain.loadMatrix(entries, rows, columns);
          return { ...matrix, matVec: async (vector) => spoil(await matrix.matVec(vector)) };
        },
        dispose: () => disposed.push(backend),
      };
    },
  };
  return one;
}

describe("the choice of a back-end", () => {
  test("the first right one is taken, and those behind it are not started", async () => {
    const [wasm, plain] = [candidate("wasm"), candidate("plain")];
    expect((await pickFieldKernels([wasm, plain])).backend).toBe("wasm");
    expect([wasm.created, plain.created]).toEqual([1, 0]);
  });

  test("one wrong entry puts a back-end aside, which is let go, and so does one that cannot start", async () => {
    disposed.length = 0;
    const wrong = candidate("wasm", (result) => result.with(200, (result[200]! + 1) % 7));
    const absent: FieldCandidate = { backend: "wasm", create: () => Promise.reject(new Error("no SIMD")) };
    expect((await pickFieldKernels([wrong, absent, candidate("plain")])).backend).toBe("plain");
    expect(disposed).toEqual(["wasm"]);
    await expect(pickFieldKernels([wrong, absent])).rejects.toThrow(/\(wasm: wrong at row 200; wasm: no SIMD\)/);
  });

  test("where none is right there is an error that says why", async () => {
    const absent: FieldCandidate = { backend: "wasm", create: () => Promise.reject(new FieldError("no memory")) };
    await expect(pickFieldKernels([absent])).rejects.toThrow(/got none \(wasm: no memory\)/);
    await expect(pickFieldKernels([])).rejects.toThrow(FieldError);
  });

  test.each<FieldCandidate>([
    { backend: "plain", create: async () => createPlainKernels() },
    { backend: "wasm", create: createWasmKernels },
  ])("the real $backend back-end answers the question right", async (real) => {
    const kernels = await pickFieldKernels([real]);
    expect(kernels.backend).toBe(real.backend);
    kernels.dispose();
  });
});
