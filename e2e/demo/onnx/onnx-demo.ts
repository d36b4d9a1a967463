/** `npm run demo -- --job onnx`: drawn symbols through a published ONNX model in real tabs, on three visits, one table. */

import * as ort from "onnxruntime-web/wasm";
import { createOnnxRuntime } from "../../../shared/compute/runtimes/onnx/onnx-runtime.ts";
import { packOnnx } from "../../../shared/compute/runtimes/onnx/pack-onnx.ts";
import type { InferenceJobView } from "../../../shared/kinds/inference/job-view.ts";
import { quantile } from "../../../shared/numbers/quantile.ts";
import { ANSWERS_PER_PAGE_MAX } from "../../../shared/protocol/limits.ts";
import { encodeNpy } from "../../../shared/protocol/npy.ts";
import { randomAt } from "../../../shared/random/simulation-random.ts";
import { createParitabClient, type ParitabClient } from "../../../shared/sdk/paritab-client.ts";
import { PRECISION_TOLERANCE, rowAgrees } from "../../../shared/verify/compare-rows.ts";
import { parseFaultProfile } from "../../crowd/browser/fault-profile.ts";
import { type Crowd, openCrowd } from "../../crowd/browser/open-crowd.ts";
import { SYMBOL_SIDE, type SymbolModel, symbolModel } from "../../models/symbol-model.ts";
import { crowdReady } from "../crowd-ready.ts";
import { progressBar } from "../progress-bar.ts";
import { until } from "../until.ts";
import { type DrawnSymbols, drawSymbols, looksLike } from "./drawn-symbols.ts";
import type { OnnxFigures, Visit } from "./onnx-figures.ts";
import { modelLoadsMs, watchTraffic } from "./watch-traffic.ts";

export const ONNX_PROFILE = "straggle:7(p=0.1,ms=400+exp400),liar:1(other-query)";
const TABS = 8;
const VISITS: readonly Visit[] = ["first visit", "model in the tab", "after a reload"];
const QUERIES = 40;
const CODE = { scheme: "systematic", queriesPerGroup: 4, stragglers: 2, liars: 1 } as const;
const PIXELS = SYMBOL_SIDE * SYMBOL_SIDE;
const CONNECT_MS_MAX = 120_000;
const JOB_MS_MAX = 400_000;

export interface OnnxDemo {
  readonly figures: OnnxFigures;
  /** The caller closes it. */
  readonly crowd: Crowd;
}

export async function onnxDemo(url: string, seed: number, signal: AbortSignal): Promise<OnnxDemo> {
  const client = createParitabClient({ baseUrl: url });
  const progress = progressBar(process.stderr);
  const model = await symbolModel((line) => progress.end(line));
  const drawn = drawSymbols(QUERIES * VISITS.length, SYMBOL_SIDE, randomAt(seed, 1));
  progress.show("on this machine alone", 0, drawn.meant.length);
  const truth = await runHere(model, drawn, (done) => progress.show("on this machine alone", done, drawn.meant.length));
  const { modelSha256, macsPerQuery } = await client.uploadModel([{ name: "symbols.onnx", data: model.served }]);

  progress.show("opening tabs", 0, TABS);
  const profile = parseFaultProfile(ONNX_PROFILE);
  const crowd = await openCrowd({ url, tabs: TABS, profile, seed, crowd: "onnx", backends: ["wasm"] });
  try {
    await crowdReady(client, crowd, signal);
    const traffic = await watchTraffic(crowd);
    const visits: OnnxFigures["visits"][number][] = [];
    for (const [v, visit] of VISITS.entries()) {
      if (visit === "after a reload") await reload(client, crowd, signal);
      // The probe's model loads too, and is no part of this.
      await modelLoadsMs(crowd);
      await traffic(modelSha256);
      const job = await runJob(client, { visit, modelSha256, pixels: part(drawn.pixels, v, PIXELS) }, progress, signal);
      const answers = await answersOf(client, job);
      const rows = part(truth.outputs, v, truth.outputSize);
      const wrong = answers.filter(({ index, outputs }) => {
        const row = rows.subarray(index * truth.outputSize, (index + 1) * truth.outputSize);
        return !rowAgrees(row, outputs, PRECISION_TOLERANCE.float32);
      });
      const recognised = answers.filter(({ index, label }) =>
        looksLike(drawn.meant[v * QUERIES + index]!, model.symbols[label ?? -1] ?? ""),
      );
      const loads = await modelLoadsMs(crowd);
      visits.push({
        visit,
        queries: QUERIES,
        seconds: (job.finishedMs! - job.submittedMs) / 1_000,
        modelLoads: loads.length,
        loadMsP50: quantile(loads, 0.5),
        loadMsMax: loads.length === 0 ? null : Math.max(...loads),
        traffic: await traffic(modelSha256),
        answersByMark: job.answersByMark,
        wrong: wrong.length,
        recognised: recognised.length / QUERIES,
      });
      progress.end(`${visit.padEnd(18)} ${QUERIES} symbols, ${visits.at(-1)!.seconds.toFixed(1)} s`);
    }
    const quarantined = (await client.volunteers("quarantined")).map(({ nickname }) => nickname);
    const liar = crowd.tabs.find(({ faults }) => faults.some(({ kind }) => kind === "liar"))!.name;
    return {
      figures: { tabs: TABS, macsPerQuery, sameAsPublished: truth.sameAsPublished, visits, quarantined, liar },
      crowd,
    };
  } catch (error) {
    await crowd.close();
    throw error;
  }
}

/** The truth of the demo; and whether the file as it was published says the same, bit for bit, on the first of each symbol. */
async function runHere(model: SymbolModel, { pixels, meant }: DrawnSymbols, tell: (done: number) => void) {
  const loaded = await createOnnxRuntime().load(packOnnx(model.served));
  const { outputSize } = loaded.facts;
  const outputs = new Float32Array(meant.length * outputSize);
  for (let i = 0; i < meant.length; i++) {
    outputs.set(await loaded.run(rowOf(pixels, i), 1), i * outputSize);
    tell(i + 1);
  }
  loaded.dispose();
  const session = await ort.InferenceSession.create(model.published, {
    executionProviders: ["wasm"],
    logSeverityLevel: 3,
  });
  let sameAsPublished = true;
  for (let i = 0; i < new Set(meant).size; i++) {
    const input = new ort.Tensor("float32", rowOf(pixels, i), [1, 1, SYMBOL_SIDE, SYMBOL_SIDE]);
    const said = (await session.run({ [session.inputNames[0]!]: input }))[session.outputNames[0]!]!
      .data as Float32Array;
    sameAsPublished &&= said.every((value, c) => value === outputs[i * outputSize + c]);
  }
  await session.release();
  return { outputs, outputSize, sameAsPublished };
}

function rowOf(pixels: Uint8Array, i: number): Float32Array {
  return Float32Array.from(pixels.subarray(i * PIXELS, (i + 1) * PIXELS), (pixel) => pixel / 255);
}

function part<A extends Uint8Array | Float32Array>(all: A, visit: number, rowSize: number): A {
  return all.subarray(visit * QUERIES * rowSize, (visit + 1) * QUERIES * rowSize) as A;
}

/** All tabs but those that the coordinator has turned away: a new session each, ready for work. */
async function reload(client: ParitabClient, crowd: Crowd, signal: AbortSignal): Promise<void> {
  const before = new Set((await client.sessions()).map(({ sessionId }) => sessionId));
  await Promise.all(crowd.tabs.map(({ page }) => page.reload()));
  await until(signal, CONNECT_MS_MAX, async () => {
    const turnedAway = new Set((await client.volunteers("quarantined")).map(({ nickname }) => nickname));
    const wanted = crowd.tabs.filter(({ name }) => !turnedAway.has(name));
    const ready = (await client.sessions(signal)).filter(
      ({ sessionId, state }) => !before.has(sessionId) && (state === "idle" || state === "working"),
    );
    return ready.length === wanted.length ? ready : `${ready.length} of ${wanted.length} tabs are ready again`;
  });
}

async function runJob(
  client: ParitabClient,
  { visit, modelSha256, pixels }: { visit: Visit; modelSha256: string; pixels: Uint8Array },
  progress: ReturnType<typeof progressBar>,
  signal: AbortSignal,
): Promise<InferenceJobView> {
  // As bytes: pixels stay what they are on the way to the tabs.
  const npy = encodeNpy({ dtype: "U8", shape: [QUERIES, 1, SYMBOL_SIDE, SYMBOL_SIDE], data: pixels.slice() });
  const { tensorSha256: queriesSha256 } = await client.uploadTensor(new Uint8Array(npy));
  const source = { kind: "uploads", modelSha256, queriesSha256, inputScale: 1 / 255 } as const;
  const { jobId } = await client.submit({
    kind: "inference",
    name: visit,
    submitter: "demo",
    source,
    ...CODE,
  });
  return until(signal, JOB_MS_MAX, async () => {
    const job = await client.inferenceJob(jobId, signal);
    progress.show(visit, job.roundsDone, job.roundCount);
    if (job.state === "done") return job;
    if (job.state === "failed" || job.state === "cancelled") {
      throw new Error(`demo: expected the job to end well, but it ${job.state}: ${job.error}`);
    }
    return `${visit}: round ${job.roundsDone} of ${job.roundCount}; ${job.waitingFor ?? "it moves"}`;
  });
}

async function answersOf(client: ParitabClient, { jobId }: InferenceJobView) {
  return (await client.answers(jobId, { limit: ANSWERS_PER_PAGE_MAX })).answers;
}
