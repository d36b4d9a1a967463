/**
 * Does a tab's own loop (socket, frames, hand-over to the compute thread, waiting for more) cost it images? One tab does a
 * whole job, and before and after it the same model runs alone in a page, on the same rows a batch:
 *
 *     npm run build && npm run bench -- tab-loop [--seed N] [--json FILE]
 *
 * With --threads 2 it measures what a second compute thread is worth instead (tab-threads.ts).
 *
 * Everything is real: coordinator, Chromium, time. One after another on this machine, so that nothing competes.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright";
import { readConfig } from "../../server/config.ts";
import { tfjsWasmFiles } from "../../server/numerics/runtime-assets.ts";
import { startCoordinator } from "../../server/start-coordinator.ts";
import { TAB_THREADS_MAX } from "../../shared/protocol/limits.ts";
import { createParitabClient, type ParitabClient } from "../../shared/sdk/paritab-client.ts";
import { launchChromium } from "../crowd/browser/browser.ts";
import { parseFaultProfile } from "../crowd/browser/fault-profile.ts";
import { openCrowd } from "../crowd/browser/open-crowd.ts";
import { testSetNamed } from "../datasets/fetch.ts";
import { wholeNumber } from "../flags/whole-number.ts";
import { bundleOf, MODEL_FOLDERS, type ModelFolderName, modelFilesOf } from "../models/model-files.ts";
import { base64Of, loadInPageOf } from "./backends.ts";
import type { Column, Measurement, MeasureOptions, Measurer } from "./measurement.ts";
import { middleOfJob } from "./middle-of-job.ts";
import { bundleForPage } from "./page-bundle.ts";
import { runThreads } from "./tab-threads.ts";
import { atWorkShare, workerThreads } from "./worker-threads.ts";

const SETTINGS: readonly { readonly model: ModelFolderName; readonly dataset: string }[] = [
  { model: "mnist-mlp", dataset: "mnist" },
  { model: "mnist-cnn", dataset: "mnist" },
  { model: "cifar-resnet", dataset: "cifar" },
];
/** Rows at a time, alone in the page. */
const BATCHES = [10, 40, 100];
const ALONE_MS = 3_000;
/** What a job should take, and the most queries that a data set has for it. */
const JOB_MS = 8_000;
const QUERIES_MAX = 10_000;
/** Of the job: before it the model is loaded and compiled, after it the last batches are alone. */
const COUNTED = { from: 0.1, to: 0.95 } as const;
const CONNECT_MS_MAX = 60_000;
const GOAL = 0.9;

async function run({ seed, progress }: MeasureOptions): Promise<Measurement> {
  const dataDirectory = await mkdtemp(join(tmpdir(), "paritab-tab-loop-"));
  const flags = ["--port", "0", "--data-dir", dataDirectory, "--allow-faults"];
  const coordinator = await startCoordinator(readConfig({ PARITAB_LOG_LEVEL: "error" }, flags));
  const browser = await launchChromium(1);
  const crowd = await openCrowd({
    url: coordinator.url,
    tabs: 1,
    profile: parseFaultProfile("honest"),
    seed,
    crowd: "tab-loop",
    backends: ["wasm"],
  });
  try {
    await crowd.connected(CONNECT_MS_MAX);
    const client = createParitabClient({ baseUrl: coordinator.url });
    const rows: Measurement["rows"][number][] = [];
    const script = await bundleForPage("backend-page.ts");
    for (const { model, dataset } of SETTINGS) {
      const set = await testSetNamed(dataset, progress);
      const size = set.images.length / set.count;
      const page = await browser.newPage();
      await page.addScriptTag({ content: script });
      const { place } = await loadInPageOf(page, await bundleOf(MODEL_FOLDERS[model]), { wasm: await wasmFiles() });
      const files = await modelFilesOf(MODEL_FOLDERS[model]);
      const { modelSha256 } = await client.uploadModel(files.map(({ name, bytes }) => ({ name, data: bytes })));
      for (const batch of BATCHES) {
        progress(`${model}, ${batch} images a batch`);
        const images = Float32Array.from(set.images.subarray(0, batch * size), (pixel) => pixel / 255);
        const before = await paceAlone(page, place, images, batch);
        const count = Math.min(QUERIES_MAX, set.count, Math.ceil((before * JOB_MS) / 1e3));
        const loop = await paceOfJob(client, modelSha256, set.images.subarray(0, count * size), count);
        const after = await paceAlone(page, place, images, batch);
        const alone = (before + after) / 2;
        const share = loop.imagesPerSecond / alone;
        const kept = share >= GOAL ? "yes" : "NO";
        rows.push({ model, batch, images: count, alone, loop: loop.imagesPerSecond, share, kept, atWork: loop.atWork });
      }
      await page.close();
    }
    return { name: tabLoop.name, title: tabLoop.title, columns: COLUMNS, rows, notes: NOTES };
  } finally {
    await crowd.close();
    await browser.close();
    await coordinator.close();
    await rm(dataDirectory, { recursive: true, force: true });
  }
}

async function wasmFiles(): Promise<Record<string, string>> {
  const files = Object.entries(tfjsWasmFiles()).map(
    async ([name, path]) => [name, base64Of(await readFile(path))] as const,
  );
  return Object.fromEntries(await Promise.all(files));
}

async function paceAlone(page: Page, place: number, rows: Float32Array, rowCount: number): Promise<number> {
  return (await page.evaluate(`paceInPage(${place}, "${base64Of(rows)}", ${rowCount}, ${ALONE_MS})`)) as number;
}

interface LoopPace {
  readonly imagesPerSecond: number;
  /** Share of the time in which its compute thread had something to compute; null where the system does not tell. */
  readonly atWork: number | null;
}

/** Of the one tab, over the middle of a job that it does alone. */
async function paceOfJob(
  client: ParitabClient,
  modelSha256: string,
  images: Uint8Array,
  count: number,
): Promise<LoopPace> {
  const shape = [count, images.length / count] as const;
  const job = { modelSha256, shape, data: images, counted: COUNTED };
  const { rows, ms, threads } = await middleOfJob(client, job);
  return { imagesPerSecond: (rows * 1e3) / ms, atWork: atWorkShare(threads, workerThreads(), ms) };
}

const COLUMNS: readonly Column[] = [
  { key: "model", title: "model" },
  { key: "batch", title: "batch" },
  { key: "images", title: "images" },
  { key: "alone", title: "alone /s", digits: 0 },
  { key: "loop", title: "in the loop /s", digits: 0 },
  { key: "share", title: "share", digits: 3 },
  { key: "kept", title: `at least ${GOAL}` },
  { key: "atWork", title: "at work", digits: 3 },
];

const NOTES = [
  "Images a second on tfjs wasm. alone: the same batch again and again in a page, before and after the job; their mean.",
  `in the loop: a job of one tab, uncoded, K = 1, from ${100 * COUNTED.from} to ${100 * COUNTED.to} % of its answers. at work: share of that time in which`,
  "its compute thread had a batch, whether it got a processor or waited for one: coordinator, browser and tab share this machine's. (Linux)",
];

export const tabLoop: Measurer = {
  name: "tab-loop",
  title: "A tab's own loop against the same model alone in a page",
  flags: ["threads"],
  run(options) {
    const { threads } = options.flags ?? {};
    return threads === undefined
      ? run(options)
      : runThreads(wholeNumber("--threads", threads, 2, TAB_THREADS_MAX), options);
  },
};
