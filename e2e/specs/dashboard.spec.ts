/** What a submitter sees: a job from submission to its answers as files. */
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { MNIST_MODEL_FILES } from "../../server/samples/mnist.ts";
import { encodeNpy, parseNpy } from "../../shared/protocol/npy.ts";
import { expect, test } from "./fixtures.ts";

test("the sample runs by one click, and its answers can be saved", async ({ page, coordinator, openTabs }) => {
  await openTabs({ tabs: 4 });
  await page.goto(`${coordinator.url}/dashboard`);
  await page.getByRole("button", { name: "Run the MNIST sample" }).click();
  await expect(page.getByTestId("job-state")).toHaveText("done");
  await expect(page.getByText("400 of 400 answers final")).toBeVisible();

  const saved = async (format: string) => {
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByLabel(`Answers of MNIST sample as ${format}`).click(),
    ]);
    return readFile(await download.path());
  };
  expect(parseNpy(await saved("npy"))).toMatchObject({ dtype: "F32", shape: [400, 10] });
  const csv = (await saved("csv")).toString().trim().split("\r\n");
  expect(csv).toHaveLength(401);
  expect(csv[0]).toMatch(/^index,label,mark,final,bound,confidence,label_ambiguous,output_0,/);
  const json = JSON.parse((await saved("json")).toString());
  expect(json.answers).toHaveLength(400);
  expect(json.answers.every(({ mark }: { mark: string }) => mark === "exact" || mark === "audited")).toBe(true);
});

test("a stream says that it is open and waits, is closed by a button, and its receipt reads well", async ({
  page,
  coordinator,
  openTabs,
}) => {
  await openTabs({ tabs: 4 });
  const { client } = coordinator;
  const files = [MNIST_MODEL_FILES.modelJson, ...MNIST_MODEL_FILES.weights.map(({ path }) => path)];
  const model = await Promise.all(
    files.map(async (path) => ({ name: basename(path), data: new Uint8Array(await readFile(path)) })),
  );
  const code = { queriesPerGroup: 2, stragglers: 1 };
  const stream = await client.stream({ model, ...code, name: "asked all day", closeAfterMs: 5 });
  await page.goto(`${coordinator.url}/dashboard#job=${stream.jobId}`);
  await expect(page.getByTestId("job-state")).toHaveText("open");
  await stream.push([new Float32Array(784), new Float32Array(784).fill(0.5), new Float32Array(784).fill(1)]);
  await expect(page.getByText("3 of 3 answers final", { exact: true })).toBeVisible({ timeout: 30_000 });
  await expect(page.getByText("It is open, and waits for queries.")).toBeVisible();
  await expect(page.getByText(/^for .*A stream: a group waits up to .* for its last query/)).toBeVisible();
  await page.getByRole("button", { name: "Close the stream asked all day" }).click();
  await expect(page.getByTestId("job-state")).toHaveText("done", { timeout: 30_000 });
  await expect(page.getByRole("button", { name: "Close the stream asked all day" })).toHaveCount(0);
  await page.getByRole("link", { name: "Read receipt: asked all day" }).click();
  const { hashes } = await client.receiptOf("inference", stream.jobId);
  await expect(page.getByText(hashes.queries!)).toBeVisible();
});

test("a model and queries of one's own are answered", async ({ page, coordinator, openTabs }) => {
  await openTabs({ tabs: 4 });
  await page.goto(`${coordinator.url}/dashboard#new`);
  await page.getByLabel("My own model and queries").check();
  await page
    .getByLabel("Model", { exact: true })
    .setInputFiles([MNIST_MODEL_FILES.modelJson, ...MNIST_MODEL_FILES.weights.map(({ path }) => path)]);
  const npy = encodeNpy({ dtype: "F32", shape: [12, 28, 28], data: new Float32Array(12 * 784).fill(0.1) });
  await page
    .getByLabel("Queries (.npy, .csv, .parquet, .png)")
    .setInputFiles({ name: "mine.npy", mimeType: "application/octet-stream", buffer: Buffer.from(npy) });
  await page.getByLabel("Job name").fill("my own");
  await page.getByRole("button", { name: "Submit", exact: true }).click();
  await expect(page.getByText("Submitted: my own.")).toBeVisible();
  await expect(page.getByTestId("job-state")).toHaveText("done");
  await expect(page.getByText("12 of 12 answers final")).toBeVisible();
});
