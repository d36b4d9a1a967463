/**
 * `npm run demo -- --cells 2`: two coordinators on one PostgreSQL server, behind one address, with real tabs at it. They share a job; the one that took
 * its first part is killed in the middle. The other one goes on with all of it, and there is one receipt.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { argmax } from "../../../server/kinds/inference/engine/argmax.ts";
import type { AnswerView } from "../../../shared/kinds/inference/answers.ts";
import { partIdOf } from "../../../shared/kinds/inference/parts.ts";
import { parseFaultProfile } from "../../crowd/browser/fault-profile.ts";
import { type Crowd, openCrowd } from "../../crowd/browser/open-crowd.ts";
import { mnistBase } from "../../proofs/scenarios/mnist-base.ts";
import type { Condition } from "../demo-check.ts";
import type { ProgressBar } from "../progress-bar.ts";
import { DEMO, everyAnswer } from "../run-scheme.ts";
import { until } from "../until.ts";
import { CELLS, type CellName, type Service } from "./service.ts";

const TABS = 12;
const JOB_MS_MAX = 300_000;
const TABS_MS_MAX = 120_000;
const PARITAB = fileURLToPath(new URL("../../../server/cli/paritab.mjs", import.meta.url));

export interface CellsDemoOptions {
  readonly service: Service;
  readonly directory: string;
  readonly seed: number;
  readonly progress: ProgressBar;
  readonly signal: AbortSignal;
}

export interface CellsFigures {
  readonly queries: number;
  readonly right: number;
  readonly final: number;
  readonly killed: CellName;
  readonly finishedBy: string;
  /** Rounds that were durable when it was killed, and all. */
  readonly roundsBefore: number;
  readonly rounds: number;
  /** From the kill until the other one had the job. */
  readonly takenOverMs: number;
  readonly receipts: number;
  /** What `paritab verify` said last, and its exit code. */
  readonly verified: string;
  readonly verifyExit: number;
}

export async function cellsDemo(options: CellsDemoOptions): Promise<{ figures: CellsFigures; crowd: Crowd }> {
  const { service, seed, progress, signal } = options;
  const base = await mnistBase(DEMO.countedQueries);
  const profile = parseFaultProfile("honest");
  const crowd = await openCrowd({
    ...{ url: service.front.url, tabs: TABS, profile, seed, crowd: "demo-cells", backends: ["wasm"] },
  });
  try {
    const before = await tabsReady(service, signal);
    console.log(`Tabs at each coordinator: ${before}.`);
    const jobId = await submit(service);
    const parts = CELLS.map((_, index) => partIdOf(jobId, index));
    const [first] = parts as [string];
    const killed = await takenBy(service, first, signal);
    progress.end(`Coordinator ${killed} took the first of ${parts.length} parts.`);
    const roundsBefore = await roundsDone(options, jobId, 1 / 3);
    const atKill = await tabsEach(service);
    const killedMs = performance.now();
    await service.cell(killed).end("SIGKILL");
    progress.end(`Coordinator ${killed} is killed (kill -9) after ${roundsBefore} rounds; tabs then: ${atKill}.`);
    const finishedBy = await takenBy(service, first, signal, killed);
    const takenOverMs = Math.round(performance.now() - killedMs);
    progress.end(`Coordinator ${finishedBy} took that part over ${(takenOverMs / 1000).toFixed(1)} s later.`);
    const rounds = await roundsDone(options, jobId, 1);
    const answers = await service.patiently((client) => everyAnswer(client, jobId));
    const receiptDirectory = join(options.directory, "receipt");
    await service.patiently((client) => client.signedReceipt(jobId, signal));
    await paritab(["receipt", jobId, "--out", receiptDirectory, "--url", service.front.url]);
    const { text, code } = await paritab(["verify", join(receiptDirectory, "receipt.json")]);
    const figures = {
      ...{ queries: base.count, killed, finishedBy, roundsBefore, rounds, takenOverMs },
      right: rightOf(answers, base.outputs, base.model.facts.outputSize),
      final: answers.filter(({ final }) => final).length,
      receipts: await service.receiptsOf(jobId),
      ...{ verified: text.trim().split("\n").at(-1) ?? "", verifyExit: code },
    };
    return { figures, crowd };
  } catch (error) {
    await crowd.close();
    throw error;
  }
}

export function cellsConditions(figures: CellsFigures): Condition[] {
  const { queries, right, receipts, killed, finishedBy, roundsBefore, rounds, verifyExit } = figures;
  return [
    { what: "every answer is the model's", holds: right === queries, got: `${right} of ${queries}` },
    {
      what: "the job was in the middle",
      holds: roundsBefore > 0 && roundsBefore < rounds,
      got: `${roundsBefore} of ${rounds}`,
    },
    { what: "another coordinator ended it", holds: finishedBy !== killed, got: `${killed}, then ${finishedBy}` },
    { what: "there is one receipt", holds: receipts === 1, got: String(receipts) },
    { what: "`paritab verify` accepts it", holds: verifyExit === 0, got: `exit code ${verifyExit}` },
  ];
}

export function cellsText(figures: CellsFigures): string {
  const { queries, right, final, roundsBefore, rounds, verified } = figures;
  return [
    `${queries} MNIST test images: ${right} answers are what the model gives on the coordinator, ${final} of them final.`,
    `${roundsBefore} of ${rounds} rounds were durable before the kill, and were not done again.`,
    `paritab verify: ${verified}`,
  ].join("\n");
}

async function submit(service: Service): Promise<string> {
  const { queriesPerGroup, stragglers, liars } = DEMO;
  const source = { kind: "sample", sample: "mnist", queryStart: 0, queryCount: DEMO.countedQueries } as const;
  const shape = {
    scheme: "systematic",
    queriesPerGroup,
    stragglers,
    liars,
  } as const;
  const { jobId } = await service.patiently((client) =>
    client.submit({
      ...{ kind: "inference", name: "over two coordinators", completion: "exact", source, parts: CELLS.length },
      ...shape,
    }),
  );
  return jobId;
}

/** @returns how many are at which */
function tabsReady(service: Service, signal: AbortSignal): Promise<string> {
  return until(signal, TABS_MS_MAX, async () => {
    const counts = await Promise.all(CELLS.map((name) => service.tabsOf(name)));
    const ready = counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
    return ready === TABS ? { said: said(counts) } : `${ready} of ${TABS} tabs are ready`;
  }).then(({ said }) => said);
}

async function tabsEach(service: Service): Promise<string> {
  return said(await Promise.all(CELLS.map((name) => service.tabsOf(name))));
}

function said(counts: readonly (number | null)[]): string {
  return CELLS.map((name, n) => `${name} ${counts[n] ?? "gone"}`).join(", ");
}

/** Whoever has the job, or the part, now. @param not who had it before */
function takenBy(service: Service, jobId: string, signal: AbortSignal, not?: CellName): Promise<CellName> {
  return until(signal, JOB_MS_MAX, async () => {
    const owner = await service.ownerOf(jobId);
    const name = CELLS.find((cell) => cell === owner);
    return name === undefined || name === not ? "nobody else has the job" : { name };
  }).then(({ name }) => name);
}

/** Waits until so many of its rounds are durable. @returns how many; of all of them, once the job has ended */
async function roundsDone(options: CellsDemoOptions, jobId: string, share: number): Promise<number> {
  const { service, progress, signal } = options;
  const { rounds } = await until(signal, JOB_MS_MAX, async () => {
    const job = await service.patiently((client) => client.inferenceJob(jobId, signal));
    const { roundsDone, roundCount, state, error } = job;
    progress.show("over two coordinators", roundsDone, roundCount);
    if (state === "failed" || state === "cancelled") throw new Error(`demo: the job ${state}: ${error}`);
    const isThere = share === 1 ? state === "done" : roundsDone >= share * roundCount;
    return isThere ? { rounds: roundsDone } : `the job is ${state}, round ${roundsDone} of ${roundCount}`;
  });
  return rounds;
}

function rightOf(answers: readonly AnswerView[], outputs: Float32Array, outputSize: number): number {
  return answers.filter(({ index, label }) => label === argmax(outputs, index, outputSize)).length;
}

/** The command as people type it. */
function paritab(args: readonly string[]): Promise<{ text: string; code: number }> {
  const child = spawn(process.execPath, [PARITAB, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => {
    text += chunk;
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ text, code: code ?? 1 }));
  });
}
