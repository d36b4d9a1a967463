/** What a regression's page says once it has ended: how good it is, predictions by name in any browser, the model as a file. */
import type { Locator } from "@playwright/test";
import { evaluationTexts } from "../../client/kinds/regression/evaluation/evaluation-texts.ts";
import type { NumberEvaluation } from "../../shared/kinds/regression/evaluation.ts";
import { parseNpy } from "../../shared/protocol/npy.ts";
import { expect, saved, test } from "./fixtures.ts";
import { type LabelSort, mixedTable, trainMixed } from "./mixed-table.ts";
import { expectSoundPage } from "./page-manners.ts";

/** The page's figures are those that are kept, and the model has learned. */
async function expectFigures(words: Locator, byNumber: NumberEvaluation): Promise<void> {
  const { meanAbsolute, rootMeanSquare, explained } = byNumber;
  await expect(words).toContainText(evaluationTexts.off(meanAbsolute, 24, "held-out"));
  await expect(words).toContainText(evaluationTexts.rootMeanSquare(rootMeanSquare));
  await expect(words).toContainText(evaluationTexts.explained(explained!));
  // Other rows are held out each time, and a price whose city is a gap is far off: of 20,000 draws the worst explained 0.57, half of them 0.95.
  expect(explained).toBeGreaterThan(0.5);
}

const csv = (text: string) => ({ name: "new.csv", mimeType: "text/csv", buffer: Buffer.from(text) });

test("a page shows how good it is, a table or a picture with a table behind it, in words of the labels", async ({
  page,
  coordinator,
  openTabs,
}) => {
  await openTabs({ tabs: 3 });
  const shown: Record<LabelSort, { words: RegExp; pictures: string[]; tables: string[] }> = {
    "yes or no": {
      words: /% right: \d+ of \d+ rows that were held out\./,
      pictures: ["roc", "calibration"],
      tables: ["Confusion table", "ROC curve", "Probabilities"],
    },
    species: { words: /% right: \d+ of/, pictures: ["calibration"], tables: ["Confusion table", "Probabilities"] },
    price: {
      words:
        /^Off by \S+ on average, over 24 rows that were held out\. Root mean square error \S+\. R² 0\.\d+: it explains .* % of the differences\.$/,
      pictures: ["residuals"],
      tables: ["Residuals"],
    },
  };
  for (const [sort, { words, pictures, tables }] of Object.entries(shown)) {
    const jobId = await trainMixed(coordinator, sort as LabelSort);
    await page.goto(`${coordinator.url}/dashboard#jobs/${jobId}`);
    const evaluation = page.getByTestId("evaluation");
    await expect(evaluation.locator("p").first()).toHaveText(words);
    const byNumber = (await coordinator.client.evaluation(jobId))?.byNumber;
    if (sort === "price") await expectFigures(evaluation.locator("p").first(), byNumber!);
    for (const name of pictures) await expect(evaluation.getByTestId(name)).toBeVisible();
    for (const summary of await evaluation.getByText("As a table").all()) await summary.click();
    for (const name of tables) await expect(evaluation.getByRole("group", { name, exact: true })).toBeVisible();
    await expectSoundPage(page, 390);
  }
  const [species] = (await coordinator.client.jobs()).filter(({ name }) => name === "species");
  await page.goto(`${coordinator.url}/dashboard#jobs/${species!.jobId}`);
  const heads = page.getByRole("group", { name: "Confusion table" }).locator("thead th");
  await expect(heads).toHaveText(["Really", "Taken for ash", "Taken for elm", "Taken for oak", "Found", "ROC area"]);
});

test("in another browser a table in another order is predicted by its names, with probabilities and in the label's words", async ({
  browser,
  coordinator,
  openTabs,
}) => {
  await openTabs({ tabs: 3 });
  const jobId = await trainMixed(coordinator, "yes or no");
  // A browser that has never seen the job.
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${coordinator.url}/dashboard#jobs/${jobId}`);
  const chosen = page.getByLabel("Rows to predict (.csv, .parquet or .npy)");
  await expect(page.getByText("with the columns age, city, height, in any order")).toBeVisible();
  const { lines } = mixedTable();
  await chosen.setInputFiles(csv(lines.slice(0, 31).join("\n")));
  await page.getByRole("button", { name: "Predict", exact: true }).click();
  const told = page.getByTestId("predictions");
  await expect(told).toContainText("30 predictions by the weights of iteration");
  await expect(told).toContainText("columns that the model does not use: y");
  await expect(told).toContainText(/How often each: no: \d+, yes: \d+\./);
  const table = page.getByRole("group", { name: "Predictions" });
  await expect(table.getByRole("row")).toHaveCount(11);
  await expect(table.getByRole("row").nth(1)).toContainText(/(yes|no).*%/);
  const file = (await saved(page, "Predictions as csv")).toString().split("\n");
  expect(file[0]).toBe("prediction,probability of no,probability of yes");
  const truth = lines.slice(1, 31).map((line) => line.split(",")[2]);
  const right = truth.filter((label, row) => file[row + 1]!.split(",")[0] === label).length;
  expect(right).toBeGreaterThan(25);
  expect(parseNpy(await saved(page, "Predictions as npy")).shape).toEqual([30]);

  await chosen.setInputFiles(csv("city,height\nOslo,1.7\n"));
  await page.getByRole("button", { name: "Predict", exact: true }).click();
  await expect(page.getByText('new.csv: expected the columns of the training: it lacks "age"')).toBeVisible();

  expect((await saved(page, "Model of yes or no as onnx")).includes("paritab.columns")).toBe(true);
  expect(JSON.parse((await saved(page, "Model of yes or no as json")).toString())).toMatchObject({
    labels: ["no", "yes"],
  });
  await context.close();
});
