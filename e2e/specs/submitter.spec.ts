/**
 * What a submitter sees: three steps to a job, with a look at the data, a trial and the dial; the running job as a picture;
 * answers beside their queries; and a receipt to hand on.
 */
import { readFile } from "node:fs/promises";
import type { Locator, Page } from "@playwright/test";
import type { InferenceEstimate } from "../../shared/kinds/inference/estimate.ts";
import type { TimeSpread } from "../../shared/protocol/estimate-api.ts";
import { encodeNpy } from "../../shared/protocol/npy.ts";
import type { TimelineOutcome } from "../../shared/protocol/timeline-api.ts";
import { digits, ended, expect, test } from "./fixtures.ts";
import { axeViolations } from "./page-manners.ts";

const CODE = { queriesPerGroup: 4, stragglers: 1, liars: 1 } as const;

/** In light and dark, wide and narrow: axe finds nothing, and the page does not scroll sideways. */
async function expectSoundPage(page: Page): Promise<void> {
  for (const [colorScheme, width] of [
    ["light", 1280],
    ["dark", 390],
  ] as const) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 900 });
    const violations = await axeViolations(page);
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ target }) => target.join(" "))])).toEqual([]);
    // As text: this file's compiler knows no page.
    await expect.poll(() => page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBeLessThanOrEqual(0);
  }
  await page.setViewportSize({ width: 1280, height: 900 });
}

/** What a data attribute of each mark of a picture says. */
async function saidBy(marks: Locator, attribute: string): Promise<string[]> {
  const said = await Promise.all((await marks.all()).map((mark) => mark.getAttribute(attribute)));
  return said.map((value) => value ?? "");
}

function countBy(values: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

test("a job is a picture: what each tab did and when, and what was thrown out", async ({
  page,
  coordinator,
  openTabs,
}) => {
  const { client, url } = coordinator;
  const crowd = await openTabs({ tabs: 7, profile: "liar:1(sleeper,rounds=1),slow:1(x4,floor=40)" });
  const liar = crowd.tabs.find(({ faults }) => faults.some(({ kind }) => kind === "liar"))!.name;
  const { jobId } = await client.submit(digits(1_000, CODE));
  await ended(client, jobId);
  const { tabs, spans } = await client.timeline(jobId);
  await page.goto(`${url}/dashboard#jobs/${jobId}/progress`);

  // A bar for each assignment, told apart by what came of it.
  const picture = page.getByTestId("timeline");
  await expect(picture).toBeVisible();
  const outcomes: Partial<Record<TimelineOutcome, number>> = {};
  for (const { outcome } of spans) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  await expect.poll(async () => countBy(await saidBy(picture.locator(".bar-of"), "data-outcome"))).toEqual(outcomes);
  expect(outcomes.rejected).toBeGreaterThan(0);
  await expect(picture.locator(".row")).toHaveCount(tabs.length);
  // Whoever does not see it is told the same.
  await expect(page.getByRole("img", { name: /^7 tabs against time.*rejected/ })).toBeVisible();
  await page.getByText("As tables").first().click();
  const ofLiar = page.getByRole("row").filter({ has: page.getByRole("rowheader", { name: liar }) });
  await expect(ofLiar.first()).toBeVisible();

  const answered = spans.filter(
    ({ outcome }) => outcome === "answered" || outcome === "late" || outcome === "rejected",
  );
  const binned = async () => {
    const bins = await saidBy(page.getByTestId("latency").locator(".latency-bin"), "data-count");
    return bins.reduce((sum, count) => sum + Number(count), 0);
  };
  await expect.poll(binned).toBe(answered.length);

  await expectSoundPage(page);
});

test("answers stand beside their queries, and can be narrowed down to those that somebody shut out had touched", async ({
  page,
  coordinator,
  openTabs,
}) => {
  const { client, url } = coordinator;
  await openTabs({ tabs: 7, profile: "liar:1(sleeper,rounds=1)" });
  const { jobId } = await client.submit(digits(1_000, CODE));
  const { queryCount, finalCount } = await ended(client, jobId);
  expect((await client.answers(jobId, { only: "not-final" })).matching).toBe(queryCount - finalCount);
  await page.goto(`${url}/dashboard#jobs/${jobId}`);

  const answers = page.getByRole("region", { name: "Answers" });
  await expect(answers.getByText("1 to 10 of 1,000 answers")).toBeVisible();
  const seven = answers.getByRole("img", { name: "Query 0 as a picture" });
  await expect(seven).toBeVisible();
  // It is drawn, and is what was submitted.
  // As text: this file's compiler knows no page.
  const grey = async () => {
    const ink = await page.evaluate(
      `Array.from(document.querySelector("table.answers canvas").getContext("2d").getImageData(0, 0, 28, 28).data)`,
    );
    return (ink as number[]).filter((_, i) => i % 4 === 0);
  };
  await expect.poll(grey).toEqual(Array.from((await client.sampleQueries(0, 1)).data, Number));
  await expect(answers.getByRole("row").nth(1)).toContainText("7");
  await answers.getByRole("button", { name: "Next" }).click();
  await expect(answers.getByText("11 to 20 of 1,000 answers")).toBeVisible();
  await expect(answers.getByRole("img", { name: "Query 10 as a picture" })).toBeVisible();

  const touched = (await client.answers(jobId, { only: "touched" })).matching;
  expect(touched).toBeGreaterThan(0);
  await answers.getByLabel("Show").selectOption("touched by a shut-out volunteer");
  await expect(answers.getByText(`1 to ${Math.min(10, touched)} of ${touched} answer`)).toBeVisible();
  await answers.getByLabel("Show").selectOption("estimates");
  await expect(answers.getByText("There are no answers of this kind.")).toBeVisible();
  await expectSoundPage(page);
});

test("a receipt is a page of its own that says what was done, and knows the files that it is about", async ({
  page,
  coordinator,
  openTabs,
}) => {
  const { client, url } = coordinator;
  await openTabs({ tabs: 6 });
  const { jobId } = await client.submit(digits(40, { ...CODE, name: "old letters", purpose: "an archive" }));
  const { finalCount } = await ended(client, jobId);
  await page.goto(`${url}/dashboard#jobs/${jobId}`);
  await page.getByRole("link", { name: "Read receipt: old letters" }).click();
  await expect(page).toHaveURL(new RegExp(`#jobs/${jobId}/receipt$`));
  const receipt = page.getByRole("article", { name: "Receipt: old letters" });
  await expect(receipt).toContainText(`${finalCount} of 40 answers final`);
  await expect(receipt).toContainText("an archive");
  await expect(receipt).toContainText("No work had to be done again because of a lie.");

  const file = receipt.getByLabel("Is a file one of these?");
  const npy = Buffer.from(await client.answersFile(jobId, "npy"));
  await file.setInputFiles({ name: "answers.npy", mimeType: "application/octet-stream", buffer: npy });
  await expect(receipt.getByText("Yes: it is answers.npy.")).toBeVisible();
  await file.setInputFiles({ name: "other.npy", mimeType: "application/octet-stream", buffer: npy.subarray(1) });
  await expect(receipt.getByText("No: it is none of these files.")).toBeVisible();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    receipt.getByRole("button", { name: "Save as JSON" }).click(),
  ]);
  expect(JSON.parse((await readFile(await download.path())).toString())).toEqual(await client.receipt(jobId));

  await expectSoundPage(page);
  await page.emulateMedia({ media: "print" });
  await expect(page.getByRole("navigation")).toBeHidden();
  await expect(receipt).toContainText("Who computed it");
});

test("the sample in three steps: digits to look at, a trial on this computer, and what it will take", async ({
  page,
  coordinator,
  openTabs,
}) => {
  const { client, url } = coordinator;
  await openTabs({ tabs: 4 });
  await page.goto(`${url}/dashboard#new`);
  const preview = page.getByTestId("preview");
  await expect(preview).toContainText("400 queries, each 28 × 28, uint8");
  await expect(preview.getByRole("img")).toHaveCount(12);

  // Nothing of it reaches a volunteer or the coordinator.
  const trial = page.getByTestId("dry-run");
  await trial.getByRole("button", { name: "Try it on this computer" }).click();
  await expect(trial).toContainText(/8 queries answered here by (WebGPU|WebGL|WebAssembly|JavaScript), .* each\./);
  await expect(trial.locator("tbody tr td:nth-child(2)")).toHaveText(["7", "2", "1", "0", "4", "1", "4", "9"]);
  expect(await client.jobs()).toEqual([]);

  const dial = page.getByTestId("dial");
  await expect(dial).toContainText("4; 4 ready now");
  await expect(dial).toContainText(/Checksthe coordinator computes about \d+ rows/);
  for (const term of ["First answers", "All answers"])
    await expect(dial).toContainText(new RegExp(`${term}.*\\d+ m?s`));
  await expectSoundPage(page);

  await page.getByLabel("What it is for (optional)").fill("Reading old letters");
  await page.getByLabel("Job name").fill("letters");
  await page.getByRole("button", { name: "Submit", exact: true }).click();
  await expect(page.getByText("Submitted: letters.")).toBeVisible();
  const [job] = await client.jobs();
  expect(job).toMatchObject({ name: "letters", purpose: "Reading old letters" });
});

for (const width of [390, 1280]) {
  for (const stays of [true, false]) {
    const crowd = stays ? "of tabs that stay" : "of tabs that may leave";
    test(`a prediction that comes late, ${crowd}, moves no button at ${width} px`, async ({
      page,
      coordinator,
      openTabs,
    }) => {
      await openTabs({ tabs: 4 });
      await page.setViewportSize({ width, height: 900 });
      let goOn = () => {};
      const waits = new Promise<void>((resolve) => (goOn = resolve));
      await page.route("**/api/estimates", async (route) => {
        await waits;
        const response = await route.fetch();
        const estimate = (await response.json()) as InferenceEstimate;
        const timeOf = (spread: TimeSpread | null) => ({ ...spread!, p90: stays ? 2 * spread!.p50 : null });
        const { firstAnswerMs, finishMs } = estimate.chosen;
        const chosen = { ...estimate.chosen, firstAnswerMs: timeOf(firstAnswerMs), finishMs: timeOf(finishMs) };
        await route.fulfill({ response, json: { ...estimate, chosen } });
      });
      const asked = page.waitForRequest("**/api/estimates");
      await page.goto(`${coordinator.url}/dashboard#new`);
      await expect(page.getByText("400 queries, each 28 × 28, uint8")).toBeVisible();
      await asked;
      // That there are tabs to predict for is known: room is kept for two times.
      await expect(page.getByTestId("dial").locator(".to-come", { hasText: "nine in ten" })).toHaveCount(2);
      const button = page.getByRole("button", { name: "Submit", exact: true });
      const top = () => button.evaluate((element) => element.getBoundingClientRect().top + scrollY);
      const before = await top();
      goOn();
      const dial = page.getByTestId("dial");
      await expect(dial).toContainText("4; 4 ready now");
      const times = dial.locator("dd", { hasText: stays ? "nine in ten" : "risk that tabs leave" });
      await expect(times).toHaveCount(2);
      // A pointer on the middle of the button stays on it.
      expect(Math.abs((await top()) - before)).toBeLessThan((await button.boundingBox())!.height / 2);
    });
  }
}

test("who says by when it must be done need not know codes", async ({ page, coordinator, openTabs }) => {
  const { client, url } = coordinator;
  await openTabs({ tabs: 4 });
  await page.goto(`${url}/dashboard#new`);
  await page.getByLabel("By a time, with as little work as possible").check();
  await page.getByLabel("Finish within", { exact: true }).fill("10");
  const dial = page.getByTestId("dial");
  await expect(dial).toContainText("Chance to be in time");
  await page.getByRole("button", { name: "Submit", exact: true }).click();
  await expect(page.getByTestId("job-state")).toHaveText("done");
  const receipt = await client.receipt((await client.jobs())[0]!.jobId);
  expect(receipt.submission).toMatchObject({ aim: { finishWithinMs: 600_000, confidence: 0.9 } });
});

test("tables of one's own are shown as numbers, with what does not fit", async ({ page, coordinator }) => {
  const npy = (name: string, bytes: Uint8Array) => ({
    name,
    mimeType: "application/octet-stream",
    buffer: Buffer.from(bytes),
  });
  await page.goto(`${coordinator.url}/dashboard#new`);
  await page.getByLabel("My own model and queries").check();
  const table = encodeNpy({ dtype: "F32", shape: [3, 4], data: Float32Array.from({ length: 12 }, (_, i) => i / 4) });
  await page.getByLabel("Queries (.npy, .csv, .parquet, .png)").setInputFiles(npy("table.npy", table));
  const preview = page.getByTestId("preview");
  await expect(preview).toContainText("3 queries, each 4, float32");
  await expect(preview.getByRole("row").nth(2)).toHaveText("111.251.51.75");
  const labels = encodeNpy({ dtype: "U8", shape: [2], data: Uint8Array.of(7, 8) });
  await page.getByLabel("Labels (.npy, .csv or .parquet, optional)").setInputFiles(npy("labels.npy", labels));
  await expect(preview).toContainText("There are 2 labels for 3 queries: there must be one each.");
  // A model that cannot be run is refused before anything is sent.
  await page.getByLabel("Model", { exact: true }).setInputFiles(npy("model.json", Buffer.from("{}")));
  await expect(page.getByText(/^model/).first()).toBeVisible();
  await page
    .getByLabel("Queries (.npy, .csv, .parquet, .png)")
    .setInputFiles(npy("broken.npy", Buffer.from("no array")));
  await expect(preview).toContainText("npy: expected");
  await expectSoundPage(page);
});

test("how long a job will take is unknown until it is known, and told from then on", async ({
  page,
  coordinator,
  openTabs,
}) => {
  const { client, url } = coordinator;
  const mute = await openTabs({ tabs: 1, profile: "mute:1" });
  const { jobId } = await client.submit(digits(200, { ...CODE, stragglers: 0, liars: 0 }));
  await page.goto(`${url}/dashboard#jobs/${jobId}`);
  await expect(page.getByText(/answers final, .*time left: unknown yet/)).toBeVisible();
  await mute.close();
  // Slow ones: what is told then is to be seen while the job lasts.
  await openTabs({ tabs: 2, profile: "slow:2(x1,floor=500)" });
  await expect(page.getByText(/answers final, .*about .* left/)).toBeVisible();
  await client.cancel(jobId);
  await expect(page.getByTestId("job-state")).toHaveText("cancelled");
  await expect(page.getByText(/ left/)).toHaveCount(0);
});
