/** A model with several inputs, whose file leaves a size open: the form asks for the size, and for an array for each input. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";
import { zipSync } from "fflate";
import { inMemory } from "../../shared/compute/byte-space.ts";
import { packModelFiles } from "../../shared/compute/model-files.ts";
import { createOnnxRuntime } from "../../shared/compute/runtimes/onnx/onnx-runtime.ts";
import { selectOutput } from "../../shared/compute/select-output.ts";
import { encodeNpy } from "../../shared/protocol/npy.ts";
import { simulationRandom } from "../../shared/random/simulation-random.ts";
import { PRECISION_TOLERANCE, rowAgrees } from "../../shared/verify/compare-rows.ts";
import { type CoordinatorUnderTest, ended, expect, test } from "./fixtures.ts";
import { axeViolations, sidewaysPx } from "./page-manners.ts";

const MODEL = fileURLToPath(new URL("../models/small-encoder/onnx/model.onnx", import.meta.url));
const INPUTS = ["input_ids", "attention_mask", "token_type_ids"] as const;
const LENGTH = 12;
const QUERIES = 6;
/** Words that the small vocabulary has. */
const WORDS = 20;

const random = simulationRandom(71);
const drawn = (below: number) => Int32Array.from({ length: QUERIES * LENGTH }, () => random.integer(below));
const ARRAYS = { input_ids: drawn(WORDS), attention_mask: drawn(1).fill(1), token_type_ids: drawn(1) };
const npyOf = (data: Int32Array, width = LENGTH) =>
  encodeNpy({ dtype: "I32", shape: [data.length / width, width], data }) as Uint8Array<ArrayBuffer>;

const file = (name: string, bytes: Uint8Array) => ({
  ...{ name, mimeType: "application/octet-stream" },
  buffer: Buffer.from(bytes),
});
const archive = (name: string, arrays: Readonly<Record<string, Uint8Array>>) =>
  file(name, zipSync(Object.fromEntries(Object.entries(arrays).map(([key, bytes]) => [`${key}.npy`, bytes]))));

test.beforeEach(async ({ openTabs }) => {
  await openTabs({ tabs: 3 });
});

async function openForm(page: Page, { url }: CoordinatorUnderTest, width: number): Promise<void> {
  await page.setViewportSize({ width, height: 900 });
  await page.goto(`${url}/dashboard#new`);
  await page.getByLabel("My own model and queries").check();
  await page.getByLabel("Output (optional)").fill("logits");
  await page.getByLabel("Model", { exact: true }).setInputFiles(MODEL);
}

const sizeField = (page: Page) => page.getByLabel(/^Size of /);
const archiveField = (page: Page) => page.getByLabel("Queries (.npz)", { exact: true });

async function expectedAnswers(): Promise<Float32Array> {
  const sizes = new TextEncoder().encode(JSON.stringify({ [await nameOfSize()]: LENGTH }));
  const files = [
    { name: "model.onnx", bytes: new Uint8Array(readFileSync(MODEL)) },
    { name: "input-sizes.json", bytes: sizes },
  ];
  const bundle = inMemory(await packModelFiles(files));
  const model = await createOnnxRuntime().load(await selectOutput(bundle, "logits"));
  const rows = Array.from({ length: QUERIES }, (_, row) =>
    INPUTS.flatMap((name) => [...ARRAYS[name].subarray(row * LENGTH, (row + 1) * LENGTH)]),
  );
  return model.run(Float32Array.from(rows.flat()), QUERIES);
}

async function nameOfSize(): Promise<string> {
  const alone = packModelFiles([{ name: "model.onnx", bytes: new Uint8Array(readFileSync(MODEL)) }]);
  const { openSizes } = await alone.then(
    () => ({ openSizes: [] }),
    (error: { openSizes: string[] }) => error,
  );
  return openSizes[0]!;
}

async function submittedAndRight({ client }: CoordinatorUnderTest, page: Page): Promise<void> {
  await page.getByRole("button", { name: "Submit", exact: true }).click();
  await expect(page.getByText("Submitted: untitled.")).toBeVisible({ timeout: 60_000 });
  const { jobId } = (await client.jobs())[0]!;
  expect(await ended(client, jobId)).toMatchObject({ state: "done", queryCount: QUERIES });
  const expected = await expectedAnswers();
  const { answers } = await client.answers(jobId, { limit: QUERIES });
  const size = expected.length / QUERIES;
  for (const { index, outputs } of answers) {
    const row = expected.subarray(index * size, (index + 1) * size);
    expect(rowAgrees(row, outputs, PRECISION_TOLERANCE.float32)).toBe(true);
  }
}

test("one archive: the size is asked for, all that is wrong is told, and the answers are the model's", async ({
  page,
  coordinator,
}) => {
  await openForm(page, coordinator, 1280);
  await expect(sizeField(page)).toHaveCount(1);
  await page.getByRole("button", { name: "Submit", exact: true }).click();
  await expect(page.getByRole("alert")).toContainText("must be a whole number from 1 to 65,536.");
  await sizeField(page).fill("many");
  await expect(page.locator(".field-problem").first()).toContainText("must be a whole number from 1 to 65,536.");
  await sizeField(page).fill(String(LENGTH));

  const { input_ids: ids, attention_mask: mask } = ARRAYS;
  await archiveField(page).setInputFiles(
    archive("bad.npz", { input_ids: npyOf(ids), attention_mask: npyOf(mask, LENGTH / 2) }),
  );
  const problem = page.locator(".field-problem");
  await expect(problem).toContainText(
    `bad.npz: "attention_mask": expected shape (${QUERIES}, ${LENGTH}), got (${2 * QUERIES}, ${LENGTH / 2})`,
  );
  await expect(problem).toContainText(
    'bad.npz: expected an array named "token_type_ids", got input_ids, attention_mask',
  );
  expect(await axeViolations(page)).toEqual([]);
  expect(await coordinator.client.jobs()).toEqual([]);

  const all = Object.fromEntries(INPUTS.map((name) => [name, npyOf(ARRAYS[name])]));
  await archiveField(page).setInputFiles(archive("queries.npz", all));
  await expect(page.getByTestId("preview")).toContainText(`${QUERIES} queries, each ${3 * LENGTH}`);
  await expect(problem).toHaveCount(0);
  const trial = page.getByTestId("dry-run");
  await trial.getByRole("button", { name: "Try it on this computer" }).click();
  await expect(trial.locator("tbody tr")).toHaveCount(QUERIES);
  expect(await sidewaysPx(page)).toBe(0);
  await submittedAndRight(coordinator, page);
});

test("on a phone, a file for each input: which are missing is told, and the answers are the model's", async ({
  page,
  coordinator,
}) => {
  await openForm(page, coordinator, 390);
  await sizeField(page).fill(String(LENGTH));
  await page.getByText("Or a file for each input (.npy, .csv or .parquet)").click();
  const [ids, ...others] = INPUTS;
  const fieldOf = (name: string) => page.getByLabel(`${name}: queries × ${LENGTH}, int64`);
  await fieldOf(ids).setInputFiles(file("words.npy", npyOf(ARRAYS[ids])));
  for (const name of others) {
    await expect(page.locator(".field-problem")).toContainText(`${name}: expected an array for this input, got none`);
  }
  expect(await axeViolations(page)).toEqual([]);
  expect(await sidewaysPx(page)).toBe(0);
  const table = (data: Int32Array) =>
    Array.from({ length: QUERIES }, (_, row) => data.subarray(row * LENGTH, (row + 1) * LENGTH).join()).join("\n");
  await fieldOf(others[0]).setInputFiles(file("mask.csv", Buffer.from(table(ARRAYS[others[0]]))));
  await fieldOf(others[1]).setInputFiles(file("types.npy", npyOf(ARRAYS[others[1]])));
  await expect(page.getByTestId("preview")).toContainText(`${QUERIES} queries, each ${3 * LENGTH}`);
  expect(await axeViolations(page)).toEqual([]);
  expect(await sidewaysPx(page)).toBe(0);
  await submittedAndRight(coordinator, page);
});
