/** What a volunteer sees on the worker page. */
import { digits, ended, expect, test } from "./fixtures.ts";

/** One tab does all of it: with K = 1 and nobody to lose, it is the one worker of each round. */
const forOneTab = { queriesPerGroup: 1, stragglers: 0, liars: 0 } as const;

test("a tab joins, computes and is credited", async ({ page, coordinator }) => {
  const { client, url } = coordinator;
  await page.goto(url);
  await expect(page.getByText("Not running")).toBeVisible();
  expect(await client.sessions()).toEqual([]);

  await page.getByRole("button", { name: "Start", exact: true }).click();
  await expect(page.getByText("Waiting for work")).toBeVisible({ timeout: 60_000 });
  await expect(page.getByTestId("credit")).toHaveText("0");

  const { jobId } = await client.submitInference(digits(60, { ...forOneTab, name: "sixty digits", submitter: "Ada" }));
  const job = await ended(client, jobId);
  expect(job).toMatchObject({ state: "done", answersByMark: { missing: 0, unchecked: 0, estimated: 0 } });
  expect(job.accuracy).toBeGreaterThan(0.9);

  await expect(page.getByTestId("credit")).not.toHaveText("0");
  await expect(page.getByRole("row").filter({ hasText: "sixty digits" }).first()).toContainText("Ada");
  const [session] = await client.sessions();
  expect(session!.verifiedAssignments).toBe(6);
  const [volunteer] = await client.volunteers();
  expect(volunteer).toMatchObject({ volunteerId: session!.volunteerId, quarantine: null });
  expect(volunteer!.creditMacs).toBeGreaterThan(60 * 784 * 200);
});

test("a volunteer who comes back is the same one, with its credit", async ({ page, coordinator }) => {
  const { client, url } = coordinator;
  const start = async () => {
    await page.goto(url);
    await page.getByRole("button", { name: "Start", exact: true }).click();
    await expect(page.getByText("Waiting for work")).toBeVisible({ timeout: 60_000 });
  };
  await start();
  const { jobId } = await client.submitInference(digits(20, forOneTab));
  await ended(client, jobId);
  await expect(page.getByTestId("credit")).not.toHaveText("0");
  const credit = await page.getByTestId("credit").textContent();
  await start();
  await expect(page.getByTestId("credit")).toHaveText(credit!);
  expect(await client.volunteers()).toHaveLength(1);
});

test("after Stop no further work is taken or sent", async ({ page, coordinator }) => {
  const { client, url } = coordinator;
  await page.goto(url);
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await expect(page.getByText("Waiting for work")).toBeVisible({ timeout: 60_000 });
  const { jobId } = await client.submitInference(digits(10_000, forOneTab));
  await expect.poll(async () => (await client.job(jobId)).roundsDone, { timeout: 60_000 }).toBeGreaterThan(2);

  await page.getByRole("button", { name: "Stop", exact: true }).click();
  await expect(page.getByText("Stopped", { exact: true })).toBeVisible();
  await expect.poll(() => client.sessions()).toEqual([]);
  // What had arrived before may still be audited; then nothing moves any more.
  const settled = async () => {
    const before = await client.job(jobId);
    await page.waitForTimeout(500);
    const after = await client.job(jobId);
    return JSON.stringify(before.answersByMark) === JSON.stringify(after.answersByMark) ? after : null;
  };
  await expect.poll(async () => (await settled()) !== null, { timeout: 20_000 }).toBe(true);
  const stopped = await client.job(jobId);
  const done = await page.getByTestId("done").textContent();
  await page.waitForTimeout(2_000);
  const later = await client.job(jobId);
  expect(later.answersByMark).toEqual(stopped.answersByMark);
  expect(later.state).toBe("running");
  expect(later.waitingFor).toContain("waiting for tabs");
  await expect(page.getByTestId("done")).toHaveText(done!);
  expect(await client.sessions()).toEqual([]);
  // The thread that computes is gone too, not merely idle.
  expect(page.workers()).toEqual([]);
});

test("a paused tab takes no work until it is resumed", async ({ page, coordinator }) => {
  const { client, url } = coordinator;
  await page.goto(url);
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await expect(page.getByText("Waiting for work")).toBeVisible({ timeout: 60_000 });
  await page.getByRole("button", { name: "Pause", exact: true }).click();
  await expect(page.getByText("Paused", { exact: true })).toBeVisible();
  await expect.poll(async () => (await client.sessions())[0]?.state).toBe("paused");
  const { jobId } = await client.submitInference(digits(20, forOneTab));
  await expect.poll(async () => (await client.job(jobId)).waitingFor).toContain("waiting for tabs");
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
    await expect(page.getByTestId("backend")).toHaveText(shown, { timeout: 60_000 });
    const { jobId } = await client.submitInference(digits(20, forOneTab));
    expect(await ended(client, jobId)).toMatchObject({ state: "done", answersByMark: { missing: 0 }, failedAudits: 0 });
    expect(await client.sessions()).toMatchObject([{ backend, verifiedAssignments: 2, precision: "float32" }]);
  });
}

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
  await expect(page.getByText("Please reload")).toBeVisible({ timeout: 60_000 });
  expect(servedOld).toBe(2);
  expect(await client.sessions()).toEqual([]);

  // The cache has the new version at last.
  await page.context().unrouteAll();
  await page.reload();
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await expect(page.getByText("Waiting for work")).toBeVisible({ timeout: 60_000 });
});
