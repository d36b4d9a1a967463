/** Teams, as volunteers see them: a name in common, and what its members have had verified. */
import { digits, ended, expect, forOneTab, startOn, test } from "./fixtures.ts";

const NAME = "<i>Night</i> owls";

test("a volunteer joins a team by its name, and finds it and its own place on the page", async ({
  page,
  coordinator,
}) => {
  const { client, url } = coordinator;
  await page.goto(url);
  const teams = page.getByRole("region", { name: "Teams" });
  await expect(teams).toContainText("No team has verified work here yet.");
  await page.getByRole("textbox", { name: "Team" }).fill(NAME);
  await startOn(page, url);
  const { jobId } = await client.submit(digits(60, forOneTab));
  await ended(client, jobId);
  expect(await client.volunteers()).toMatchObject([{ team: NAME }]);

  const row = teams.getByRole("row").filter({ hasText: "owls" });
  await expect(row).toContainText("yours");
  // A name is text, whatever it looks like.
  await expect(row).toContainText(NAME);
  await expect(row.locator("i")).toHaveCount(0);
  await expect(row.getByRole("cell").nth(2)).toHaveText("1");

  await page.getByRole("button", { name: "Stop at once" }).click();
  await page.getByRole("textbox", { name: "Team" }).fill("");
  await startOn(page, url);
  await expect.poll(async () => (await client.volunteers())[0]!.team).toBe("");
  // Who leaves takes their work along.
  await expect(teams).toContainText("No team has verified work here yet.");
});

test("the screen stays on only where the volunteer wants it, and only while the tab works", async ({
  page,
  coordinator,
}) => {
  await page.addInitScript(() => {
    const held = new Set<object>();
    Object.assign(globalThis, { paritabScreenLocks: held });
    const request = async () => {
      const lock = Object.assign(new EventTarget(), {
        async release() {
          held.delete(lock);
        },
      });
      held.add(lock);
      return lock;
    };
    Object.defineProperty(navigator, "wakeLock", { value: { request }, configurable: true });
  });
  const held = () => page.evaluate(() => (globalThis as { paritabScreenLocks?: Set<object> }).paritabScreenLocks!.size);
  await startOn(page, coordinator.url);
  const choice = page.getByLabel("Keep the screen on while this tab works");
  await expect(choice).not.toBeChecked();
  expect(await held()).toBe(0);
  await choice.check();
  await expect(page.getByText("The screen stays on now.")).toBeVisible();
  expect(await held()).toBe(1);
  await page.getByRole("button", { name: "Pause", exact: true }).click();
  await expect.poll(held).toBe(0);
  await page.getByRole("button", { name: "Resume" }).click();
  await expect.poll(held).toBe(1);
  await page.getByRole("button", { name: "Stop at once" }).click();
  await expect.poll(held).toBe(0);
});
