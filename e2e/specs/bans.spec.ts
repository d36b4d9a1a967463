/** The operator keeps a volunteer out by hand: its page says so in its own words, across a restart, until the ban is lifted. */
import { expect, startOn, test } from "./fixtures.ts";
import { seriousProblems, sidewaysPx } from "./page-manners.ts";

const REASON = "Please ask us first.";

test("a ban closes the volunteer's tab with a sentence of its own, holds after a restart, and is undone", async ({
  page,
  coordinator,
  context,
}) => {
  const { client, url, restart } = coordinator;
  await startOn(page, url);
  await expect.poll(async () => (await client.sessions()).length).toBe(1);
  const [session] = await client.sessions();

  const operator = await context.newPage();
  await operator.goto(`${url}/operator`);
  const panel = operator.getByRole("region", { name: "Bans" });
  await panel.getByLabel("Whom to ban").selectOption(session!.volunteerId);
  await panel.getByLabel("Why").fill(REASON);
  await panel.getByLabel("For how long").selectOption({ label: "7 days" });
  await panel.getByRole("button", { name: "Ban", exact: true }).click();
  await expect(panel.getByRole("cell", { name: REASON })).toBeVisible();
  expect(await seriousProblems(operator)).toEqual([]);
  await operator.setViewportSize({ width: 320, height: 800 });
  await expect.poll(() => sidewaysPx(operator)).toBe(0);

  const banned = page.getByRole("heading", { name: "Banned from this coordinator" });
  await expect(banned).toBeVisible();
  await expect(page.getByTestId("why")).toContainText("says nothing about your answers");
  await expect(page.getByTestId("why")).toContainText(REASON);

  await restart();
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await expect(banned).toBeVisible();
  expect(await client.sessions()).toEqual([]);

  await panel.getByRole("button", { name: /^Lift/ }).click();
  await expect(panel.getByText("Nobody is banned.")).toBeVisible();
  // The page may have been on its way in when the ban was lifted.
  const start = page.getByRole("button", { name: "Start", exact: true });
  await expect(async () => {
    if (await start.isVisible()) await start.click();
    await expect(page.getByRole("heading", { name: "Waiting for work" })).toBeVisible({ timeout: 5_000 });
  }).toPass();
});
