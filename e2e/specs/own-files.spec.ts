/** Files that people have: tables as CSV, pictures as PNG. The dashboard takes them as they are, no array library needed. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { MNIST_MODEL_FILES } from "../../server/samples/mnist.ts";
import { parseNpy } from "../../shared/protocol/npy.ts";
import { type CoordinatorUnderTest, ended, expect, test } from "./fixtures.ts";

const JOB_MS_MAX = 90_000;
const PICTURES = join(import.meta.dirname, "../../docs/digits");
const MODEL = [MNIST_MODEL_FILES.modelJson, ...MNIST_MODEL_FILES.weights.map(({ path }) => path)];

const csvFile = (name: string, rows: readonly (readonly (number | string)[])[]) => ({
  name,
  mimeType: "text/csv",
  buffer: Buffer.from(rows.map((row) => `${row.join(",")}\n`).join("")),
});

async function openOwnFiles(page: Page, { url }: CoordinatorUnderTest): Promise<void> {
  await page.goto(`${url}/dashboard#new`);
  await page.getByLabel("My own model and queries").check();
  await page.getByLabel("Model", { exact: true }).setInputFiles(MODEL);
}

const queriesField = (page: Page) => page.getByLabel("Queries (.npy, .csv, .parquet, .png)");

async function submitted({ client }: CoordinatorUnderTest, page: Page): Promise<string> {
  await page.getByRole("button", { name: "Submit", exact: true }).click();
  await expect(page.getByText("Submitted: untitled.")).toBeVisible({ timeout: 30_000 });
  return (await client.jobs())[0]!.jobId;
}

test("ten pictures are read in the order of their names, looked at, tried here and answered", async ({
  page,
  coordinator,
  openTabs,
}) => {
  await openTabs({ tabs: 4 });
  await openOwnFiles(page, coordinator);
  const names = readdirSync(PICTURES).map((name) => join(PICTURES, name));
  await queriesField(page).setInputFiles(names.reverse());
  await expect(page.getByTestId("preview")).toContainText("10 queries, each 28 × 28 × 1, uint8");
  await expect(page.getByTestId("preview").getByRole("img")).toHaveCount(10);
  await expect(page.getByLabel("Input scale")).toHaveValue("1/255");
  // Nobody has pressed anything: the model has run here for a moment.
  const comparison = page.getByTestId("dial").getByTestId("comparison");
  await expect(comparison).toContainText(/^Alone .*\(this computer, .*with the crowd about .*not worth it\./, {
    timeout: 60_000,
  });
  const trial = page.getByTestId("dry-run");
  await trial.getByRole("button", { name: "Try it on this computer" }).click();
  await expect(trial.locator("tbody tr td:nth-child(2)")).toHaveText(["0", "1", "2", "3", "4", "5", "6", "7"], {
    timeout: 60_000,
  });
  const jobId = await submitted(coordinator, page);
  await ended(coordinator.client, jobId);
  const { answers } = await coordinator.client.answers(jobId, { limit: 10 });
  expect(answers.map(({ label }) => label)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test("a table from a spreadsheet brings its labels along in a column of its own", async ({
  page,
  coordinator,
  openTabs,
}) => {
  const { client } = coordinator;
  await openTabs({ tabs: 4 });
  await openOwnFiles(page, coordinator);
  const digits = await client.sampleQueries(0, 12);
  const seen = [7, 2, 1, 0, 4, 1, 4, 9, 5, 9, 0, 6];
  const rows = seen.map((digit, i) => [digit, ...Array.from(digits.data.slice(i * 784, (i + 1) * 784), Number)]);
  const header = ["label", ...Array.from({ length: 784 }, (_, pixel) => `pixel${pixel}`)];
  await queriesField(page).setInputFiles(csvFile("digits.csv", [header, ...rows]));
  // The name says it; whoever knows better chooses another.
  await expect(page.getByLabel("Labels are the column").locator("option:checked")).toHaveText("label");
  await expect(page.getByTestId("preview")).toContainText("12 queries, each 784, float32");
  await page.getByLabel("Input scale").fill("1/255");
  const jobId = await submitted(coordinator, page);
  const job = await ended(client, jobId);
  expect(job).toMatchObject({ queryCount: 12, accuracy: 1 });
});

test("a table that cannot be read is refused by line and column, before anything is sent", async ({
  page,
  coordinator,
}) => {
  await openOwnFiles(page, coordinator);
  await queriesField(page).setInputFiles(
    csvFile("bad.csv", [
      ["1", "2"],
      ["3", "many"],
    ]),
  );
  const problem = 'bad.csv, line 2, column 2: expected a finite number, got "many"';
  await expect(page.locator(".field-problem")).toHaveText(problem);
  await page.getByRole("button", { name: "Submit", exact: true }).click();
  await expect(page.getByRole("alert")).toContainText(problem);
  const one = [join(PICTURES, "0.png"), MNIST_MODEL_FILES.modelJson];
  await queriesField(page).setInputFiles(one);
  await expect(page.locator(".field-problem")).toHaveText("expected one file, or PNG pictures, got 0.png, model.json");
  expect(await coordinator.client.jobs()).toEqual([]);
});

test("a regression learns numbers from one table, and predicts the rows of another", async ({
  page,
  coordinator,
  openTabs,
}) => {
  test.setTimeout(120_000);
  const { client, url } = coordinator;
  await openTabs({ tabs: 6 });
  await page.goto(`${url}/dashboard#new`);
  await page.getByRole("tab", { name: "Regression" }).click();
  const form = page.getByRole("tabpanel", { name: "Regression" });
  await form.getByLabel("My own X and y").check();
  // y = 0.5 a - 0.25 b, of numbers that are not whole.
  const rows = Array.from({ length: 60 }, (_, i) => [Math.sin(i), Math.cos(3 * i), Math.sin(5 * i), Math.cos(7 * i)]);
  const table = [["a", "b", "c", "d", "target"], ...rows.map((row) => [...row, 0.5 * row[0]! - 0.25 * row[1]!])];
  await form.getByLabel("Model", { exact: true }).selectOption("linear");
  await form.getByLabel("X (.npy, .csv or .parquet)").setInputFiles(csvFile("table.csv", table));
  await expect(form.getByLabel("y is the column").locator("option:checked")).toHaveText("target");
  await expect(form.getByText("60 x 4, F64")).toBeVisible();
  await expect(form.getByLabel("y (.npy, .csv or .parquet)")).toHaveCount(0);
  await form.getByLabel("Held out").fill("0");
  await form.getByRole("button", { name: "Start training" }).click();
  await expect(page.getByTestId("job-state")).toHaveText("done", { timeout: JOB_MS_MAX });
  await page.getByLabel("Rows to predict (.csv, .parquet or .npy)").setInputFiles(
    csvFile("new.csv", [
      [1, 0, 0, 0],
      [0, 1, 0, 0],
    ]),
  );
  await page.getByRole("button", { name: "Predict", exact: true }).click();
  await expect(page.getByTestId("predictions")).toContainText("2 predictions");
  const { weights } = JSON.parse(
    new TextDecoder().decode(await client.weightsFile((await client.jobs())[0]!.jobId, "json")),
  ) as { weights: number[][] };
  expect(weights[0]![0]).toBeCloseTo(0.5, 1);
  expect(weights[1]![0]).toBeCloseTo(-0.25, 1);
});

test("a Parquet file with words and an empty cell is learned from as it is, and the page says what becomes of them", async ({
  page,
  coordinator,
  openTabs,
}) => {
  const { client, url } = coordinator;
  await openTabs({ tabs: 6 });
  await page.goto(`${url}/dashboard#new`);
  await page.getByRole("tab", { name: "Regression" }).click();
  const form = page.getByRole("tabpanel", { name: "Regression" });
  await form.getByLabel("My own X and y").check();
  await form.getByLabel("Model", { exact: true }).selectOption("logistic");
  const table = join(import.meta.dirname, "../../shared/inputs/vectors/people.parquet");
  await form.getByLabel("X (.npy, .csv or .parquet)").setInputFiles(table);
  await expect(form.getByText("6 x 3, F64")).toBeVisible();
  const rule = "1 empty cell in 1 column: numbers get their column's mean, categories none of their levels";
  await expect(form.getByText(rule, { exact: true })).toBeVisible();
  await expect(form.getByText("labels: no, yes", { exact: true })).toBeVisible();
  await expect(form.locator(".field-problem")).toHaveCount(0);
  // Nothing is submitted before somebody says so.
  expect(await client.jobs()).toEqual([]);
  await form.getByLabel("Held out").fill("0");
  await form.getByRole("button", { name: "Start training" }).click();
  await expect(page.getByTestId("job-state")).toHaveText("done", { timeout: JOB_MS_MAX });
  const evaluation = await client.evaluation((await client.jobs())[0]!.jobId);
  expect(evaluation?.byClass?.classes).toMatchObject([
    { label: "no", rows: 3 },
    { label: "yes", rows: 3 },
  ]);
  await expect(page.getByTestId("evaluation").getByText(/% right: \d of 6 rows that it learned from\./)).toBeVisible();
});

test("matrices from spreadsheets keep whole numbers that float32 would round", async ({
  page,
  coordinator,
  openTabs,
}) => {
  const { client, url } = coordinator;
  await openTabs({ tabs: 6 });
  await page.goto(`${url}/dashboard#new`);
  await page.getByRole("tab", { name: "Product of matrices" }).click();
  const form = page.getByRole("tabpanel", { name: "Product of matrices" });
  const large = 16_777_217;
  const left = Array.from({ length: 4 }, (_, row) => [large + 2 * row, 1]);
  await form.getByLabel("A (.npy, .csv or .parquet)", { exact: true }).setInputFiles(csvFile("A.csv", left));
  await form.getByLabel("B (.npy, .csv or .parquet)", { exact: true }).setInputFiles(csvFile("B.csv", [[1], [3]]));
  await expect(form.getByText("4 x 2, F64")).toBeVisible();
  await expect(form.getByText("2 x 1, F64")).toBeVisible();
  await form.getByRole("button", { name: "Start multiplying" }).click();
  await expect(page.getByTestId("job-state")).toHaveText("done", { timeout: JOB_MS_MAX });
  const product = parseNpy(await client.productFile((await client.jobs())[0]!.jobId));
  expect([...(product.data as Float64Array)]).toEqual([0, 1, 2, 3].map((row) => large + 2 * row + 3));
});
