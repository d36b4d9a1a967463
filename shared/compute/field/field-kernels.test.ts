import { beforeAll, describe, expect, it, test } from "vitest";
import { fieldContractCases } from "./field-kernels.contract.ts";
import type { FieldKernels } from "./field-kernels.ts";
import { createPlainKernels } from "./plain-kernels.ts";
import { createWasmKernels } from "./wasm-kernels.ts";

const BACKENDS: Readonly<Record<string, () => Promise<FieldKernels>>> = {
  plain: async () => createPlainKernels(),
  wasm: createWasmKernels,
};

describe.each(Object.entries(BACKENDS))("%s", (name, create) => {
  let kernels: FieldKernels;
  beforeAll(async () => {
    kernels = await create();
  });
  it("says what it is", () => expect(kernels.backend).toBe(name));
  for (const { name: fact, check } of fieldContractCases()) it(fact, () => check(kernels));
});

test("a contract that is broken is told: one entry off by one", async () => {
  const plain = createPlainKernels();
  const off: FieldKernels = {
    ...plain,
    loadMatrix: (entries, rows, columns) => ({
      ...plain.loadMatrix(entries, rows, columns),
      matVec: async () => new Uint32Array(rows).fill(1),
    }),
  };
  const outcomes = await Promise.allSettled(fieldContractCases().map(({ check }) => check(off)));
  expect(outcomes.filter(({ status }) => status === "rejected").length).toBeGreaterThan(10);
});
