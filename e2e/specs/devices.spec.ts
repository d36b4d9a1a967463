/** A second device works under the first one's name, by a link: both have verified work, and the leaderboard has one row. */

import { ignorePressure } from "./device.ts";
import { digits, ended, expect, forOneTab, startOn, test } from "./fixtures.ts";
import { seriousProblems } from "./page-manners.ts";

/** More than the coordinator computes by itself: whoever is there has work that is verified. */
const TABS_ROWS = 400;

test("a link lets another device work under one's name; the work of both counts there", async ({
  page,
  coordinator,
  browser,
}) => {
  const { client, url } = coordinator;
  await page.goto(url);
  await page.getByLabel("Nickname").fill("Ada");
  await startOn(page, url);
  await page.getByRole("button", { name: "Make a link" }).click();
  const link = await page.getByText("#device=", { exact: false }).textContent();
  expect(await seriousProblems(page)).toEqual([]);
  const first = await client.submit(digits(TABS_ROWS, { ...forOneTab, name: "first" }));
  await ended(client, first.jobId);
  await page.getByRole("button", { name: "Stop at once" }).click();

  const other = await (await browser.newContext()).newPage();
  await ignorePressure(other);
  await other.goto(link ?? "");
  await other.getByRole("button", { name: "Start", exact: true }).click();
  await expect(other.getByText("This device works under the name of Ada", { exact: false })).toBeVisible();
  const second = await client.submit(digits(TABS_ROWS, { ...forOneTab, name: "second" }));
  await ended(client, second.jobId);

  await expect
    .poll(async () => {
      const board = await (await fetch(`${url}/api/leaderboard`)).json();
      const volunteers = await client.volunteers();
      const macs = volunteers.map(({ creditMacs }) => creditMacs);
      return { rows: board.rows.length, devices: macs.filter((credit) => credit > 0).length };
    })
    .toEqual({ rows: 1, devices: 2 });
  await other.context().close();
});
