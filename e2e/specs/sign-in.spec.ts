/** A coordinator that wants tokens, as a submitter meets it. */
import { readFile } from "node:fs/promises";
import { createParitabClient } from "../../shared/sdk/paritab-client.ts";
import type { FreshCoordinator } from "../coordinators/coordinator-host.ts";
import { parseFaultProfile } from "../crowd/browser/fault-profile.ts";
import { type Crowd, openCrowd } from "../crowd/browser/open-crowd.ts";
import { expect, test } from "./fixtures.ts";

let coordinator: FreshCoordinator;
let crowd: Crowd;

test.beforeEach(async ({ coordinators, crowdBrowser: browser }) => {
  const environment = { PARITAB_AUTH: "on", PARITAB_LOG_LEVEL: "error" };
  coordinator = await coordinators.start({ environment, flags: ["--allow-faults"] });
  const profile = parseFaultProfile("honest");
  const { url } = coordinator;
  crowd = await openCrowd({ url, tabs: 4, profile, seed: 1, crowd: "volunteers", backends: ["wasm"], browser });
});
test.afterEach(async () => {
  await crowd.close();
  await coordinator.end();
});

test("whoever has a token signs in, sees their own jobs and saves their answers; without one there is nothing to see", async ({
  page,
}) => {
  const { url } = coordinator;
  const admin = createParitabClient({ baseUrl: url, token: coordinator.adminToken! });
  const [ada, bob] = [await admin.createToken({ submitter: "ada" }), await admin.createToken({ submitter: "bob" })];
  await createParitabClient({ baseUrl: url, token: bob.token }).submit({
    kind: "inference",
    name: "the job of Bob",
    source: { kind: "sample", sample: "mnist", queryCount: 20 },
  });
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));

  await page.goto(`${url}/dashboard`);
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Run the MNIST sample" })).toHaveCount(0);
  await page.getByLabel("Token").fill("ptb_wrong");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert")).toContainText("unknown, revoked or expired");

  await page.getByLabel("Token").fill(ada.token);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByText("Signed in as ada.")).toBeVisible();
  await page.getByRole("button", { name: "Run the MNIST sample" }).click();
  await expect(page.getByText("for ada")).toBeVisible();
  await expect(page.getByText("the job of Bob")).toHaveCount(0);

  // Volunteers need no token: their tabs have been at it all the while.
  await expect(page.getByTestId("job-state")).toHaveText("done");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByLabel("Answers of MNIST sample as csv").click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/-answers\.csv$/);
  expect(await readFile(await download.path(), "utf8")).toMatch(/^index,label,mark/);

  await page.reload();
  await expect(page.getByText("Signed in as ada.")).toBeVisible();
  await admin.revokeToken(ada.tokenId);
  await expect(page.getByRole("alert")).toContainText("The token is no longer valid.");
  await expect(page.getByRole("button", { name: "Run the MNIST sample" })).toHaveCount(0);
  for (const address of asked) expect(address).not.toContain("ptb_");

  await page.goto(url);
  await expect(page.getByRole("button", { name: "Start" })).toBeVisible();
});

test("[AC14] a link shows one job to whoever has no token, without buttons that change it; ended, it opens nothing", async ({
  page,
  browser,
}) => {
  const { url } = coordinator;
  const admin = createParitabClient({ baseUrl: url, token: coordinator.adminToken! });
  const { token } = await admin.createToken({ submitter: "ada" });
  const ada = createParitabClient({ baseUrl: url, token });
  const source = { kind: "sample", sample: "mnist", queryCount: 20 } as const;
  const { jobId } = await ada.submit({ kind: "inference", name: "shared digits", source });
  await page.goto(`${url}/dashboard#jobs/${jobId}`);
  await page.getByLabel("Token").fill(token);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Share shared digits" }).click();
  const dialog = page.getByRole("dialog", { name: "A link to shared digits" });
  const address = await dialog.getByLabel("Address").inputValue();
  expect(address).toMatch(/\/dashboard#shared\//);

  const visitor = await (await browser.newContext()).newPage();
  await visitor.goto(address);
  await expect(visitor.getByRole("heading", { level: 1, name: "shared digits" })).toBeVisible();
  await expect(visitor.getByText("You look at a job of ada by a link, and can change nothing.")).toBeVisible();
  await expect(visitor).toHaveURL(new RegExp(`#jobs/${jobId}$`));
  await expect(visitor.getByRole("button", { name: /^(Cancel|Delete|Share) / })).toHaveCount(0);
  await expect(visitor.getByRole("navigation", { name: "Dashboard" })).toHaveCount(0);
  await dialog.getByRole("button", { name: "End the link" }).click();
  await expect(dialog).toHaveCount(0);
  await expect(visitor.getByRole("alert")).toContainText("The token is no longer valid.");
  await visitor.context().close();
});
