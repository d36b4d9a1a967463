/** The operator's page: who was quarantined and on what evidence, letting somebody go, and a job told again. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { runBackups } from "../../server/backups/backups-command.ts";
import type { JobLogView } from "../../shared/protocol/operator-api.ts";
import { createParitabClient, type ParitabClient } from "../../shared/sdk/paritab-client.ts";
import type { FreshCoordinator } from "../coordinators/coordinator-host.ts";
import { parseFaultProfile } from "../crowd/browser/fault-profile.ts";
import { type Crowd, openCrowd } from "../crowd/browser/open-crowd.ts";
import { digits, ended, expect, test } from "./fixtures.ts";
import { seriousProblems, sidewaysPx } from "./page-manners.ts";
import { walkClock } from "./walk-clock.ts";

const JOB = "Postcodes";

let coordinator: FreshCoordinator;
let crowd: Crowd;
let admin: ParitabClient;
/** The tab that lies, and the job in which it was found. */
let liar: string;
let jobId: string;

// One job of one crowd for all tests: what they do here none of the others minds, in the order in which they stand.
test.beforeAll(async ({ coordinators, crowdBrowser: browser }) => {
  coordinator = await coordinators.start({
    environment: { PARITAB_AUTH: "on", PARITAB_LOG_LEVEL: "error" },
    flags: ["--allow-faults"],
  });
  admin = createParitabClient({ baseUrl: coordinator.url, token: coordinator.adminToken! });
  const profile = parseFaultProfile("liar:1(other-query)");
  const { url } = coordinator;
  crowd = await openCrowd({ url, tabs: 8, profile, seed: 1, crowd: "tab", backends: ["wasm"], browser });
  await expect.poll(async () => (await admin.status()).sessionsReady).toBe(8);
  liar = crowd.tabs.find(({ faults }) => faults.length > 0)!.name;
  ({ jobId } = await admin.submit(digits(200, { name: JOB })));
  await ended(admin, jobId);
});
test.afterAll(async () => {
  await crowd.close();
  await coordinator.end();
});

async function signIn(page: Page, token: string): Promise<void> {
  await page.goto(`${coordinator.url}/operator`);
  await page.getByLabel("Token").fill(token);
  await page.getByRole("button", { name: "Sign in" }).click();
}

test("a finished job is told again from its log: chosen, filtered, gone through, and saved", async ({ page }) => {
  await signIn(page, coordinator.adminToken!);
  const [response] = await Promise.all([
    page.waitForResponse(`${coordinator.url}/api/jobs/${jobId}/log`),
    page
      .getByRole("button", { name: `Open the log of ${JOB}` })
      .first()
      .click(),
  ]);
  const log = (await response.json()) as JobLogView;
  const replay = page.getByRole("region", { name: "What happened in a job" });
  const position = replay.getByTestId("position");
  expect(log.entries[0]).toMatchObject({ what: "submitted" });
  expect(log.entries.map(({ what }) => what)).toContain("done");
  await expect(position).toContainText(`of ${log.entries.length.toLocaleString("en")}`);
  await expect(replay.getByText("Batches out").locator("xpath=../dd")).toHaveText("0");

  await replay.getByRole("button", { name: "First" }).click();
  await expect(replay.locator("tbody tr[aria-current]")).toContainText("submitted");
  await replay.getByRole("button", { name: "Forward" }).click();
  await expect(replay.locator("tbody tr[aria-current]")).toContainText("accepted");

  await replay.getByLabel("What", { exact: true }).selectOption("audit failed");
  const failed = log.entries.filter(({ what }) => what === "audit failed");
  await expect(position).toHaveText(`Entry ${failed.length} of ${failed.length}`);
  await expect(replay.locator("tbody tr[aria-current]")).toContainText("recomputed rows differ");
  await replay.getByLabel("Round", { exact: true }).fill("9999");
  await expect(position).toHaveText("No entry fits.");

  const [download] = await Promise.all([
    page.waitForEvent("download"),
    replay.getByRole("button", { name: "Download as JSON" }).click(),
  ]);
  const saved = JSON.parse(await readFile(await download.path(), "utf8")) as JobLogView;
  expect(saved).toEqual(log);
});

test("a token is made for a submitter, opens their jobs, and revoked opens nothing", async ({ page }) => {
  await signIn(page, coordinator.adminToken!);
  const tokens = page.getByRole("region", { name: "Tokens" });
  await tokens.getByLabel("For whom").fill("grace");
  await tokens.getByLabel("Valid for so many days").fill("3");
  await tokens.getByRole("button", { name: "Make a token" }).click();
  const token = (await tokens.locator("output").textContent())!;
  const grace = createParitabClient({ baseUrl: coordinator.url, token });
  expect(await grace.whoAmI()).toMatchObject({ submitter: "grace", scopes: ["submit", "read", "cancel"] });
  const row = tokens.getByRole("row").filter({ hasText: "grace" });
  await expect(row).toContainText("good until");
  await row.getByRole("button", { name: /^Revoke the token .* of grace$/ }).click();
  await expect(row).toContainText("revoked");
  await expect(grace.whoAmI()).rejects.toMatchObject({ status: 401 });
});

test("whoever may not administer is told so, and sees nothing", async ({ page }) => {
  const { token } = await admin.createToken({ submitter: "ada" });
  await signIn(page, token);
  await expect(page.getByRole("alert")).toContainText("expected a token with the scope admin");
  await expect(page.getByRole("article")).toHaveCount(0);
  await expect(page.getByRole("table")).toHaveCount(0);
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`in ${colorScheme} colours axe finds nothing serious, and nothing scrolls sideways, on phone and desktop`, async ({
    browser,
  }) => {
    const context = await browser.newContext({ colorScheme });
    const page = await context.newPage();
    await page.goto(`${coordinator.url}/operator`);
    await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
    expect(await seriousProblems(page)).toEqual([]);
    await signIn(page, coordinator.adminToken!);
    await page
      .getByRole("button", { name: `Open the log of ${JOB}` })
      .first()
      .click();
    await page.locator("summary", { hasText: "Evidence" }).click();
    await expect(page.getByTestId("position")).toBeVisible();
    for (const viewport of [
      { width: 320, height: 700 },
      { width: 1280, height: 900 },
    ]) {
      await page.setViewportSize(viewport);
      expect(await seriousProblems(page), `${viewport.width} px`).toEqual([]);
      await expect.poll(() => sidewaysPx(page), `${viewport.width} px`).toBe(0);
    }
    // Jobs that wait for nothing, and ended as they were to, have no line that says so.
    await expect(page.locator(".hint:empty")).toHaveCount(0);
    await context.close();
  });
}

test("a quarantine shows what was sent and what was expected; a release with a reason undoes it, and stays undone", async ({
  page,
}) => {
  await signIn(page, coordinator.adminToken!);
  const card = page.getByRole("article", { name: liar });
  await expect(card.getByText("quarantined", { exact: true })).toBeVisible();
  await expect(card).toContainText(`of ${JOB}.`);
  await card.locator("summary", { hasText: "Evidence" }).click();
  const cells = card.getByRole("table").first().locator("tbody tr").first().getByRole("cell");
  await expect(cells).toHaveCount(4);
  const numbers = await cells.allTextContents();
  // Ten scores of a digit each, of which those that were sent are another digit's.
  expect(numbers[1]!.split(/\s+/)).toHaveLength(10);
  expect(numbers[2]!.split(/\s+/)).toHaveLength(10);
  expect(numbers[1]).not.toBe(numbers[2]);
  expect(Number.parseFloat(numbers[3]!)).toBeGreaterThan(0.01);

  const release = card.getByRole("button", { name: "Release" });
  await expect(release).toBeDisabled();
  await card.getByLabel("Why it may work again").fill("<b>its driver</b> was mended");
  await release.click();
  await expect(card.getByText("released", { exact: true })).toBeVisible();
  await expect(card).toContainText("“<b>its driver</b> was mended”");
  const [volunteer] = await admin.quarantines();
  expect(volunteer).toMatchObject({ nickname: liar, quarantine: null, auditsPassed: 0 });
  expect(volunteer!.released).toMatchObject({ from: { jobId } });
  const audit = await readFile(join(coordinator.dataDirectory, "audit.log"), "utf8");
  const { volunteerId } = volunteer!;
  expect(audit).toContain(`"volunteer-released","volunteerId":"${volunteerId}"`);
  // What was done again stays done again.
  expect(await admin.inferenceJob(jobId)).toMatchObject({ state: "done", answersByMark: { missing: 0 } });
  await expect(admin.release(volunteerId, "again")).rejects.toThrow("expected a quarantined volunteer");

  await coordinator.restart();
  expect((await admin.quarantines())[0]).toMatchObject({
    volunteerId,
    quarantine: null,
    released: { from: { jobId } },
  });
});

test("no new jobs are taken while intake is paused on the page, with the operator's reason", async ({ page }) => {
  await signIn(page, coordinator.adminToken!);
  const house = page.getByRole("region", { name: "House-keeping" });
  await expect(house.getByRole("status")).toHaveText("New jobs and uploads are taken.");
  await expect(house.getByRole("button", { name: "Take no new jobs" })).toBeDisabled();
  await house.getByLabel("Why no new jobs are taken").fill("we move house");
  await house.getByRole("button", { name: "Take no new jobs" }).click();
  await expect(house.getByRole("status")).toContainText("“we move house”. Jobs that are here go on.");
  await expect(admin.submit(digits(20))).rejects.toMatchObject({ status: 503, message: /we move house/ });
  await house.getByRole("button", { name: "Take new jobs again" }).click();
  await expect(house.getByRole("status")).toHaveText("New jobs and uploads are taken.");
});

test("an auditor is listed while it is here, and what it has computed", async ({ page }) => {
  await signIn(page, coordinator.adminToken!);
  await expect(page.getByRole("heading", { name: "Back-ends and speeds" })).toBeVisible();
  await expect(page.getByRole("region", { name: "Auditors" })).toHaveCount(0);
  const { token } = await admin.createToken({ submitter: "rack", scopes: ["audit"], days: null });
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const auditor = `${coordinator.url}/api/auditors/one-that-waits`;
  const body = JSON.stringify({ name: "rack 7", seats: 3 });
  const waits = fetch(`${auditor}/pieces`, { method: "POST", headers, body });
  const row = page.getByRole("region", { name: "Auditors" }).getByRole("row", { name: /rack 7/ });
  await expect(row).toContainText(/came (just now|\d+ s ago)/);
  await expect(row.getByRole("cell").nth(1)).toHaveText("3");
  await fetch(auditor, { method: "DELETE", headers: { authorization: headers.authorization } });
  expect(await (await waits).json()).toEqual({ piece: null });
  await expect(page.getByRole("region", { name: "Auditors" })).toHaveCount(0);
});

/** As a service of five tells it: of what this coordinator would say alone nothing stands on the page. */
/** Requests that the page repeats are on their way when a test ends. */
test.afterEach(({ page }) => page.unrouteAll({ behavior: "ignoreErrors" }));

async function asOneOfSeveral(page: Page): Promise<void> {
  const line = {
    ...{ isOwn: false, state: "at work", tabs: 40, tabsReady: 32, volunteersReady: 30, jobs: 2, version: "v1" },
    ...{ upMs: 7_200_000, heardAgoMs: 1_000, takeoverInMs: null, takenOverBy: null },
  };
  const away = { tabs: 0, tabsReady: 0, volunteersReady: 0, jobs: 0, upMs: null };
  const cells = [
    { ...line, name: "archive-east" },
    { ...line, name: "archive-west", isOwn: true, tabsReady: 12, version: "v2" },
    { ...line, name: "c", state: "silent", heardAgoMs: 7_000, takeoverInMs: 6_000 },
    { ...line, ...away, name: "d", state: "gone", heardAgoMs: 1_200_000, takenOverBy: "archive-east" },
    { ...line, ...away, name: "e", state: "stopped", heardAgoMs: 3_600_000 },
  ];
  const sums = { cells: 2, tabs: 80, tabsReady: 44, volunteersReady: 42, jobs: 6 };
  await page.route("**/api/service", (route) => route.fulfill({ json: { sums, cells } }));
  await page.route("**/api/status", async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ json: { ...(await answer.json()), service: sums } });
  });
  await page.route("**/api/storage", async (route) => {
    const answer = await route.fetch();
    const schedule = { lastBackupMs: Date.now() - 30 * 3_600_000, backupEveryMs: 86_400_000 };
    const backupProblem = "expected the program pg_dump, got none: install PostgreSQL's client programs";
    await route.fulfill({ json: { ...(await answer.json()), database: "PostgreSQL", ...schedule, backupProblem } });
  });
}

test("of several coordinators each has a line, and who goes on with the jobs of one that is silent or gone; tabs of all count; backups speak of their database", async ({
  page,
}) => {
  await asOneOfSeveral(page);
  await signIn(page, coordinator.adminToken!);
  const cells = page.getByRole("region", { name: "Coordinators" });
  const row = (name: string) => cells.getByRole("row", { name: new RegExp(`^${name}`) });
  await expect(row("archive-west")).toContainText("answers here");
  await expect(row("archive-west")).toContainText("12 of 40");
  await expect(row("c")).toContainText("Unless it comes back, another cell goes on with its jobs in 6.0 s.");
  await expect(row("d")).toContainText("Cell archive-east has gone on with its jobs.");
  await expect(row("e")).toContainText("Stopped in good order");
  await expect(cells).toContainText("The cells run different versions");
  await expect(page.getByRole("region", { name: "The coordinator now" })).toContainText("44 of 80");
  const house = page.getByRole("region", { name: "House-keeping" });
  await expect(house).toContainText("A backup holds a dump of the PostgreSQL database");
  await expect(house).toContainText("One is made every 24 hours, and the latest 7 of these are kept.");
  await expect(house).toContainText("The backup that is due was not made: expected the program pg_dump");
  for (const [width, scheme] of [
    [390, "light"],
    [390, "dark"],
    [1280, "light"],
    [1280, "dark"],
  ] as const) {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme: scheme });
    await expect.poll(() => sidewaysPx(page)).toBeLessThanOrEqual(0);
    expect(await seriousProblems(page)).toEqual([]);
    await expect.soft(cells).toBeVisible();
    if (process.env.SHOTS)
      await page.screenshot({ path: `${process.env.SHOTS}/op-${width}-${scheme}.png`, fullPage: true });
  }
});

test("a cell that does not answer for its jobs leaves all else on the page, and is named", async ({ page }) => {
  await asOneOfSeveral(page);
  const message = "cell c, which has some of the jobs, does not answer: another coordinator takes over in a moment";
  await page.route("**/api/jobs", (route) =>
    route.fulfill({ status: 503, json: { error: { code: "cell-away", message } } }),
  );
  await signIn(page, coordinator.adminToken!);
  await expect(page.getByText(`Out of date: ${message}`)).toBeVisible();
  await expect(page.getByRole("region", { name: "Coordinators" }).getByRole("row", { name: /^c/ })).toContainText(
    "silent",
  );
  await expect(page.getByRole("region", { name: "House-keeping" })).toBeVisible();
});

test("walk: a backup is made on the page while tabs are here, and one command brings back what was then", async ({
  page,
}) => {
  await signIn(page, coordinator.adminToken!);
  const house = page.getByRole("region", { name: "House-keeping" });
  await expect(house.getByText(/new jobs are refused$/)).toBeVisible();
  await house.getByRole("button", { name: "Back up now" }).click();
  const made = house.getByRole("table").locator("tbody tr");
  await expect(made).toHaveCount(1);
  await expect(house).toContainText(/The latest backup: (just now|\d+ s ago)\. None is made by itself/);
  const answers = await admin.answers(jobId);
  const later = await admin.submit(digits(20, { name: "after the backup" }));
  await ended(admin, later.jobId);

  const said: string[] = [];
  const environment = { PARITAB_DATA_DIR: coordinator.dataDirectory };
  const backAgain = walkClock("restore from a backup in one command, with the coordinator's stop and start");
  await coordinator.restart(async () => {
    expect(await runBackups(["restore"], environment, Date.now(), (line) => said.push(line))).toBe(0);
  });
  expect(said[0]).toMatch(/^restored .*start the coordinator again$/);
  expect(await admin.answers(jobId)).toEqual(answers);
  backAgain();
  await expect(admin.inferenceJob(later.jobId)).rejects.toMatchObject({ status: 404 });
  await expect(made).toHaveCount(1);
  await made.getByRole("button", { name: /^Remove the backup/ }).click();
  await expect(made).toHaveCount(0);
});
