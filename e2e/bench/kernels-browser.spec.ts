import { expect, test } from "@playwright/test";
import config from "../../playwright.config.ts";
import { fieldContractCases } from "../../shared/compute/field/field-kernels.contract.ts";
import type { ContractReport } from "./kernels-browser-page.ts";
import { bundleForPage } from "./page-bundle.ts";

const { launchOptions } = config.use!;
// WebGPU without a graphics card asks for one flag more.
test.use({ launchOptions: { ...launchOptions, args: [...(launchOptions?.args ?? []), "--enable-unsafe-webgpu"] } });

let script = "";

test.beforeAll(async () => {
  script = await bundleForPage("kernels-browser-page.ts");
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
