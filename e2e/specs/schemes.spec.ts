/** The papers' codes that mix queries, in real tabs: a parity model, and splines. */
import { digits, ended, expect, test } from "./fixtures.ts";

test("a parm job runs two models in the crowd, survives a slow tab and a liar, and its receipt can be downloaded", async ({
  coordinator,
  openTabs,
  page,
}) => {
  const { client, url } = coordinator;
  await openTabs({ tabs: 10, profile: "liar:1(other-query),straggle:3(p=0.2,ms=300)" });
  const parm = { scheme: "parm", queriesPerGroup: 8, stragglers: 1, liars: 1 } as const;
  const { jobId } = await client.submit(digits(400, { ...parm, name: "digits with a parity" }));
  const job = await ended(client, jobId);
  expect(job).toMatchObject({
    state: "done",
    workerCount: 9,
    answersByMark: { missing: 0, unchecked: 0, estimated: 0 },
  });
  expect(job.accuracy).toBeGreaterThan(0.95);
  const receipt = await client.receipt(jobId);
  if (receipt.kind !== "inference") throw new Error("expected the receipt of an inference job");
  expect(receipt).toMatchObject({
    verification: "audits",
    code: { workers: 9 },
    answers: { byMark: job.answersByMark },
  });
  expect(receipt.hashes.parityModel).toMatch(/^[0-9a-f]{64}$/);

  await page.goto(`${url}/dashboard`);
  await page.getByRole("link", { name: "digits with a parity" }).click();
  const card = page.getByRole("article", { name: "digits with a parity" });
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    card.getByRole("link", { name: /^Receipt of digits with a parity/ }).click(),
  ]);
  expect(download.suggestedFilename()).toBe(`${jobId}-receipt.json`);
});

test("parm, fast: the answers of a tab that never answers are estimated with the parity model", async ({
  coordinator,
  openTabs,
}) => {
  const { client } = coordinator;
  await openTabs({ tabs: 9, profile: "mute:1" });
  const parm = { scheme: "parm", queriesPerGroup: 8, stragglers: 1, liars: 0, completion: "fast" } as const;
  const { jobId } = await client.submit(digits(80, { ...parm }));
  const job = await ended(client, jobId);
  // Ten groups: the mute tab has one row of each at most, and some of these the coordinator computes first.
  expect(job.answersByMark.estimated).toBeLessThanOrEqual(10);
  expect(job).toMatchObject({ state: "done", answersByMark: { missing: 0, unchecked: 0 } });
});

test("a spline job in real tabs: estimates with a measured confidence, and some answers of the coordinator's own", async ({
  coordinator,
  openTabs,
  page,
}) => {
  const { client, url } = coordinator;
  await openTabs({ tabs: 7, profile: "straggle:2(p=0.2,ms=300)", backends: ["wasm", "cpu"] });
  // Chosen in the form, as people do.
  await page.goto(`${url}/dashboard#new`);
  await page.getByText("Advanced: choose the code by hand").click();
  await page.getByLabel("Code", { exact: true }).selectOption("spline");
  await expect(page.getByTestId("workers")).toContainText("Each round is split into 7 parts");
  await page.getByLabel("Job name").fill("digits by splines");
  await page.getByRole("button", { name: "Submit", exact: true }).click();
  await expect.poll(async () => (await client.jobs()).length).toBe(1);
  const { jobId } = (await client.jobs())[0]!;
  const job = await ended(client, jobId);
  const { estimated, exact, missing, unchecked, audited } = job.answersByMark;
  expect({ missing, unchecked, audited, sum: estimated + exact }).toEqual({
    missing: 0,
    unchecked: 0,
    audited: 0,
    sum: 400,
  });
  expect(exact).toBeGreaterThanOrEqual(20);
  expect(job.failedAudits).toBe(0);
  const { answers } = await client.answers(jobId, { limit: 400 });
  const confidence = answers.find(({ mark }) => mark === "estimated")!.confidence!;
  // A guess at one of ten digits is right in a tenth. Which of the seven tabs straggle is chance: .299 was seen.
  expect(confidence).toBeGreaterThan(0.2);
  // The confidence bounds what is expected; what 400 digits came to strays from that by .1 once in 30,000 jobs (4 sigma).
  expect(job.accuracy).toBeGreaterThan(confidence - 4 * Math.sqrt(0.25 / 400));
});
