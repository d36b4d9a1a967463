/**
 * `npm run demo`: a coordinator, twelve real tabs of which some are late, two slow and one lies, 2,400 handwritten digits
 * through four codes; a table, a sentence and a page with a picture. Then coordinator and tabs stay until Ctrl-C.
 *
 *   --job regression  trains a regression instead, on data that is coded over the tabs (demo/training)
 *   --cells 2    two coordinators on PostgreSQL instead, one of which is killed (demo/cells)
 *   --job onnx      drawn symbols through an ONNX model that is fetched from the npm registry once (demo/onnx)
 *   --once       ends after the sentence
 *   --check      exits with 1 where a condition of demo/demo-check.ts fails
 *   --json FILE  writes the figures: of digits as `npm run measure` reads them, of the other jobs as they are
 *   --seed N     another crowd
 */
import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { readConfig } from "../../server/config.ts";
import { type RunningCoordinator, startCoordinator } from "../../server/start-coordinator.ts";
import { createParitabClient } from "../../shared/sdk/paritab-client.ts";
import { beginning, writeFigures } from "../bench/measure.ts";
import { machine } from "../bench/where.ts";
import { parseFaultProfile } from "../crowd/browser/fault-profile.ts";
import { type Crowd, openCrowd } from "../crowd/browser/open-crowd.ts";
import { mnistBase } from "../proofs/scenarios/mnist-base.ts";
import { cellsConditions, cellsDemo, cellsText } from "./cells/cells-demo.ts";
import { CELLS, Service } from "./cells/service.ts";
import { type Condition, demoConditions } from "./demo-check.ts";
import { demoPage } from "./demo-page.ts";
import { type DemoFigures, demoRows, demoSentence, demoTable, LEGEND, percent, quarantineLines } from "./demo-table.ts";
import { ONNX_PROFILE, onnxDemo } from "./onnx/onnx-demo.ts";
import { ONNX_LEGEND, onnxConditions, onnxTable } from "./onnx/onnx-figures.ts";
import { progressBar } from "./progress-bar.ts";
import { DEMO, runScheme } from "./run-scheme.ts";
import { type SchemeFigures, schemeFigures } from "./scheme-figures.ts";
import { TRAINING_PROFILE } from "./training/training-cases.ts";
import { trainingConditions } from "./training/training-check.ts";
import { trainingDemo } from "./training/training-demo.ts";
import { TRAINING_LEGEND, trainingTable } from "./training/training-table.ts";
import { trainingTruth } from "./training/training-truth.ts";

/** The liar is honest in the warm-up, so that every scheme begins the job that counts with it still in its crowd. */
const PROFILE = "straggle:11(p=0.1,ms=400+exp400),slow:2(x10,floor=300),liar:1(sleeper,rounds=5)";
const TABS = 12;
const BACKENDS = ["webgl", "webgl", "wasm"] as const;
const SCHEMES = ["uncoded", "replication", "approxifer", "systematic"] as const;
const JOBS = ["inference", "regression", "onnx"] as const;
const PORT = 8787;
const PAGE = fileURLToPath(new URL("../../build/demo.html", import.meta.url));

interface Options {
  readonly job: (typeof JOBS)[number];
  /** null: one coordinator, with its embedded database. */
  readonly cells: typeof CELLS.length | null;
  readonly seed: number;
  readonly once: boolean;
  readonly check: boolean;
  readonly jsonFile: string | null;
  readonly signal: AbortSignal;
}

function readOptions(signal: AbortSignal): Options {
  const { values } = parseArgs({
    options: {
      job: { type: "string", default: "inference" },
      cells: { type: "string" },
      seed: { type: "string", default: "1" },
      once: { type: "boolean", default: false },
      check: { type: "boolean", default: false },
      json: { type: "string" },
    },
  });
  const seed = Number(values.seed);
  if (!Number.isSafeInteger(seed)) throw new Error(`--seed: expected a whole number, got "${values.seed}"`);
  const job = JOBS.find((name) => name === values.job);
  if (job === undefined) throw new Error(`--job: expected ${JOBS.join(", ")}, got "${values.job}"`);
  const cells = values.cells === undefined ? null : CELLS.length;
  if (cells !== null && values.cells !== String(cells))
    throw new Error(`--cells: expected ${cells}, got "${values.cells}"`);
  return { job, cells, seed, once: values.once, check: values.check, jsonFile: values.json ?? null, signal };
}

async function main(): Promise<void> {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => stop.abort(new Error(`demo: ended by ${signal}`)));
  }
  const options = readOptions(stop.signal);
  // Each coordinator resolves it in a process of its own.
  const dataDirectory = await realpath(await mkdtemp(join(tmpdir(), "paritab-demo-")));
  let coordinator: RunningCoordinator | null = null;
  try {
    if (options.cells !== null) return await twoCells(dataDirectory, options);
    coordinator = await startDemoCoordinator(dataDirectory, options.once ? 0 : PORT);
    await DEMOS[options.job](coordinator.url, options);
  } finally {
    await coordinator?.close();
    await rm(dataDirectory, { recursive: true, force: true });
  }
}

/** On the usual port where it is free. */
async function startDemoCoordinator(dataDirectory: string, port: number): Promise<RunningCoordinator> {
  const config = {
    ...readConfig({ PARITAB_LOG_LEVEL: "error", PARITAB_TRUST_LOOPBACK: "1" }, ["--allow-faults"]),
    port,
    dataDirectory,
  };
  try {
    return await startCoordinator(config);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    return startCoordinator({ ...config, port: 0 });
  }
}

async function demo(url: string, options: Options): Promise<void> {
  const { seed, signal } = options;
  const begun = beginning();
  const base = await mnistBase(DEMO.countedQueries);
  const truth = { outputs: base.outputs, outputSize: base.model.facts.outputSize, labels: base.labels };
  const client = createParitabClient({ baseUrl: url });
  const progress = progressBar(process.stderr);
  const profile = parseFaultProfile(PROFILE);
  console.log(
    `Coordinator on ${url}. Four ways to spread queries over twelve tabs, one after the other, with the same faults (seed ${seed}): ${PROFILE}.`,
  );

  const schemes: SchemeFigures[] = [];
  let crowd: Crowd | null = null;
  try {
    for (const scheme of SCHEMES) {
      await crowd?.close();
      progress.show(`${scheme}, opening tabs`, 0, TABS);
      crowd = await openCrowd({ url, tabs: TABS, profile, seed, crowd: `demo-${scheme}`, backends: BACKENDS });
      const record = await runScheme({ client, crowd, scheme, progress, signal });
      schemes.push(schemeFigures(record, truth, schemes[0]?.jobMs ?? null));
    }
    const figures: DemoFigures = { baseAccuracy: base.accuracy, queries: base.count, schemes };
    await tell(figures, seed);
    const measurement = { name: "demo", rows: demoRows(figures) };
    if (options.jsonFile !== null) await writeFigures(options.jsonFile, measurement, { script: "demo", seed, begun });
    if (options.check) check(demoConditions(figures, liarName(crowd!)));
    if (!options.once) await stayOpen(url, signal);
  } finally {
    await crowd?.close();
  }
}

async function training(url: string, options: Options): Promise<void> {
  const { seed, signal } = options;
  console.log("First the same training on this machine alone, to compare with.");
  const truth = await trainingTruth();
  console.log(`Coordinator on ${url}; the crowd: ${TRAINING_PROFILE}, seed ${seed}, the same for every scheme.`);
  const { figures, crowd } = await trainingDemo(url, seed, truth, signal);
  try {
    console.log(`\nGISETTE-like, 6000 x 5000, logistic regression, K = 9\n\n${trainingTable(figures)}`);
    console.log(`\n${TRAINING_LEGEND.join("\n")}`);
    console.log(`All slowness and lies were injected: ${TRAINING_PROFILE}, seed ${seed}. ${machine()}.`);
    if (options.jsonFile !== null) await writeFile(options.jsonFile, `${JSON.stringify(figures, null, 2)}\n`);
    if (options.check) check(trainingConditions(figures));
    if (!options.once) await stayOpen(url, signal);
  } finally {
    await crowd.close();
  }
}

async function symbols(url: string, options: Options): Promise<void> {
  const { seed, signal } = options;
  console.log(`Coordinator on ${url}; the crowd: ${ONNX_PROFILE}, seed ${seed}.`);
  const { figures, crowd } = await onnxDemo(url, seed, signal);
  try {
    const millions = Math.round(figures.macsPerQuery / 1e6);
    console.log(
      `\nDrawn symbols, 1 x 224 x 224, 411 classes, ${millions} million multiply-adds each, ${figures.tabs} tabs\n`,
    );
    console.log(`${onnxTable(figures)}\n\n${ONNX_LEGEND.join("\n")}`);
    console.log(`All lateness and lies were injected: ${ONNX_PROFILE}, seed ${seed}. ${machine()}.`);
    if (options.jsonFile !== null) await writeFile(options.jsonFile, `${JSON.stringify(figures, null, 2)}\n`);
    if (options.check) check(onnxConditions(figures));
    if (!options.once) await stayOpen(url, signal);
  } finally {
    await crowd.close();
  }
}

async function twoCells(directory: string, options: Options): Promise<void> {
  const { seed, signal } = options;
  const progress = progressBar(process.stderr);
  const databaseUrl = process.env.PARITAB_DATABASE_URL ?? null;
  const service = await Service.start(directory, databaseUrl, options.once ? 0 : PORT);
  let crowd: Crowd | null = null;
  try {
    const version = await service.serverVersion();
    console.log(`Coordinators ${CELLS.join(" and ")} on PostgreSQL ${version}, at one address: ${service.front.url}`);
    const shown = await cellsDemo({ service, directory, seed, progress, signal });
    crowd = shown.crowd;
    console.log(`\n${cellsText(shown.figures)}\n${machine()}.`);
    if (options.jsonFile !== null) await writeFile(options.jsonFile, `${JSON.stringify(shown.figures, null, 2)}\n`);
    // It is what this demo is for.
    check(cellsConditions(shown.figures));
    if (!options.once) await stayOpen(service.front.url, signal);
  } finally {
    await crowd?.close();
    await service.close();
  }
}

const DEMOS = { inference: demo, regression: training, onnx: symbols } as const;

async function tell(figures: DemoFigures, seed: number): Promise<void> {
  const { queriesPerGroup, stragglers, liars } = DEMO;
  const notes = [
    `K = ${queriesPerGroup}, S = ${stragglers}, E = ${liars}; the model alone has ${percent(figures.baseAccuracy)} of ${figures.queries} MNIST test images right.`,
    `All lateness, slowness and lies were injected: ${PROFILE}, seed ${seed}. ${machine()}.`,
  ];
  console.log(`\n${demoTable(figures)}\n\n${[...LEGEND, ...quarantineLines(figures), ...notes].join("\n")}`);
  await mkdir(dirname(PAGE), { recursive: true });
  await writeFile(PAGE, demoPage(figures, notes));
  console.log(`\n${demoSentence(figures)}\nAs a picture: ${pathToFileURL(PAGE)}`);
}

function liarName(crowd: Crowd): string {
  return crowd.tabs.find(({ faults }) => faults.some(({ kind }) => kind === "liar"))!.name;
}

function check(conditions: readonly Condition[]): void {
  console.log("");
  for (const { what, holds, got } of conditions) {
    console.log(`${holds ? "holds " : "FAILED"} ${what}: ${got}`);
    if (!holds) process.exitCode = 1;
  }
}

async function stayOpen(url: string, signal: AbortSignal): Promise<void> {
  console.log(`\nThe coordinator and its last tabs go on: look at ${url}/dashboard. Ctrl-C ends both.`);
  if (!signal.aborted) await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
