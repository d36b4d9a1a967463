/** What a submitter sees of a product: two files, the cost before, a liar named, and the exact product to keep. */
import type { Locator, Page } from "@playwright/test";
import type { MatmulReceipt } from "../../shared/kinds/matmul/receipt.ts";
import { encodeNpy, parseNpy } from "../../shared/protocol/npy.ts";
import { type CoordinatorUnderTest, expect, saved, test } from "./fixtures.ts";
import { openPart } from "./job-parts.ts";

interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly at: (row: number, column: number) => number;
}

function npyFile(name: string, { rows, columns, at }: Matrix) {
  const data = Float64Array.from({ length: rows * columns }, (_, i) => at(Math.floor(i / columns), i % columns));
  const bytes = encodeNpy({ dtype: "F64", shape: [rows, columns], data });
  return { name, mimeType: "application/octet-stream", buffer: Buffer.from(bytes) };
}

/** Of whole units, as a sum of BigInts. @param unit what both matrices' entries are multiples of, multiplied */
function exactProduct(left: Matrix, right: Matrix, leftUnit: number, rightUnit: number): Float64Array {
  const product = new Float64Array(left.rows * right.columns);
  for (let row = 0; row < left.rows; row++) {
    for (let column = 0; column < right.columns; column++) {
      let sum = 0n;
      for (let k = 0; k < left.columns; k++) {
        sum += BigInt(left.at(row, k) / leftUnit) * BigInt(right.at(k, column) / rightUnit);
      }
      product[row * right.columns + column] = Number(sum) * leftUnit * rightUnit;
    }
  }
  return product;
}

/** The form for matrices, on the dashboard. */
async function openForm(page: Page, { url }: CoordinatorUnderTest): Promise<Locator> {
  await page.goto(`${url}/dashboard#new`);
  await page.getByRole("tab", { name: "Product of matrices" }).click();
  return page.getByRole("tabpanel", { name: "Product of matrices" });
}

test("two matrices with negative entries are multiplied in a crowd with a liar, and the product is exact", async ({
  page,
  coordinator,
  openTabs,
}) => {
  // A in quarters, B in whole numbers.
  const left: Matrix = { rows: 23, columns: 17, at: (row, k) => (((row * 31 + k * 7) % 41) - 20) / 4 };
  const right: Matrix = { rows: 17, columns: 5, at: (k, column) => ((k * 13 + column * 29) % 19) - 9 };
  // The others are slower: a round waits for one tab less than there are, and the liar is not to be that one.
  const crowd = await openTabs({ tabs: 6, profile: "liar:1(constant),slow:5(x1,floor=500)" });
  const liar = crowd.tabs.find(({ faults }) => faults.some(({ kind }) => kind === "liar"))!.name;

  const form = await openForm(page, coordinator);
  await form.getByLabel("A (.npy, .csv or .parquet)", { exact: true }).setInputFiles(npyFile("A.npy", left));
  await form.getByLabel("B (.npy, .csv or .parquet)", { exact: true }).setInputFiles(npyFile("B.npy", right));
  await form.getByLabel("Bits of A", { exact: true }).fill("2");
  await form.getByLabel("Slice", { exact: true }).fill("2");
  const estimate = form.getByTestId("estimate");
  await expect(estimate).toContainText("6 needed, 6 ready");
  await expect(estimate).toContainText("3 rounds");
  await expect(estimate).toContainText("Each slice");
  await form.getByRole("button", { name: "Start multiplying" }).click();
  await expect(page.getByText("Submitted: product.")).toBeVisible();

  await expect(page.getByTestId("job-state")).toHaveText("done");
  await expect(page.getByRole("progressbar", { name: "Slices of product" })).toHaveAttribute("aria-valuenow", "3");
  await openPart(page, "Progress");
  await expect(page.getByTestId("job-events")).toContainText(`${liar} sent a wrong result and was shut out.`);
  await expect(page.getByRole("row", { name: new RegExp(`${liar} lied`) })).toBeVisible();
  await openPart(page, "Receipt");
  await expect(page.getByTestId("receipt")).toContainText("3 slices (done:");

  const product = parseNpy(await saved(page, "Product of product as npy"));
  expect(product).toMatchObject({ dtype: "F64", shape: [23, 5] });
  expect(product.data).toEqual(exactProduct(left, right, 1 / 4, 1));
  const receipt = JSON.parse((await saved(page, "Receipt of product")).toString()) as MatmulReceipt;
  expect(receipt).toMatchObject({ kind: "matmul", slices: 3, submission: { leftFractionBits: 2, sliceColumns: 2 } });
  expect(receipt.liars.map(({ nickname }) => nickname)).toEqual([liar]);
});

test("matrices that do not fit are said beside B in the coordinator's words, and no job begins", async ({
  page,
  coordinator,
}) => {
  const form = await openForm(page, coordinator);
  const ones = (rows: number, columns: number): Matrix => ({ rows, columns, at: () => 1 });
  await form.getByLabel("A (.npy, .csv or .parquet)", { exact: true }).setInputFiles(npyFile("A.npy", ones(8, 3)));
  await form.getByLabel("B (.npy, .csv or .parquet)", { exact: true }).setInputFiles(npyFile("B.npy", ones(4, 2)));
  const problem = form
    .locator(".field", { has: page.getByLabel("B (.npy, .csv or .parquet)", { exact: true }) })
    .locator(".field-problem");
  await expect(problem).toHaveText("A, B: expected A's columns to be as many as B's rows, got 8 x 3 and 4 x 2.");
  await form.getByRole("button", { name: "Start multiplying" }).click();
  await expect(page.getByRole("alert")).toContainText("Not submitted");
  expect(await coordinator.client.jobs()).toEqual([]);
});

test("a T-private product gives its submitter invitations", async ({ page, coordinator }) => {
  const form = await openForm(page, coordinator);
  const threes = (rows: number, columns: number): Matrix => ({ rows, columns, at: () => -3 });
  await form.getByLabel("A (.npy, .csv or .parquet)", { exact: true }).setInputFiles(npyFile("A.npy", threes(8, 3)));
  await form.getByLabel("B (.npy, .csv or .parquet)", { exact: true }).setInputFiles(npyFile("B.npy", threes(3, 2)));
  for (const [name, value] of Object.entries({ K: "1", S: "1", M: "0", T: "1" })) {
    await form.getByLabel(name, { exact: true }).fill(value);
  }
  await expect(form.getByTestId("privacy")).toContainText("learn nothing of A");
  // An estimate is there once both files are: before, the form would only say that they are still sent.
  await expect(form.getByTestId("estimate")).toContainText("3 needed");
  await form.getByRole("button", { name: "Start multiplying" }).click();
  await expect(page.getByRole("heading", { name: "Invitations to product" })).toBeVisible();
  await expect(page.getByText(/^Waiting for 3 more invited volunteers/)).toBeVisible();
  await page.getByRole("button", { name: "Cancel product" }).click();
  await expect(page.getByTestId("job-state")).toHaveText("cancelled");
});
