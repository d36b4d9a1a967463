/** The dashboard as an application: addresses that survive a reload, a list to search, one job in parts, and how it was asked. */
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import type { Page } from "@playwright/test";
import { strToU8, zipSync } from "fflate";
import { MNIST_MODEL_FILES } from "../../server/samples/mnist.ts";
import { encodeNpy } from "../../shared/protocol/npy.ts";
import { digits, ended, expect, test } from "./fixtures.ts";
import { openPart } from "./job-parts.ts";
import { seriousProblems, sidewaysPx } from "./page-manners.ts";

const rows = (page: Page) => page.getByTestId("job-row");

test("jobs are found by state and name, page by page; the address keeps it, and a deleted one is gone", async ({
  page,
  coordinator,
}) => {
  const { client, url } = coordinator;
  for (let n = 0; n < 27; n++) {
    const { jobId } = await client.submit(digits(20, { name: n === 3 ? "old letters" : `digits ${n}` }));
    if (n < 4) await client.cancel(jobId);
  }
  await expect.poll(async () => (await client.jobList({ show: "cancelled" })).matching).toBe(4);
  await page.goto(`${url}/dashboard`);
  await expect(rows(page)).toHaveCount(25);
  await expect(page.getByText("1 to 25 of 27 jobs")).toBeVisible();
  await page.getByRole("link", { name: "Older" }).click();
  await expect(rows(page)).toHaveCount(2);
  await page.reload();
  await expect(page.getByText("26 to 27 of 27 jobs")).toBeVisible();
  await page.goBack();
  await expect(rows(page)).toHaveCount(25);

  await page.getByLabel("Show").selectOption("cancelled");
  await expect(rows(page)).toHaveCount(4);
  await expect(rows(page).first()).toContainText(/ended \d+ \w+ \d{4}, \d\d:\d\d, took/);
  await page.getByLabel("Search").fill("LETTERS");
  await expect(rows(page)).toHaveCount(1);
  await expect(page).toHaveURL(/#jobs\?show=cancelled&search=LETTERS$/);
  await page.reload();
  await expect(page.getByLabel("Search")).toHaveValue("LETTERS");
  await expect(rows(page)).toHaveCount(1);

  await rows(page).getByRole("button", { name: "Delete old letters" }).click();
  const question = page.getByRole("dialog", { name: "Delete old letters" });
  await expect(question).toContainText("Nobody can bring them back.");
  await page.keyboard.press("Escape");
  await expect(question).toHaveCount(0);
  await expect(rows(page)).toHaveCount(1);
  await rows(page).getByRole("button", { name: "Delete old letters" }).click();
  await question.getByRole("button", { name: "Delete for good" }).click();
  await expect(page.getByText("No job fits.")).toBeVisible();
  expect((await client.jobList({ show: "cancelled" })).matching).toBe(3);
});

test("where no tokens are set neither page asks for what it cannot get", async ({ page, coordinator }) => {
  const refused: string[] = [];
  page.on("response", (response) => response.status() >= 400 && refused.push(response.url()));
  for (const place of ["dashboard", "operator"]) {
    await page.goto(`${coordinator.url}/${place}`);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    // What is asked again and again has been asked by then.
    await page.waitForResponse("**/api/status");
  }
  expect(refused).toEqual([]);
});

test("a job's page is opened by keyboard, its part survives a reload, and a job that is gone says so", async ({
  page,
  coordinator,
  openTabs,
}) => {
  const { client, url } = coordinator;
  await openTabs({ tabs: 4 });
  const { jobId } = await client.submit(digits(40, { name: "forty digits", purpose: "an archive" }));
  await ended(client, jobId);
  await page.goto(`${url}/dashboard`);
  await page.getByRole("link", { name: "forty digits" }).focus();
  await page.keyboard.press("Enter");
  const heading = page.getByRole("heading", { level: 1, name: "forty digits" });
  await expect(heading).toBeFocused();
  await expect(page).toHaveTitle("forty digits – Paritab dashboard");
  await expect(page.getByText("What for: an archive")).toBeVisible();
  await expect(page.getByRole("region", { name: "Answers" })).toBeVisible();
  await openPart(page, "Progress");
  await page.reload();
  await expect(page.getByTestId("timeline")).toBeVisible();
  await openPart(page, "Receipt");
  await expect(page.getByRole("article", { name: "Receipt: forty digits" })).toBeVisible();
  // The receipt checks itself, here.
  const checks = page.getByTestId("receipt-checks");
  await expect(checks).toContainText(
    /✓ rows that the secret draws were computed by the coordinator: no answer is final on the word of volunteers/,
  );
  await expect(checks).toContainText("✓ the answers are the signed ones: 40 answers of 10 numbers");
  await expect(checks.getByRole("img", { name: "does not hold" })).toHaveCount(0);
  // The skip link moves the focus, and the page stays open.
  await page.getByRole("link", { name: "Skip to the content" }).focus();
  await page.keyboard.press("Enter");
  await expect(page.locator("#content")).toBeFocused();
  await expect(page).toHaveURL(new RegExp(`#jobs/${jobId}/receipt$`));

  await page.getByRole("button", { name: "Delete forty digits" }).click();
  await page.getByRole("button", { name: "Delete for good" }).click();
  await expect(page.getByText("No jobs yet. Run the sample or submit your own.")).toBeVisible();
  await page.goto(`${url}/dashboard#job=${jobId}`);
  await expect(page.getByRole("alert")).toContainText(`there is no job ${jobId}`);
});

test("how a job was asked can be copied, and asked again it is the same job", async ({ page, coordinator }) => {
  const { client, url } = coordinator;
  const { jobId } = await client.submit(digits(30, { name: "it's so", queriesPerGroup: 2, stragglers: 1 }));
  await page.goto(`${url}/dashboard#jobs/${jobId}/asked`);
  const asked = page.getByTestId("asked");
  await expect(asked.getByRole("region", { name: "Command line" })).toContainText("--name 'it'\\''s so'");
  await expect(asked.getByRole("region", { name: "Command line" })).toContainText("--queries-per-group 2");
  const curl = asked.getByRole("region", { name: "curl" });
  await curl.getByRole("button", { name: "Copy as curl" }).click();
  await expect(curl.getByRole("button")).toHaveText("Copied");
  const shown = (await curl.locator("pre").textContent())!;
  const body = /-d '(.*)'$/s.exec(shown)![1]!.replaceAll("'\\''", "'");
  const again = await client.submit(JSON.parse(body));
  expect(await client.submission(again.jobId)).toEqual(await client.submission(jobId));
});

test("whatever is dropped is told apart, and what does not fit is said at the first step with what would mend it", async ({
  page,
  coordinator,
  openTabs,
}) => {
  const { url, client } = coordinator;
  await openTabs({ tabs: 4 });
  await page.goto(`${url}/dashboard#new`);
  await page.getByLabel("My own model and queries").check();
  const npy = (name: string, ...shape: number[]) => {
    const data = new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(0.5);
    return { name, mimeType: "", buffer: Buffer.from(encodeNpy({ dtype: "F32", shape, data })) };
  };
  const modelFiles = [MNIST_MODEL_FILES.modelJson, ...MNIST_MODEL_FILES.weights.map(({ path }) => path)];
  const model = await Promise.all(
    modelFiles.map(async (path) => ({ name: basename(path), mimeType: "", buffer: await readFile(path) })),
  );
  const box = page.getByLabel("Model, queries and labels");
  const preview = page.getByTestId("preview");
  await box.setInputFiles([
    ...model,
    npy("X.npy", 40, 100),
    { name: "net.h5", mimeType: "", buffer: Buffer.from("x") },
  ]);
  await expect(page.getByTestId("drop-box")).toContainText("queries: X.npy");
  await expect(page.getByTestId("drop-box")).toContainText("net.h5: not used, a Keras model");
  await expect(preview).toContainText("Each query has 100 numbers, and the model takes 784.");
  await box.setInputFiles(npy("wide.npy", 56, 28));
  await expect(preview).toContainText("queries.reshape(-1, 784)");

  // A .zip of the same, by a drop.
  const zip = Buffer.from(
    zipSync({ "set/X.npy": npy("X.npy", 6, 28, 28).buffer, "set/y.csv": strToU8("1\n2\n3\n4\n5\n6\n") }),
  );
  const dropped = await page.evaluateHandle((base64) => {
    const transfer = new DataTransfer();
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    transfer.items.add(new File([bytes], "set.zip"));
    return transfer;
  }, zip.toString("base64"));
  await page.getByTestId("drop-box").dispatchEvent("drop", { dataTransfer: dropped });
  await expect(page.getByTestId("drop-box")).toContainText("queries: set/X.npy; labels: set/y.csv");
  await expect(preview).toContainText("6 queries, each 28 × 28, float32");
  await expect(preview).not.toContainText("the model takes");

  await page.getByLabel("At a price").check();
  await page.getByLabel("Work of all tabs, at most").fill("0");
  await page.getByRole("button", { name: "Submit", exact: true }).click();
  await expect(page.getByRole("alert")).toContainText("above 0");
  await page.getByLabel("Work of all tabs, at most").fill("20");
  await page.getByRole("button", { name: "Submit", exact: true }).click();
  await expect(page.getByText("Submitted: untitled.")).toBeVisible();
  const [job] = await client.jobs();
  expect(await client.submission(job!.jobId)).toMatchObject({ aim: { budgetMacs: 20e6 } });
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`in ${colorScheme} colours axe finds nothing serious, and nothing scrolls sideways at 320 px and 1280 px`, async ({
    page,
    coordinator,
    openTabs,
  }) => {
    const { client, url } = coordinator;
    await openTabs({ tabs: 4 });
    const name = "A job whose name is long and_has_no_place_where_a_line_could_break_in_it";
    const { jobId } = await client.submit(digits(40, { name }));
    await ended(client, jobId);
    await page.emulateMedia({ colorScheme });
    const job = `#jobs/${jobId}`;
    for (const hash of ["#jobs", job, `${job}/progress`, `${job}/receipt`, `${job}/asked`, "#new", "#crowd"]) {
      await page.goto(`${url}/dashboard${hash}`);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      for (const width of [320, 1280]) {
        await page.setViewportSize({ width, height: 900 });
        await expect.poll(() => sidewaysPx(page), `${hash}, ${width} px`).toBe(0);
        expect(await seriousProblems(page), `${hash}, ${width} px`).toEqual([]);
      }
    }
  });
}
