/** What a submitter sees of training: the cost before, curves and liars while it runs, weights and a receipt after. */
import { readFile } from "node:fs/promises";
import type { Locator, Page } from "@playwright/test";
import { makeTable } from "../../server/samples/regression-tables.ts";
import type { RegressionReceipt } from "../../shared/kinds/regression/receipt.ts";
import type { RegressionWeightsFile } from "../../shared/kinds/regression/weights.ts";
import { encodeNpy, parseNpy } from "../../shared/protocol/npy.ts";
import { type CoordinatorUnderTest, expect, saved, test } from "./fixtures.ts";
import { openPart } from "./job-parts.ts";
import { expectSoundPage } from "./page-manners.ts";

/** The form for training, on the dashboard. */
async function openForm(page: Page, { url }: CoordinatorUnderTest): Promise<Locator> {
  await page.goto(`${url}/dashboard#new`);
  await page.getByRole("tab", { name: "Regression" }).click();
  const form = page.getByRole("tabpanel", { name: "Regression" });
  await form.getByText("How it is trained").click();
  return form;
}

const npyFile = (name: string, bytes: Uint8Array) => ({
  name,
  mimeType: "application/octet-stream",
  buffer: Buffer.from(bytes),
});

test("a regression is trained in a crowd with a liar and a slow tab, and its weights predict", async ({
  page,
  coordinator,
  openTabs,
}) => {
  const crowd = await openTabs({ tabs: 7, profile: "slow:1(x10,floor=300),liar:1(constant)" });
  const liar = crowd.tabs.find(({ faults }) => faults.some(({ kind }) => kind === "liar"))!.name;
  const form = await openForm(page, coordinator);
  await form.getByLabel("Rows", { exact: true }).fill("800");
  await form.getByLabel("Iterations", { exact: true }).fill("20");
  const estimate = form.getByTestId("estimate");
  await expect(estimate).toContainText("6 needed, 7 ready");
  await expect(estimate).toContainText("40 rounds");
  // The cost follows the settings.
  await form.getByLabel("S", { exact: true }).fill("2");
  await expect(estimate).toContainText("7 needed, 7 ready");

  await form.getByRole("button", { name: "Start training" }).click();
  await expect(page.getByText("Submitted: fours and nines.")).toBeVisible();
  await expect(page.getByTestId("job-state")).toHaveText("done");
  await expect(page.getByText("20 of 20 iterations")).toBeVisible();

  await expect(page.getByRole("img", { name: /^Loss over the iterations: from .* at iteration 20\.$/ })).toBeVisible();
  await expect(page.getByRole("img", { name: /^Share of right answers.* at iteration 20\.$/ })).toBeVisible();
  await openPart(page, "Progress");
  await expect(page.getByTestId("job-events")).toContainText(`${liar} sent a wrong result and was shut out.`);
  await expect(page.getByRole("row", { name: new RegExp(`${liar} lied`) })).toBeVisible();
  await openPart(page, "Receipt");
  const receipt = page.getByTestId("receipt");
  await expect(receipt).toContainText("2 secret vectors");
  await expect(receipt).toContainText("a chance of at most 2e-19");

  await expectSoundPage(page, 360);
  await page.setViewportSize({ width: 1280, height: 900 });

  const weights = parseNpy(await saved(page, "Weights of fours and nines as npy"));
  expect(weights).toMatchObject({ dtype: "F64", shape: [5_001, 1] });
  const json = JSON.parse(
    (await saved(page, "Weights of fours and nines as json")).toString(),
  ) as RegressionWeightsFile;
  expect(Float64Array.from([...json.weights.flat(), ...json.intercept!])).toEqual(weights.data);
  expect(json).toMatchObject({ weightsOf: 20, labelOfClass: [-1, 1] });
  const kept = JSON.parse((await saved(page, "Receipt of fours and nines")).toString()) as RegressionReceipt;
  expect(kept.liars.map(({ nickname }) => nickname)).toEqual([liar]);
  expect(kept.volunteers.find(({ nickname }) => nickname === liar)?.acceptedResults).toBe(0);

  const digits = await makeTable({ sample: "gisette-like", part: "test", rows: 200 });
  await openPart(page, "Answers");
  await page
    .getByLabel("Rows to predict (.csv, .parquet or .npy)")
    .setInputFiles(npyFile("test.npy", digits.featuresNpy));
  await page.getByRole("button", { name: "Predict", exact: true }).click();
  await expect(page.getByTestId("predictions")).toContainText("200 predictions by the weights of iteration 20.");
  const [predictions] = await Promise.all([
    page.waitForEvent("download").then(async (download) => parseNpy(await readFile(await download.path()))),
    page.getByLabel("Predictions as npy").click(),
  ]);
  const truth = parseNpy(digits.labelsNpy).data as Int32Array;
  const right = (predictions.data as Float64Array).filter((label, i) => label === truth[i]).length;
  // Half of them would be chance.
  expect(right).toBeGreaterThan(170);
});

test("a page that is left while it draws curves throws nothing, and a large loss stands whole beside its axis", async ({
  page,
  coordinator,
  openTabs,
}) => {
  const { client, url } = coordinator;
  const thrown: string[] = [];
  page.on("pageerror", (error) => thrown.push(String(error)));
  await openTabs({ tabs: 3 });
  const rows = Float32Array.from({ length: 240 }, (_, i) => Math.sin(i * i));
  const [{ tensorSha256: featuresSha256 }, { tensorSha256: labelsSha256 }] = await Promise.all([
    client.uploadTensor(encodeNpy({ dtype: "F32", shape: [30, 8], data: rows })),
    client.uploadTensor(encodeNpy({ dtype: "F32", shape: [30], data: rows.slice(0, 30) })),
  ]);
  const { jobId } = await client.submit({
    ...{ kind: "regression", model: "linear", source: { kind: "uploads", featuresSha256, labelsSha256 } },
    ...{ dataVolunteers: 2, stragglers: 1, liars: 0, iterations: 20, learningRate: 50, name: "wild" },
  });
  await expect.poll(async () => (await client.job(jobId)).finishedMs).not.toBeNull();
  await page.goto(`${url}/dashboard`);
  const row = page.getByTestId("job-row");
  await expect(row.getByTestId("job-state")).toHaveText("diverged");
  await expect(row).toContainText(
    /The loss grew from .* in \d+ iterations?; submit it again with a smaller learning rate/,
  );
  await page.getByRole("link", { name: "wild" }).click();
  await expect(page.getByTestId("job-state")).toHaveText("diverged");
  const loss = page
    .getByRole("figure")
    .getByRole("img", { name: /^Loss over the iterations: from 0\.\d+ to \S+e\+\d+ at/ });
  await expect(loss).toBeVisible();
  await expect(page.getByRole("figure").getByTestId("residuals")).toBeVisible();
  // Its size changes in the moment in which it goes. By keyboard: the link moves, and a pointer that is pressed on it may be let go beside it.
  await page.setViewportSize({ width: 390, height: 900 });
  await page.getByRole("link", { name: "All jobs" }).press("Enter");
  await expect(row).toHaveCount(1);
  expect(thrown).toEqual([]);
});

test("a long job is stopped early and keeps its weights", async ({ page, coordinator, openTabs }) => {
  await openTabs({ tabs: 3 });
  const form = await openForm(page, coordinator);
  await form.getByLabel("Built-in: ten digits").check();
  await form.getByLabel("Rows", { exact: true }).fill("300");
  await form.getByLabel("K", { exact: true }).fill("2");
  await form.getByLabel("M", { exact: true }).fill("0");
  await form.getByLabel("Iterations", { exact: true }).fill("10000");
  await form.getByLabel("Stop within", { exact: true }).fill("1e-12");
  await form.getByRole("button", { name: "Start training" }).click();
  await page.getByRole("button", { name: "Stop ten digits early" }).click();
  await expect(page.getByTestId("job-state")).toHaveText("stopped early");
  await expect(
    page.getByText(/^Stopped early: on request, after \d+ iterations\. The weights of iteration/),
  ).toBeVisible();
  expect(parseNpy(await saved(page, "Weights of ten digits as npy"))).toMatchObject({ shape: [785, 10] });
  await page.getByRole("link", { name: "All jobs" }).click();
  const row = page.getByTestId("job-row");
  await expect(row.getByTestId("job-state")).toHaveText("stopped early");
  await expect(row).toContainText(/On request, after \d+ iterations\./);
});

test("a T-private job runs on the tabs that its submitter invited, and on no others", async ({
  page,
  coordinator,
  openTabs,
}) => {
  await openTabs({ tabs: 2 });
  const form = await openForm(page, coordinator);
  await form.getByLabel("Built-in: ten digits").check();
  const settings = { Rows: "100", K: "1", S: "1", M: "0", T: "1", Iterations: "5" };
  for (const [name, value] of Object.entries(settings)) await form.getByLabel(name, { exact: true }).fill(value);
  await expect(form.getByTestId("privacy")).toContainText("learn nothing of X");
  await expect(form.getByTestId("privacy")).toContainText("every tab sees the weights and the residuals of each round");
  // The estimate moves the button as it comes.
  await expect(form.getByTestId("estimate")).toContainText("3 needed");
  await form.getByRole("button", { name: "Start training" }).click();
  await expect(page.getByText(/^Waiting for 3 more invited volunteers/)).toBeVisible();

  const links = page.getByRole("textbox", { name: /^Invitation \d+$/ });
  await expect(links).toHaveCount(7);
  const addresses = await links.evaluateAll((inputs) => inputs.map((input) => (input as HTMLInputElement).value));
  const invitations = addresses.map((address) => {
    expect(address.startsWith(`${coordinator.url}/#`)).toBe(true);
    return new URLSearchParams(new URL(address).hash.slice(1)).get("invite")!;
  });
  await page.getByRole("button", { name: "I have kept them" }).click();
  await expect(links).toHaveCount(0);
  const first = await openTabs({ tabs: 1, invitations: invitations.slice(0, 1) });
  await expect(page.getByText(/1 of 7 invitations are used/)).toBeVisible();

  // A link that somebody else has used, and one of another coordinator, say so.
  for (const [address, words] of [
    [addresses[0]!, /Another browser has used the invitation/],
    [`${coordinator.url}/#invite=${"x".repeat(24)}`, /does not know the invitation/],
  ] as const) {
    // Another browser each time: in the same one the visit would go on.
    const late = await page.context().browser()!.newContext();
    const other = await late.newPage();
    await other.goto(address);
    await expect(other.getByTestId("invitation")).toHaveText(/is used when you press Start/);
    await other.getByRole("button", { name: "Start" }).click();
    await expect(other.getByTestId("invitation")).toHaveText(words);
    await late.close();
  }
  await expect(page.getByText(/1 volunteer came with one that another had used/)).toBeVisible();
  const others = await openTabs({ tabs: 2, invitations: invitations.slice(1) });
  const invited = [...first.tabs, ...others.tabs].map(({ name }) => name);

  await expect(page.getByTestId("job-state")).toHaveText("done");
  await openPart(page, "Receipt");
  await expect(page.getByTestId("receipt")).toContainText("3 evaluation points were given out, one a volunteer.");
  const [job] = await coordinator.client.jobs();
  const { volunteers } = await coordinator.client.receiptOf("regression", job!.jobId);
  const holders = volunteers.filter(({ pointsIssued }) => pointsIssued > 0);
  expect(holders.map(({ nickname }) => nickname).sort()).toEqual(invited.sort());
  const table = page.getByRole("region", { name: "Volunteers of this job" });
  await expect(table.getByRole("row")).toHaveCount(1 + invited.length);
});

test("bad input is said beside its field, and no job begins", async ({ page, coordinator }) => {
  const form = await openForm(page, coordinator);
  const problemOf = (label: string) =>
    form.locator(".field", { has: page.getByLabel(label, { exact: true }) }).locator(".field-problem");
  await form.getByLabel("Rate", { exact: true }).fill("-1");
  await expect(problemOf("Rate")).toHaveText("Expected number to be >0, got -1.");
  await form.getByLabel("Rate", { exact: true }).fill("fast");
  await expect(problemOf("Rate")).toHaveText("Expected a number, got “fast”.");
  await form.getByLabel("Rate", { exact: true }).fill("0.1");
  await form.getByLabel("N", { exact: true }).fill("5");
  await expect(problemOf("N")).toContainText("expected at least 6 volunteers");
  await form.getByLabel("N", { exact: true }).fill("");
  await form.getByLabel("Built-in: ten digits").check();
  await form.getByLabel("Model", { exact: true }).selectOption("logistic");
  await expect(problemOf("Model")).toHaveText(
    'Logistic regression: expected exactly two different labels, got 10; the model "softmax" learns more than two.',
  );

  await form.getByLabel("My own X and y").check();
  const nan = encodeNpy({ dtype: "F64", shape: [2, 2], data: Float64Array.of(1, 2, Number.NaN, 4) });
  await form.getByLabel("X (.npy, .csv or .parquet)", { exact: true }).setInputFiles(npyFile("x.npy", nan));
  await expect(problemOf("X (.npy, .csv or .parquet)")).toContainText(
    "expected finite numbers, got NaN first at index [1, 0]",
  );
  const features = encodeNpy({ dtype: "F32", shape: [40, 8], data: new Float32Array(320).fill(1) });
  await form.getByLabel("X (.npy, .csv or .parquet)", { exact: true }).setInputFiles(npyFile("x.npy", features));
  const labels = encodeNpy({ dtype: "U8", shape: [39], data: new Uint8Array(39) });
  await form.getByLabel("y (.npy, .csv or .parquet)", { exact: true }).setInputFiles(npyFile("y.npy", labels));
  await expect(problemOf("y (.npy, .csv or .parquet)")).toContainText(
    "Expected 40 numbers, one for each row of X, got 39.",
  );

  await form.getByRole("button", { name: "Start training" }).click();
  await expect(page.getByRole("alert")).toContainText("Not submitted");
  expect(await coordinator.client.jobs()).toEqual([]);
});
