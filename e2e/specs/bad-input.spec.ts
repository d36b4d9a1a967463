/** Bad input through the dashboard: a clear error, and nothing is changed by it. */
import { readFile } from "node:fs/promises";
import http from "node:http";
import type { Page } from "@playwright/test";
import { MNIST_MODEL_FILES } from "../../server/samples/mnist.ts";
import { TENSOR_FILE_BYTES_MAX } from "../../shared/protocol/limits.ts";
import { encodeNpy } from "../../shared/protocol/npy.ts";
import { type CoordinatorUnderTest, expect, test } from "./fixtures.ts";

interface Upload {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

const file = (name: string, content: Uint8Array | string): Upload => ({
  name,
  mimeType: "application/octet-stream",
  buffer: Buffer.from(content as Uint8Array),
});

const queries = (rows: number, columns: number, fill = 0.5) =>
  file(
    "queries.npy",
    encodeNpy({ dtype: "F32", shape: [rows, columns], data: new Float32Array(rows * columns).fill(fill) }),
  );

async function modelFiles(): Promise<[modelJson: string, ...weights: Upload[]]> {
  const modelJson = await readFile(MNIST_MODEL_FILES.modelJson, "utf8");
  const weights = MNIST_MODEL_FILES.weights.map(async ({ name, path }) => file(name, await readFile(path)));
  return [modelJson, ...(await Promise.all(weights))];
}

/** Fills in the form for files of one's own, and submits it. */
async function submit(page: Page, { url }: CoordinatorUnderTest, model: Upload[], npy: Upload): Promise<void> {
  await page.goto(`${url}/dashboard#new`);
  await page.getByLabel("My own model and queries").check();
  await page.getByLabel("Model", { exact: true }).setInputFiles(model);
  await page.getByLabel("Queries (.npy, .csv, .parquet, .png)").setInputFiles(npy);
  await page.getByRole("button", { name: "Submit", exact: true }).click();
}

const cases: { what: string; says: RegExp; given: () => Promise<{ model: Upload[]; npy: Upload }> }[] = [
  {
    what: "a model with an unknown layer",
    says: /Lambda/,
    async given() {
      const [modelJson, ...weights] = await modelFiles();
      return {
        model: [file("model.json", modelJson.replace('"Dense"', '"Lambda"')), ...weights],
        npy: queries(8, 784),
      };
    },
  },
  {
    what: "a model without its weights",
    says: /weights\.bin/,
    async given() {
      const [modelJson] = await modelFiles();
      return { model: [file("model.json", modelJson)], npy: queries(8, 784) };
    },
  },
  {
    what: "a model.json that is no JSON",
    says: /JSON/,
    async given() {
      const [, ...weights] = await modelFiles();
      return { model: [file("model.json", "{ not json"), ...weights], npy: queries(8, 784) };
    },
  },
  {
    what: "queries of the wrong shape",
    says: /784.*got \(8, 700\)/,
    async given() {
      const [modelJson, ...weights] = await modelFiles();
      return { model: [file("model.json", modelJson), ...weights], npy: queries(8, 700) };
    },
  },
  {
    what: "a whole number that float32 would round",
    says: /float32 holds.*up to 2\^24.*16777217/,
    async given() {
      const [modelJson, ...weights] = await modelFiles();
      const npy = encodeNpy({ dtype: "I32", shape: [8, 784], data: new Int32Array(8 * 784).fill(2 ** 24 + 1) });
      return { model: [file("model.json", modelJson), ...weights], npy: file("queries.npy", npy) };
    },
  },
  {
    what: "NaN in queries",
    says: /finite.*NaN/,
    async given() {
      const [modelJson, ...weights] = await modelFiles();
      return { model: [file("model.json", modelJson), ...weights], npy: queries(8, 784, Number.NaN) };
    },
  },
  {
    what: "a file that is no .npy",
    says: /npy/i,
    async given() {
      const [modelJson, ...weights] = await modelFiles();
      return { model: [file("model.json", modelJson), ...weights], npy: file("queries.npy", "index,label\n0,1\n") };
    },
  },
];

for (const { what, says, given } of cases) {
  test(`${what} gets a clear error, and no job`, async ({ page, coordinator }) => {
    const { model, npy } = await given();
    await submit(page, coordinator, model, npy);
    const alert = page.getByRole("alert");
    await expect(alert).toContainText("Not submitted");
    await expect(alert).toContainText(says);
    expect(await coordinator.client.jobs()).toEqual([]);
  });
}

test("with no tab connected a job is accepted, waits and says so", async ({ page, coordinator }) => {
  await page.goto(`${coordinator.url}/dashboard`);
  await page.getByRole("button", { name: "Run the MNIST sample" }).click();
  await expect(page.getByText("Waiting for tabs: no tab is connected and ready.")).toBeVisible();
  const [job] = await coordinator.client.jobs();
  expect(job).toMatchObject({ state: "running", roundsDone: 0, queryCount: 400 });
});

test("an upload beyond the limit is refused before it is read", async ({ coordinator }) => {
  const { status, body } = await announceUpload(`${coordinator.url}/api/tensors`, TENSOR_FILE_BYTES_MAX + 1);
  expect(status).toBe(413);
  expect(JSON.parse(body)).toMatchObject({ error: { code: "too-large" } });
  expect((await coordinator.client.status()).jobsActive).toBe(0);
});

/** A POST that says how long it is going to be and never sends a byte of it. */
function announceUpload(url: string, length: number): Promise<{ status: number; body: string }> {
  const headers = { "content-type": "application/octet-stream", "content-length": length };
  const outgoing = http.request(url, { method: "POST", headers });
  outgoing.flushHeaders();
  return new Promise((resolve, reject) => {
    outgoing.on("error", reject);
    outgoing.on("response", async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      resolve({ status: response.statusCode!, body: Buffer.concat(chunks).toString() });
      outgoing.destroy();
    });
  });
}
