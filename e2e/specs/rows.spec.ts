/** Jobs on the ledger of rows, as submitters and operators see them: the price before, rows and checks while they run, and what the bound says. */
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { digits, ended, expect, forOneTab, test } from "./fixtures.ts";
import { seriousProblems, sidewaysPx } from "./page-manners.ts";

/** For whoever wants to look: PARITAB's specs write no picture unless this folder is named. */
const SHOTS = process.env.SHOTS_OF_ROWS;

/** At both widths: nothing serious for axe, and nothing to scroll sideways. */
async function expectSound(page: Page, name: string): Promise<void> {
  for (const [colorScheme, width] of [
    ["dark", 390],
    ["light", 1280],
  ] as const) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 900 });
    expect(await seriousProblems(page)).toEqual([]);
    await expect.poll(() => sidewaysPx(page)).toBeLessThanOrEqual(0);
    if (SHOTS !== undefined) await page.screenshot({ path: join(SHOTS, `${name}-${width}.png`), fullPage: true });
  }
}

test("the price of checks is told in the form, and the job's page shows it beside what was computed, with the words of the bound", async ({
  page,
  coordinator,
  openTabs,
}) => {
  const { client, url } = coordinator;
  await openTabs({ tabs: 4 });
  await page.goto(`${url}/dashboard#new`);
  const dial = page.getByTestId("dial");
  await page.getByLabel("Number of digits").fill("1000");
  await page.getByText("Advanced: choose the code by hand").click();
  for (const [name, value] of Object.entries({ K: "1", S: "0", E: "0" }))
    await page.getByLabel(name, { exact: true }).fill(value);
  await expect(dial.getByText(/the coordinator computes about \d+ rows/)).toBeVisible();
  await page.getByText("What the bound says, and a cap on its price").click();
  await expect(page.getByText(/Of all rows that you asked for, accepted or not, at most a share 0.001/)).toBeVisible();
  await expectSound(page, "form");
  await page.getByLabel("Rows of the coordinator, at most").fill("20");
  await expect(dial.getByText(/more than 20 rows of the coordinator, which is the cap/)).toBeVisible();

  const { jobId } = await client.submit(digits(1_000, forOneTab));
  await page.goto(`${url}/dashboard#jobs/${jobId}/progress`);
  const rows = page.getByTestId("rows");
  await expect(rows).toBeVisible();
  await ended(client, jobId);
  await expect(rows.getByText("1,000, 1,000, 1,000")).toBeVisible();
  await expect(rows.getByText(/told before: about \d+/)).toBeVisible();
  await expect(rows.getByText("1 of 1")).toBeVisible();
  // It has no code to compare with, and no rounds; no page speaks of them.
  await expect(page.getByTestId("plain-and-coded")).toHaveCount(0);
  await expect(page.getByRole("heading", { name: "Rounds" })).toHaveCount(0);
  await expectSound(page, "job");
  await page.goto(`${url}/operator`);
  await expect(page.getByText("Trusted rows, beside their price")).toBeVisible();
  await expect(page.getByText("Named within an hour")).toBeVisible();
  await expectSound(page, "operator");
});

test("a job whose estimates may stand is compared with plain rows where the submitter asks", async ({
  page,
  coordinator,
  openTabs,
}) => {
  const { client, url } = coordinator;
  await openTabs({ tabs: 6 });
  const { jobId } = await client.submit(
    digits(400, { queriesPerGroup: 4, stragglers: 1, completion: "fast", confidenceFloor: 0, spares: "parities" }),
  );
  await page.goto(`${url}/dashboard#jobs/${jobId}/progress`);
  const beside = page.getByTestId("plain-and-coded");
  await beside.getByRole("button", { name: "Compare plain and coded" }).click();
  await expect(beside.getByRole("row", { name: /^coded/ })).toContainText("multiply-adds");
  await expect(beside.getByRole("row", { name: /^plain/ })).toContainText("multiply-adds");
});
