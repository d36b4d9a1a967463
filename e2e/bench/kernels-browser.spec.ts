import { expect, test } from "@playwright/test";
import { fieldContractCases } from "../../shared/compute/field/field-kernels.contract.ts";
import type { ContractReport } from "./kernels-browser-page.ts";
import { bundleForPage } from "./page-bundle.ts";

test("in Chromium the wasm field kernels keep the contract: every product equals BigInt's", async ({ page }) => {
  await page.addScriptTag({ content: await bundleForPage("kernels-browser-page.ts") });
  const reports = (await page.evaluate("reportFieldContract()")) as ContractReport[];
  expect(reports.filter(({ problem }) => problem !== null)).toEqual([]);
  expect(reports).toHaveLength(fieldContractCases().length);
});
