/** What a volunteer sees on the worker page. */
import type { Page } from "@playwright/test";
import { digits, ended, expect, forOneTab, startOn, test } from "./fixtures.ts";

/**
 * How many threads compute: each holds a lock of its name for as long as it lives, which the browser itself gives back.
 * Playwright's list of workers is not asked: now and then Chromium leaves a worker in it that was ended and answers nothing.
 */
function computing(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const { held = [] } = await navigator.locks.query();
    return held.filter(({ name }) => name?.startsWith("paritab-compute-thread-")).length;
  });
}

test("a tab joins, computes and is credited", async ({ page, coordinator }) => {
  const { client, url } = coordinator;
  await page.goto(url);
  await expect(page.getByText("Not running")).toBeVisible();
  // Nothing is computed or connected before the click.
  expect(page.workers()).toEqual([]);
  expect(await client.sessions()).toEqual([]);

  await startOn(page, url);
  await expect(page.getByTestId("credit")).toHaveText("0");

  const { jobId } = await client.submit(digits(60, { ...forOneTab, name: "sixty digits", submitter: "Ada" }));
  const job = await ended(client, jobId);
  expect(job).toMatchObject({
    state: "done",
    finalCount: 60,
    answersByMark: { missing: 0, unchecked: 0, estimated: 0 },
  });
  expect(job.accuracy).toBeGreaterThan(0.9);

  await expect(page.getByTestId("credit")).not.toHaveText("0");
  await expect(page.getByRole("row").filter({ hasText: "sixty digits" }).first()).toContainText("Ada");
  const [session] = await client.sessions();
  expect(session!.verifiedAssignments).toBeGreaterThan(0);
  const [volunteer] = await client.volunteers();
  expect(volunteer).toMatchObject({ volunteerId: session!.volunteerId, quarantine: null });
  // Some rows are known to the coordinator: what its device is measured by counts for nothing.
  expect(volunteer!.creditMacs).toBeGreaterThan(40 * 784 * 200);
});

test("a volunteer who comes back is the same one, with its credit", async ({ page, coordinator }) => {
  const { client, url } = coordinator;
  await startOn(page, url);
  const { jobId } = await client.submit(digits(10, forOneTab));
  await ended(client, jobId);
  await expect(page.getByTestId("credit")).not.toHaveText("0");
  // What its claims came to is told one after the other.
  let credit: string | null = null;
  const isTold = async () => {
    const before = credit;
    credit = await page.getByTestId("credit").textContent();
    return before === credit;
  };
  await expect.poll(isTold, { intervals: [2_000] }).toBe(true);
  await startOn(page, url);
  await expect(page.getByTestId("credit")).toHaveText(credit!);
  expect(await client.volunteers()).toHaveLength(1);
});

test("after Stop no further work is taken or sent", async ({ page, coordinator }) => {
  const { client, url } = coordinator;
  await startOn(page, url);
  const { jobId } = await client.submit(digits(10_000, forOneTab));
  await expect.poll(async () => (await client.inferenceJob(jobId)).roundsDone).toBeGreaterThan(2);
  expect(await computing(page)).toBe(1);

  await page.getByRole("button", { name: "Stop at once" }).click();
  await expect(page.getByText("Stopped", { exact: true })).toBeVisible();
  await expect.poll(() => client.sessions()).toEqual([]);
  // What had arrived before may still be audited; then nothing moves any more.
  const settled = async () => {
    const before = await client.inferenceJob(jobId);
    await page.waitForTimeout(500);
    const after = await client.inferenceJob(jobId);
    return JSON.stringify(before.answersByMark) === JSON.stringify(after.answersByMark) ? after : null;
  };
  await expect.poll(async () => (await settled()) !== null).toBe(true);
  const stopped = await client.inferenceJob(jobId);
  const done = await page.getByTestId("done").textContent();
  await page.waitForTimeout(2_000);
  const later = await client.inferenceJob(jobId);
  expect(later.answersByMark).toEqual(stopped.answersByMark);
  expect(later.state).toBe("running");
  expect(later.waitingFor).toContain("waiting for tabs");
  await expect(page.getByTestId("done")).toHaveText(done!);
  expect(await client.sessions()).toEqual([]);
  // The thread that computes is gone too, not merely idle.
  await expect.poll(() => computing(page)).toBe(0);
});

test("a visit goes on when the page is opened again, paused where it was paused, until Stop ends it", async ({
  page,
  coordinator,
}) => {
  const { client, url } = coordinator;
  await startOn(page, url);
  const { volunteerId } = (await client.sessions())[0]!;
  await page.reload();
  await expect(page.getByRole("heading", { name: "Waiting for work" })).toBeVisible();
  await expect(page.getByText("This page goes on as you left it last time.")).toBeVisible();

  await page.getByRole("button", { name: "Pause", exact: true }).click();
  await expect(page.getByText("Paused", { exact: true })).toBeVisible();
  // As a browser that is closed and opened again: the page is gone for a while.
  const context = page.context();
  await page.close();
  await expect.poll(() => client.sessions()).toEqual([]);
  const again = await context.newPage();
  await again.goto(url);
  await expect(again.getByText("Paused", { exact: true })).toBeVisible();
  await expect.poll(async () => (await client.sessions())[0]).toMatchObject({ volunteerId, state: "paused" });
  await again.getByRole("button", { name: "Resume", exact: true }).click();
  await expect(again.getByRole("heading", { name: "Waiting for work" })).toBeVisible();

  // What the page says of itself ends with the state that it is true of.
  const wentOn = again.getByText("This page goes on as you left it last time.");
  await expect(wentOn).toBeVisible();
  await again.getByRole("button", { name: "Stop at once" }).click();
  await expect(again.getByRole("heading", { name: "Stopped" })).toBeVisible();
  await expect(wentOn).toHaveCount(0);
  await again.getByRole("button", { name: "Start", exact: true }).click();
  await expect(again.getByRole("heading", { name: "Waiting for work" })).toBeVisible();
  await expect(wentOn).toHaveCount(0);

  await again.getByLabel("Go on when this page is opened again").uncheck();
  await again.reload();
  await expect(again.getByRole("heading", { name: "Not running" })).toBeVisible();
  await again.getByLabel("Go on when this page is opened again").check();
  await again.getByRole("button", { name: "Start", exact: true }).click();
  await again.getByRole("button", { name: "Stop at once" }).click();
  await expect(again.getByText("Stopped", { exact: true })).toBeVisible();
  await again.reload();
  await expect(again.getByRole("heading", { name: "Not running" })).toBeVisible();
  await expect.poll(() => client.sessions()).toEqual([]);
});

test("a paused tab takes no work until it is resumed", async ({ page, coordinator }) => {
  const { client, url } = coordinator;
  await startOn(page, url);
  await page.getByRole("button", { name: "Pause", exact: true }).click();
  await expect(page.getByText("Paused", { exact: true })).toBeVisible();
  await expect.poll(async () => (await client.sessions())[0]?.state).toBe("paused");
  // More than the coordinator computes by itself where nobody is there.
  const { jobId } = await client.submit(digits(400, forOneTab));
  await expect.poll(async () => (await client.inferenceJob(jobId)).waitingFor).toContain("waiting for tabs");
  await page.getByRole("button", { name: "Resume", exact: true }).click();
  expect(await ended(client, jobId)).toMatchObject({ state: "done", answersByMark: { missing: 0 } });
});

for (const [backend, shown] of [
  ["webgl", "WebGL"],
  ["wasm", "WebAssembly"],
  ["cpu", "JavaScript"],
] as const) {
  test(`?backend=${backend} computes with ${shown}`, async ({ page, coordinator }) => {
    const { client, url } = coordinator;
    await page.goto(`${url}/?backend=${backend}`);
    await page.getByRole("button", { name: "Start", exact: true }).click();
    await expect(page.getByTestId("backend")).toHaveText(shown);
    const { jobId } = await client.submit(digits(400, forOneTab));
    expect(await ended(client, jobId)).toMatchObject({ state: "done", answersByMark: { missing: 0 }, failedAudits: 0 });
    expect(await client.sessions()).toMatchObject([{ backend, precision: "float32" }]);
    const { spans } = await client.timeline(jobId);
    expect(spans.map(({ outcome }) => outcome)).toContain("answered");
  });
}

// What a service worker fetches for a page no test can change on its way; without one the scripts are the page's own.
test.describe(() => {
  test.use({ serviceWorkers: "block" });
  test("a tab of another version reloads once, then asks for it", async ({ page, coordinator }) => {
    const { client, url } = coordinator;
    const { buildHash } = await client.status();
    let servedOld = 0;
    // To the browser a script that a test hands it comes from nowhere, and may not talk to localhost unasked.
    await page.context().grantPermissions(["local-network-access"]);
    await page.context().route(/session-worker.*\.js$/, async (route) => {
      const response = await route.fetch();
      const script = (await response.text()).replaceAll(buildHash, "0".repeat(buildHash.length));
      servedOld++;
      await route.fulfill({ response, body: script });
    });
    await page.goto(url);
    await page.getByRole("button", { name: "Start", exact: true }).click();
    await expect(page.getByText("Please reload")).toBeVisible();
    expect(servedOld).toBe(2);
    expect(await client.sessions()).toEqual([]);

    // The cache has the new version at last.
    await page.context().unrouteAll();
    await page.reload();
    await page.getByRole("button", { name: "Start", exact: true }).click();
    await expect(page.getByText("Waiting for work")).toBeVisible();
  });
});

test("finish, then stop: the batch in hand is sent, and nothing more is taken", async ({ page, coordinator }) => {
  const { client, url } = coordinator;
  await startOn(page, url);
  const { jobId } = await client.submit(digits(10_000, forOneTab));
  await expect.poll(async () => (await client.inferenceJob(jobId)).roundsDone).toBeGreaterThan(2);
  expect(await computing(page)).toBe(1);
  await page.getByRole("button", { name: "Finish, then stop" }).click();
  await expect(page.getByRole("heading", { name: "Finished" })).toBeVisible();
  await expect(page.getByTestId("why")).toContainText("was finished and sent");
  await expect.poll(() => client.sessions()).toEqual([]);
  await expect.poll(() => computing(page)).toBe(0);
  // Whoever finishes leaves no batch behind that failed or came late.
  await expect(page.getByText(/could not be done/)).toHaveCount(0);
});

test("a pause for an hour says until when, and Resume ends it", async ({ page, coordinator }) => {
  const { client, url } = coordinator;
  await startOn(page, url);
  await page.getByRole("button", { name: "1 hour" }).click();
  await expect(page.getByTestId("why")).toHaveText(/^Paused by you until \d\d:\d\d( tomorrow)?\.$|until midnight\.$/);
  await expect.poll(async () => (await client.sessions())[0]?.state).toBe("paused");
  await page.getByRole("button", { name: "Resume" }).click();
  await expect(page.getByRole("heading", { name: "Waiting for work" })).toBeVisible();
  await page.getByRole("button", { name: /^until 08:00/ }).click();
  await expect(page.getByTestId("why")).toHaveText(/^Paused by you until 08:00( tomorrow)?\.$/);
});

test("while it computes, the page says what for: job, submitter, purpose, data and how far along", async ({
  page,
  coordinator,
}) => {
  const { client, url } = coordinator;
  await startOn(page, url);
  const purpose = "Reading the postcodes of old letters.";
  const told = { name: "Letters", submitter: "City archive", purpose };
  await client.submit(digits(10_000, { ...forOneTab, ...told }));
  const card = page.locator(".now");
  await expect(card).toContainText("Letters");
  await expect(card).toContainText("City archive");
  await expect(card).toContainText("A trained network answers questions");
  await expect(card).toContainText(purpose);
  await expect(card).toContainText(/(kB|bytes) of numbers came in, [\d.]+ (kB|bytes) go out/);
  await expect(page.getByTestId("progress")).toContainText(/of 10,000 answers final/);
  await expect(page.getByTestId("speed")).not.toHaveText("0");
  await expect(page.getByTestId("energy")).toHaveText(/Wh$/);
  await expect(page.getByTestId("traffic")).toHaveText(/[kM]B$/);
  await expect(page.getByRole("link", { name: "Follow this job" })).toHaveAttribute("href", /\/dashboard#jobs\//);
});

test("the leaderboard shows a nickname with its verified work, and whose it is", async ({ page, coordinator }) => {
  const { client, url } = coordinator;
  await page.goto(url);
  await expect(page.getByText("No volunteer has verified work here yet.")).toBeVisible();
  await page.getByLabel("Nickname").fill("Grace");
  await startOn(page, url);
  const { jobId } = await client.submit(digits(400, forOneTab));
  await ended(client, jobId);
  await page.reload();
  const row = page.getByRole("row").filter({ hasText: "Grace" });
  await expect(row).toContainText("million");
  await expect(row).toContainText("you");
  // The browser's own history has it too.
  await expect(page.getByTestId("days-sum")).toContainText("1 day with work in this browser");
});

test("several threads are several sessions of one volunteer, shown as one", async ({ page, coordinator }) => {
  const { client, url } = coordinator;
  await page.goto(url);
  await page.getByLabel("Compute threads").selectOption("2");
  await startOn(page, url);
  await expect.poll(async () => (await client.sessions()).length).toBe(2);
  const sessions = await client.sessions();
  expect(new Set(sessions.map(({ volunteerId }) => volunteerId)).size).toBe(1);
  const { jobId } = await client.submit(digits(400, forOneTab));
  await ended(client, jobId);
  // As many as they were sent, however large each was.
  const { spans } = await client.timeline(jobId);
  const answered = spans.filter(({ outcome }) => outcome === "answered").length;
  await expect(page.getByTestId("done")).toHaveText(String(answered));
  await page.getByRole("button", { name: "Stop at once" }).click();
  await expect.poll(() => client.sessions()).toEqual([]);
});
