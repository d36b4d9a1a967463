import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { build } from "vite";
import { fieldContractCases } from "../../shared/compute/field/field-kernels.contract.ts";
import type { ContractReport } from "./kernels-webgl-page.ts";

let script = "";

test.beforeAll(async () => {
  const outputs = await build({
    configFile: false,
    logLevel: "error",
    build: {
      write: false,
      target: "es2023",
      lib: { entry: join(import.meta.dirname, "kernels-webgl-page.ts"), formats: ["iife"], name: "fieldContract" },
    },
  });
  const [first] = Array.isArray(outputs) ? outputs : [outputs];
  if (first === undefined || !("output" in first)) throw new Error("vite: expected a bundle, got a watcher");
  script = first.output[0].code;
});

for (const backend of ["webgl", "wasm"] as const) {
  test(`in Chromium the ${backend} field kernels keep the contract: every product equals BigInt's`, async ({
    page,
  }) => {
    await page.addScriptTag({ content: script });
    const reports = (await page.evaluate(`reportFieldContract("${backend}")`)) as ContractReport[];
    expect(reports.filter(({ problem }) => problem !== null)).toEqual([]);
    expect(reports).toHaveLength(fieldContractCases().length);
  });
}
