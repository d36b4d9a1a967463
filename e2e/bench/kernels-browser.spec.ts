import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { build } from "vite";
import config from "../../playwright.config.ts";
import { fieldContractCases } from "../../shared/compute/field/field-kernels.contract.ts";
import type { ContractReport } from "./kernels-browser-page.ts";

const { launchOptions } = config.use!;
// WebGPU without a graphics card asks for one flag more.
test.use({ launchOptions: { ...launchOptions, args: [...(launchOptions?.args ?? []), "--enable-unsafe-webgpu"] } });

let script = "";

test.beforeAll(async () => {
  const outputs = await build({
    configFile: false,
    logLevel: "error",
    build: {
      write: false,
      target: "es2023",
      lib: { entry: join(import.meta.dirname, "kernels-browser-page.ts"), formats: ["iife"], name: "fieldContract" },
    },
  });
  const [first] = Array.isArray(outputs) ? outputs : [outputs];
  if (first === undefined || !("output" in first)) throw new Error("vite: expected a bundle, got a watcher");
  script = first.output[0].code;
});

for (const backend of ["webgl", "webgpu", "wasm"] as const) {
  test(`in Chromium the ${backend} field kernels keep the contract: every product equals BigInt's`, async ({
    page,
  }) => {
    // WebGPU is for secure contexts alone: a page of this machine is one, an empty page is none.
    await page.route("http://localhost/", (route) =>
      route.fulfill({ contentType: "text/html", body: "<!doctype html>" }),
    );
    await page.goto("http://localhost/");
    await page.addScriptTag({ content: script });
    const reports = (await page.evaluate(`reportFieldContract("${backend}")`)) as ContractReport[];
    expect(reports.filter(({ problem }) => problem !== null)).toEqual([]);
    expect(reports).toHaveLength(fieldContractCases().length);
  });
}

test("once a WebGL context is lost every product and every load is an error, never zeros", async ({ page }) => {
  await page.addScriptTag({ content: script });
  expect(await page.evaluate("useLostContext()")).toEqual(["FieldError", "FieldError", "FieldError"]);
});
