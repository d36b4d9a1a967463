/** Good manners of the pages: for keyboards, screen readers, phones, dark rooms and those whom motion makes ill. */
import { digits, ended, expect, forOneTab, startOn, test } from "./fixtures.ts";
import { seriousProblems, sidewaysPx } from "./page-manners.ts";

const PHONE = { width: 320, height: 740 };
const DESKTOP = { width: 1280, height: 900 };

for (const colorScheme of ["light", "dark"] as const) {
  for (const [size, viewport] of [["phone", PHONE] as const, ["desktop", DESKTOP] as const]) {
    test.describe(`${colorScheme}, ${size}`, () => {
      test.use({ colorScheme, viewport });

      test("axe finds nothing serious, and no page scrolls sideways", async ({ page, coordinator }) => {
        const { client, url } = coordinator;
        const looksRight = async (where: string) => {
          expect(await seriousProblems(page), where).toEqual([]);
          await expect.poll(() => sidewaysPx(page), where).toBe(0);
        };
        await page.goto(url);
        await page.getByLabel("Only at certain hours").check();
        await page.getByLabel("Limit the traffic of a day").check();
        await looksRight("before the start, rules open");
        await page.getByLabel("Only at certain hours").uncheck();

        await startOn(page, url);
        const longName = "A job whose name is long and_has_no_place_where_a_line_could_break_in_it";
        const { jobId } = await client.submit(digits(10_000, { ...forOneTab, name: longName }));
        await expect(page.getByTestId("progress")).toBeVisible();
        await looksRight("computing");
        await page.getByRole("button", { name: "Pause", exact: true }).click();
        await expect(page.getByRole("heading", { name: "Paused" })).toBeVisible();
        await page.locator(".consent summary").click();
        await looksRight("paused");
        await page.getByRole("button", { name: "Stop at once" }).click();
        await expect(page.getByRole("heading", { name: "Stopped" })).toBeVisible();
        await looksRight("stopped");

        await page.goto(`${url}/dashboard`);
        await expect(page.getByText(longName).first()).toBeVisible();
        await looksRight("dashboard");
        await page.goto(`${url}/dashboard#jobs/${jobId}/progress`);
        await expect(page.getByRole("heading", { name: "Rows and checks" })).toBeVisible();
        await looksRight("dashboard, a job");
      });
    });
  }
}

test("everything can be done from the keyboard, and focus is where one left it", async ({ page, coordinator }) => {
  await page.goto(coordinator.url);
  const skipLink = page.getByRole("link", { name: "Skip to the content" });
  // The page is drawn in a task after its `load`: a key that comes before finds nothing to focus.
  await expect(skipLink).toBeAttached();
  await page.keyboard.press("Tab");
  await expect(skipLink).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.locator("#content")).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("button", { name: "Start", exact: true })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: "Pause", exact: true })).toBeFocused();
  await expect(page.getByRole("heading", { name: "Waiting for work" })).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: "Resume" })).toBeFocused();
  await expect(page.getByRole("status").filter({ hasText: "Paused by you." })).toBeAttached();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Waiting for work" })).toBeVisible();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("button", { name: "Stop at once" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Stopped" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Start", exact: true })).toBeFocused();
});

test("who skips to the content before the scripts are there stays there when they draw the page", async ({
  page,
  coordinator,
}) => {
  let send = () => {};
  const wanted = new Promise<void>((resolve) => {
    send = resolve;
  });
  await page.route(/\/assets\/.*\.js$/, async (route) => {
    await wanted;
    await route.continue();
  });
  await page.goto(coordinator.url, { waitUntil: "commit" });
  await expect(page.getByRole("link", { name: "Skip to the content" })).toBeAttached();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(page.locator("#content")).toBeFocused();
  send();
  // The page's file alone shows no such button.
  await expect(page.getByRole("button", { name: "Start", exact: true })).toBeVisible();
  await expect(page.locator("#content")).toBeFocused();
});

test("a double click on Start starts, and does not pause", async ({ page, coordinator }) => {
  await page.goto(coordinator.url);
  await page.getByRole("button", { name: "Start", exact: true }).dblclick();
  await expect(page.getByRole("heading", { name: "Waiting for work" })).toBeVisible();
});

test.describe("where motion makes ill", () => {
  test.use({ contextOptions: { reducedMotion: "reduce" } });
  test("nothing moves", async ({ page, coordinator }) => {
    await startOn(page, coordinator.url);
    await coordinator.client.submit(digits(10_000, forOneTab));
    await expect(page.getByRole("heading", { name: "Computing" })).toBeVisible();
    expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
  });
});

test("walk: from a cold cache to the first verified work, with nothing that blocks the page", async ({
  page,
  coordinator,
}) => {
  const { client, url } = coordinator;
  const { jobId } = await client.submit(digits(400, forOneTab));
  await page.addInitScript(() => {
    const longTasks: number[] = [];
    Object.assign(window, { paritabLongTasks: longTasks });
    new PerformanceObserver((list) => longTasks.push(...list.getEntries().map(({ duration }) => duration))).observe({
      type: "longtask",
      buffered: true,
    });
  });
  const openedMs = performance.now();
  await page.goto(url);
  const loadedMs = performance.now();
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await expect(page.getByTestId("credit")).not.toHaveText("0");
  const creditedMs = performance.now();
  await ended(client, jobId);
  const longTasks = await page.evaluate("paritabLongTasks");
  // Times are for the reader: on a machine that does other things they say nothing.
  console.log(
    `page ${Math.round(loadedMs - openedMs)} ms, first verified work ${Math.round(creditedMs - openedMs)} ms after opening;`,
    `tasks above 50 ms on the page's thread: ${JSON.stringify(longTasks)}`,
  );
  expect(Array.isArray(longTasks)).toBe(true);
  // The work is on other threads by its structure: the page's own has neither models nor kernels.
  expect(
    page
      .workers()
      .map((worker) => new URL(worker.url()).pathname.replace(/-[\w-]{8}\.js$/, ""))
      .sort(),
  ).toEqual(["/assets/compute-thread", "/assets/session-worker"]);
  const scripts = await page.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => name));
  expect(scripts.filter((name) => /compute-thread|tfjs|\.wasm/.test(name))).toEqual([]);
});
