/** A large model on its way to a volunteer: in pieces, fetched on where it broke off, once for all jobs, and counted once. */

import { piecesOf } from "../../shared/protocol/blob-pieces.ts";
import { encodeNpy } from "../../shared/protocol/npy.ts";
import { simulationRandom } from "../../shared/random/simulation-random.ts";
import type { ParitabClient } from "../../shared/sdk/paritab-client.ts";
import { denseFiles } from "./dense-files.ts";
import { ended, expect, forOneTab, test } from "./fixtures.ts";

/** Of both sides of its one matrix: 36 MB of weights. */
const SIZE = 3_000;

async function submitted(client: ParitabClient, modelSha256: string, count: number): Promise<string> {
  const random = simulationRandom(count);
  const data = Float32Array.from({ length: count * SIZE }, () => random.uniform());
  const npy = encodeNpy({ dtype: "F32", shape: [count, SIZE], data });
  const { tensorSha256: queriesSha256 } = await client.uploadTensor(new Uint8Array(npy));
  const { jobId } = await client.submit({
    // So few rows the coordinator would compute alone while the model is on its way.
    ...{ kind: "inference", task: "regression", ...forOneTab, coordinatorRowsMax: 1 },
    source: { kind: "uploads", modelSha256, queriesSha256 },
  });
  return jobId;
}

test("[PR94] a model that breaks off on its way is fetched on from there; for another job, in another tab, it is there", async ({
  page,
  coordinator,
}) => {
  const { client, url } = coordinator;
  const { modelSha256 } = await client.uploadModel(denseFiles([SIZE, SIZE]));
  const asked: number[] = [];
  let breaks = true;
  await page.context().route(`**/blobs/${modelSha256}/pieces/*`, async (route) => {
    const piece = Number(route.request().url().split("/").at(-1));
    asked.push(piece);
    if (piece !== 2 || !breaks) return route.continue();
    breaks = false;
    await route.abort("connectionreset");
  });
  await page.goto(`${url}/?backend=wasm`);
  await page.getByRole("button", { name: "Start", exact: true }).click();
  const first = await ended(client, await submitted(client, modelSha256, 12));
  expect(first).toMatchObject({ state: "done", answersByMark: { missing: 0 }, failedAudits: 0 });
  const count = piecesOf(SIZE * SIZE * 4 + 1_000).length;
  expect(count).toBeGreaterThan(3);
  const places = Array.from({ length: count }, (_, piece) => piece);
  expect(asked).toEqual([0, 1, ...places.slice(2, 3), ...places.slice(2)]);
  // Down and up, each byte once: the model, and some rows of 12 kB each way.
  const megabytes = Number.parseFloat((await page.getByTestId("traffic").textContent())!);
  expect(megabytes).toBeGreaterThan(36);
  expect(megabytes).toBeLessThan(45);

  asked.length = 0;
  await page.reload();
  const other = await page.context().newPage();
  await page.close();
  await other.goto(`${url}/?backend=wasm`);
  await other
    .getByRole("button", { name: /Start|Pause/ })
    .first()
    .waitFor();
  const start = other.getByRole("button", { name: "Start", exact: true });
  if (await start.isVisible()) await start.click();
  const second = await ended(client, await submitted(client, modelSha256, 13));
  expect(second).toMatchObject({ state: "done", answersByMark: { missing: 0 }, failedAudits: 0 });
  expect(asked).toEqual([]);
});
