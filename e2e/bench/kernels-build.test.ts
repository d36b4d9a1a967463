import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { compileKernels, KERNELS, kernelsModule, kernelsPath } from "./kernels-build.ts";

test.each(Object.entries(KERNELS))(
  "the committed WebAssembly of %s is what the AssemblyScript compiler makes of the source",
  async (folder, name) => {
    const binary = await compileKernels(folder);
    expect(WebAssembly.validate(binary as Uint8Array<ArrayBuffer>)).toBe(true);
    // If this fails: npm run build:kernels
    expect(await readFile(kernelsPath(folder), "utf8")).toBe(kernelsModule(name, binary));
  },
);
