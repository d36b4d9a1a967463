import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { compileKernels, KERNELS_MODULE, kernelsModule } from "./kernels-build.ts";

test("the committed WebAssembly is what the AssemblyScript compiler makes of the source", async () => {
  const binary = await compileKernels();
  expect(WebAssembly.validate(binary as Uint8Array<ArrayBuffer>)).toBe(true);
  // If this fails: npm run build:kernels
  expect(await readFile(KERNELS_MODULE, "utf8")).toBe(kernelsModule(binary));
});
