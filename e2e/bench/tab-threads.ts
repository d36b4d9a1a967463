/**
 * What a further compute thread is worth: rows of a job that one tab computes with one thread, with several, and with one again, of a
 * model that takes some 15 ms a row. A busy machine gives its threads less than they ask for, so rows are set against processor time too:
 *
 *     npm run build && npm run bench -- tab-loop --threads 2
 */
import { node } from "../../shared/compute/runtimes/onnx/testing/operator-case.ts";
import { smallOnnx } from "../../shared/compute/runtimes/onnx/testing/small-onnx.ts";
import type { ParitabClient } from "../../shared/sdk/paritab-client.ts";
import { coordinatorWithTabs } from "./coordinator-with-tabs.ts";
import type { Measurement, MeasureOptions } from "./measurement.ts";
import { middleOfJob } from "./middle-of-job.ts";
import { busiestSpent, workerThreads } from "./worker-threads.ts";

const CHANNELS = 64;
const SIDE = 32;
const CLASSES = 10;
const LAYERS = 6;
const ROWS = 600;
/** After the model is loaded and each thread has had a batch. */
const COUNTED = { from: 0.1, to: 0.9 } as const;

interface Pace {
  readonly threads: number;
  readonly rowsPerSecond: number;
  /** Of all compute threads together: how many at a time had something to compute; null where the system does not tell. */
  readonly atWork: number | null;
  readonly rowsPerProcessorSecond: number | null;
}

export async function runThreads(threads: number, { seed, progress }: MeasureOptions): Promise<Measurement> {
  const paces: Pace[] = [];
  for (const count of [1, threads, 1]) {
    progress(`${count} ${count === 1 ? "thread" : "threads"}`);
    paces.push(await paceWith(count, seed));
  }
  const [before, several, after] = paces as [Pace, Pace, Pace];
  const ratio = (of: (pace: Pace) => number | null) => {
    const [a, b, c] = [of(before), of(several), of(after)];
    return a === null || b === null || c === null ? null : (2 * b) / (a + c);
  };
  const gain = ratio(({ rowsPerSecond }) => rowsPerSecond);
  const perProcessorSecond = ratio(({ rowsPerProcessorSecond }) => rowsPerProcessorSecond);
  const atWork = ratio((pace) => pace.atWork);
  const gainUndisturbed = perProcessorSecond === null || atWork === null ? null : perProcessorSecond * atWork;
  const rows = paces.map((pace) => ({ ...pace, gain: pace === several ? gain : null }));
  return {
    name: "tab-loop",
    title: `One tab with ${threads} compute threads against one with one, of a model of seven convolutions`,
    columns: [
      { key: "threads", title: "threads" },
      { key: "rowsPerSecond", title: "rows /s", digits: 1 },
      { key: "atWork", title: "threads at work", digits: 2 },
      { key: "rowsPerProcessorSecond", title: "rows /s of processor", digits: 1 },
      { key: "gain", title: "times one", digits: 2 },
    ],
    rows,
    notes: [
      "onnxruntime on WebAssembly; uncoded, K = 1, no rest. threads at work: how many at a time had a batch, whether they got a processor or waited for one. (Linux)",
      gainUndisturbed === null
        ? ""
        : `On a machine that gives each thread a processor whenever it wants one: ${gainUndisturbed.toFixed(2)} times one (rows a second of processor, times threads at work).`,
    ],
  };
}

async function paceWith(threads: number, seed: number): Promise<Pace> {
  const { client, close } = await coordinatorWithTabs(`tab-threads-${threads}`, 1, seed, threads);
  try {
    return { threads, ...(await paceOfJob(client, threads)) };
  } finally {
    await close();
  }
}

async function paceOfJob(client: ParitabClient, threads: number): Promise<Omit<Pace, "threads">> {
  const { modelSha256 } = await client.uploadModel(model());
  const data = Uint8Array.from({ length: ROWS * 3 * SIDE * SIDE }, (_, i) => (i * 2_654_435_761) >>> 24);
  const shape = [ROWS, 3, SIDE, SIDE] as const;
  const middle = await middleOfJob(client, { modelSha256, shape, data, counted: COUNTED });
  const { rows, ms } = middle;
  const spent = busiestSpent(middle.threads, workerThreads(), threads);
  return {
    rowsPerSecond: (rows * 1e3) / ms,
    atWork: spent && (spent.computedMs + spent.waitedMs) / ms,
    rowsPerProcessorSecond: spent && (rows * 1e3) / spent.computedMs,
  };
}

/** 3 x 32 x 32 in, convolutions of 64 channels, ten numbers out: 230 million multiply-adds. */
function model() {
  const layers = Array.from({ length: 1 + LAYERS }, (_, layer) => layer);
  const weights = [
    ...layers.map((layer) => ({ name: `w${layer}`, shape: [CHANNELS, layer === 0 ? 3 : CHANNELS, 3, 3] })),
    { name: "last", shape: [CHANNELS, CLASSES] },
  ].map(({ name, shape }, n) => {
    const size = shape.reduce((product, length) => product * length, 1);
    const scale = Math.sqrt((2 * shape[0]!) / size);
    return { name, shape, values: Float32Array.from({ length: size }, (_, i) => scale * Math.sin(i * 1.7 + n)) };
  });
  const padded = { pads: { is: [1, 1, 1, 1] } };
  const data = smallOnnx({
    input: { name: "x", shape: [-1, 3, SIDE, SIDE] },
    outputs: ["y"],
    nodes: [
      ...layers.flatMap((layer) => [
        node("Conv", [layer === 0 ? "x" : `r${layer - 1}`, `w${layer}`], padded, [`c${layer}`]),
        node("Relu", [`c${layer}`], {}, [`r${layer}`]),
      ]),
      node("GlobalAveragePool", [`r${LAYERS}`], {}, ["p"]),
      node("Flatten", ["p"], {}, ["f"]),
      node("MatMul", ["f", "last"], {}, ["y"]),
    ],
    weights,
  });
  return [{ name: "model.onnx", data }];
}
