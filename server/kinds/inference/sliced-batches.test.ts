/** Rows that were handed over before a batch was taken back, through all of a live job but sockets and browsers. SPEC.md SL rules. */
import { expect, test } from "vitest";
import { inferenceInTab } from "../../../client/kinds/inference/tab/inference-in-tab.ts";
import type { ComputeThreadLink } from "../../../client/session/compute-thread-link.ts";
import { batchResult, HonestWork, sliceOf } from "../../../e2e/crowd/honest-work.ts";
import { ShellWithTabs, type TabBehaviour } from "../../../e2e/crowd/shell-with-tabs.ts";
import { checkSignedJob, checksThat, runSmallJob, signedJob } from "../../../e2e/crowd/signed-job.ts";
import { VolunteerKey } from "../../../e2e/crowd/volunteer-key.ts";
import type { ComputeTask } from "../../../shared/compute/compute-thread-api.ts";
import { createPlainRuntime } from "../../../shared/compute/runtimes/tfjs/plain-runtime.ts";
import type { BatchMessage } from "../../../shared/kinds/inference/batch.ts";
import { decodeFrame, encodeFrame } from "../../../shared/protocol/frame.ts";
import type { ResultAck } from "../../../shared/protocol/messages.ts";
import { readSignatureLine } from "../../../shared/receipts/signature-lines.ts";
import { ReceiptKeys } from "../../receipts/receipt-keys.ts";
import { INPUT_SIZE, model, QUERIES, queries } from "../../shell/testing/small-job.ts";
import { isProblem } from "../../web/coordinator-port.ts";
import { inferenceJob } from "./core/job.ts";
import { decodePlan } from "./engine/stored-plan.ts";

const PLAIN = {
  scheme: "systematic",
  queriesPerGroup: 1,
  stragglers: 0,
  liars: 0,
  spares: "backups",
  groupsPerRound: 16,
} as const;
/** Of a group. Worker indices below hold a query of each group as it is. */
const QUERIES_EACH_MAX = 4;
const signer = () => ReceiptKeys.inMemory(() => 0, "5e".repeat(32));

const soon = () => new Promise((done) => setTimeout(done, 5));

/** It hands over so many rows of its first batch of queries as they are, and goes. */
function goesOnce(rows: number): TabBehaviour {
  let gone = false;
  return {
    goesAfter({ workerIndex }) {
      if (gone || workerIndex >= QUERIES_EACH_MAX) return null;
      gone = true;
      return rows;
    },
  };
}

/** A world on rounds whose tabs have all answered their probes: each gets a batch of a job that has as many. */
async function openWith(tabs: readonly TabBehaviour[], isSigning = false): Promise<ShellWithTabs> {
  const world = await (await ShellWithTabs.open(tabs, "plain", signer(), isSigning)).onRounds();
  while (world.shell.sessions().some(({ state }) => state !== "idle")) await soon();
  return world;
}

async function right(): Promise<Float32Array> {
  return (await createPlainRuntime().load(model)).run(queries, QUERIES);
}

const CODED = { ...PLAIN, queriesPerGroup: QUERIES_EACH_MAX, groupsPerRound: 16 };

test.each([
  ["without spares", CODED, 5],
  ["with parities", { ...CODED, stragglers: 1, liars: 1, spares: "parities" as const }, 8],
  ["with backups", { ...CODED, stragglers: 1, spares: "backups" as const }, 8],
])(
  "[SL6] [RC9] %s: rows of a tab that went are answers and in the receipt, signed, and so are those of whoever computed the rest",
  async (_name, code, tabs) => {
    // Before the others answer: what a round has its first answers without is sent to somebody else too, and then nothing is handed over.
    const answers: TabBehaviour["answers"] = async ({ outputs }) => {
      while (world.shell.sessions().length > tabs - 2) await soon();
      return outputs;
    };
    const others = Array.from({ length: tabs - 2 }, () => ({ answers }));
    const world = await openWith([goesOnce(9), goesOnce(8), ...others], true);
    try {
      const jobId = await runSmallJob(world, code);
      const rounds = await world.store.rounds(jobId);
      const splits = rounds.flatMap(({ plan }) => decodePlan(plan).splits ?? []);
      expect(splits.length).toBeGreaterThan(1);
      expect((await world.shell.desks.inference.allAnswers(jobId))!.outputs).toEqual(await right());
      const signed = await signedJob(world, jobId);
      expect(checksThat(await checkSignedJob(signed), "broken")).toEqual([]);
      const lines = new TextDecoder().decode(signed.files.get("signatures.jsonl")!).trimEnd().split("\n");
      const slots = lines.map((line) => readSignatureLine(line)!.workerIndex);
      for (const { workerIndex } of splits) expect(slots).toContain(workerIndex);
    } finally {
      world.close();
    }
  },
);

test("[SL6] [RS1] after a restart a durable round has the slots that it had, and its receipt holds", async () => {
  let answersLeft = 9;
  const answers: TabBehaviour["answers"] = ({ outputs }) => (answersLeft-- > 0 ? outputs : null);
  const world = await openWith([goesOnce(7), { answers }, { answers }, { answers }, { answers }]);
  try {
    const ended = runSmallJob(world, { ...CODED, groupsPerRound: 8, roundsInFlight: 1 });
    const durable = async () => {
      const jobs = [...world.shell.state.jobs.keys()];
      return (await Promise.all(jobs.map((jobId) => world.store.rounds(jobId)))).flat();
    };
    while ((await durable()).length < 1) await soon();
    const splitsOfFirst = async () => {
      const first = (await durable()).find(({ roundIndex }) => roundIndex === 0)!;
      return decodePlan(first.plan).splits;
    };
    const splits = await splitsOfFirst();
    expect(splits).toHaveLength(2);
    answersLeft = Number.POSITIVE_INFINITY;
    await world.restart();
    const jobId = await ended;
    expect(await splitsOfFirst()).toEqual(splits);
    expect((await world.shell.desks.inference.allAnswers(jobId))!.outputs).toEqual(await right());
    expect(checksThat(await checkSignedJob(await signedJob(world, jobId)), "broken")).toEqual([]);
  } finally {
    world.close();
  }
});

test("[SL2] [SL3] [RC9] rows of a tab that went are answers and in the receipt, signed, and so are those of whoever computed the rest", async () => {
  const world = await openWith([goesOnce(9), goesOnce(12), {}], true);
  try {
    const jobId = await runSmallJob(world, PLAIN);
    const { cuts = [] } = inferenceJob(world.shell.state, jobId)!.stored;
    expect(cuts).toHaveLength(2);
    expect((await world.shell.desks.inference.allAnswers(jobId))!.outputs).toEqual(await right());
    const signed = await signedJob(world, jobId);
    const checked = await checkSignedJob(signed);
    expect(checksThat(checked, "broken")).toEqual([]);
    const lines = new TextDecoder().decode(signed.files.get("signatures.jsonl")!).trimEnd().split("\n");
    const rounds = lines.map((line) => readSignatureLine(line)!.roundIndex);
    expect(rounds).toEqual(Array.from({ length: QUERIES / 16 + 2 }, (_, round) => round));
  } finally {
    world.close();
  }
});

test("[SL3] [RS1] after a restart in the middle rounds that were cut go on, each with its own queries", async () => {
  // Of the other tab, which is silent then: a restart takes what it holds back.
  let answersLeft = 1;
  const answers: TabBehaviour["answers"] = ({ outputs }) => (answersLeft-- > 0 ? outputs : null);
  const world = await openWith([goesOnce(9), { answers }]);
  try {
    const ended = runSmallJob(world, PLAIN);
    const durable = async () => {
      const jobs = [...world.shell.state.jobs.keys()];
      return (await Promise.all(jobs.map((jobId) => world.store.rounds(jobId)))).flat();
    };
    while ((await durable()).length < 2) await soon();
    expect((await durable()).map(({ queryIndices }) => queryIndices.length).sort()).toEqual([16, 9]);
    answersLeft = Number.POSITIVE_INFINITY;
    await world.restart();
    const jobId = await ended;
    expect(inferenceJob(world.shell.state, jobId)!.stored.cuts).toHaveLength(1);
    expect((await world.shell.desks.inference.allAnswers(jobId))!.outputs).toEqual(await right());
    expect(checksThat(await checkSignedJob(await signedJob(world, jobId)), "broken")).toEqual([]);
  } finally {
    world.close();
  }
});

interface RealTab {
  readonly key: VolunteerKey;
  /** Of each batch that it answered: its rows, and those in the answer. */
  readonly answered: { readonly rowCount: number; readonly rows: number; readonly verdict: ResultAck["verdict"] }[];
}

/**
 * A tab whose batches the real client carries out, on a thread that takes a second for a row; after so many rows it goes.
 * @param leavesOut rows more that it leaves out of its first answer
 */
async function realTab(
  world: ShellWithTabs,
  goesAfterRows = Number.POSITIVE_INFINITY,
  leavesOut = 0,
): Promise<RealTab> {
  const key = await VolunteerKey.make();
  const { volunteerId, publicKey } = key;
  const [sessionId, letGo] = ["session of the real client", new AbortController()];
  const loaded = await createPlainRuntime().load(model);
  const { tabs } = world.shell;
  let rowsDone = 0;
  const answered: RealTab["answered"] = [];
  const computeThread = {
    holdsModel: async () => true,
    async run({ rows, rowCount, isProbe }: ComputeTask) {
      if (!isProbe) rowsDone += rowCount;
      if (rowsDone > goesAfterRows) {
        letGo.abort(new Error("it goes"));
        tabs.sessionClosed(sessionId);
      }
      return { outputs: await loaded.run(rows, rowCount), computeMs: 1_000 * rowCount, backend: "wasm" as const };
    },
  } as unknown as ComputeThreadLink;
  const takeOn = inferenceInTab({
    ...{ origin: "http://here", computeThread, sign: (statement) => key.sign(statement) },
    ...{ handOver: (slice) => tabs.slice(sessionId, slice), onOutcome: () => {}, onMoved: () => {} },
  });
  let lastTurn = Promise.resolve();
  const work = async (assignment: BatchMessage): Promise<void> => {
    if (letGo.signal.aborted) return;
    if (assignment.kind === "probe") {
      const computed = await new HonestWork({
        load: createPlainRuntime().load,
        fetchBlob: async (token, sha256) => tabs.blobForToken(token, sha256)?.bytes ?? null,
      }).batch(assignment);
      return void tabs.result(sessionId, batchResult(assignment, computed!.outputs));
    }
    const result = await takeOn(assignment, letGo.signal)
      .carryOut()
      .catch(() => null);
    if (result?.output.kind !== "inline") return;
    const { data } = decodeFrame(result.output.frame).outputs!;
    const said = (data as Float32Array).slice(answered.length === 0 ? leavesOut * assignment.outputSize : 0);
    const rows = said.length / assignment.outputSize;
    const frame = encodeFrame({ outputs: { dtype: "F32", shape: [rows, assignment.outputSize], data: said } });
    const { verdict } = tabs.result(sessionId, { ...result, output: { kind: "inline", frame } });
    answered.push({ rowCount: assignment.rowCount, rows, verdict });
  };
  const about = { nickname: "real", team: "", backend: "wasm", addressPrefix: null, invitation: null };
  tabs.sessionOpened(
    { sessionId, volunteerId, publicKey, ...about },
    {
      ...{ welcome: () => {}, credit: () => {}, unfit: () => {}, cancel: () => {}, refused: () => {} },
      assignment(assignment) {
        if (assignment.work === "batch") lastTurn = lastTurn.then(() => work(assignment));
      },
    },
  );
  return { key, answered };
}

/** Once all tabs have answered their probes. */
async function runReady(world: ShellWithTabs): Promise<string> {
  while (world.shell.sessions().some(({ state }) => state === "probing")) await soon();
  return runSmallJob(world, PLAIN);
}

test("[PR106] [RC9] rows that were handed over do not travel again in the answer, and its signature holds", async () => {
  const world = await openWith([]);
  try {
    const { key, answered } = await realTab(world);
    const jobId = await runReady(world);
    // How long a row takes is known from the first batch on. What is late on a busy machine is cut, and its answer is stale.
    const [first, ...others] = answered.filter(({ rowCount }) => rowCount >= 16);
    expect([first!.rows, others.length > 0]).toEqual([first!.rowCount, true]);
    for (const { rows } of others) expect(rows).toBeLessThanOrEqual(2);
    expect(answered.map(({ verdict }) => verdict)).not.toContain("malformed");
    expect((await world.shell.desks.inference.allAnswers(jobId))!.outputs).toEqual(await right());
    const signed = await signedJob(world, jobId);
    expect(checksThat(await checkSignedJob(signed), "broken")).toEqual([]);
    const lines = new TextDecoder().decode(signed.files.get("signatures.jsonl")!).trimEnd().split("\n");
    const publicKey = Buffer.from(key.publicKey).toString("base64");
    expect(new Set(lines.map((line) => readSignatureLine(line)!.publicKey))).toEqual(new Set([publicKey]));
  } finally {
    world.close();
  }
});

test("[PR106] [SL1] an answer of the rows that were not handed over is taken in together with those", async () => {
  const world = await openWith([]);
  const { tabs } = world.shell;
  const sessionId = "session of a tab without a key";
  const fetchBlob = async (token: string, sha256: string) => tabs.blobForToken(token, sha256)?.bytes ?? null;
  const honest = new HonestWork({ load: createPlainRuntime().load, fetchBlob });
  const verdicts: string[] = [];
  const work = async (assignment: BatchMessage): Promise<void> => {
    const { outputs } = (await honest.batch(assignment))!;
    const { token, kind, rowCount, outputSize } = assignment;
    if (kind === "probe") return void tabs.result(sessionId, batchResult(assignment, outputs));
    // In one turn: no batch gets late meanwhile.
    const handed = rowCount - 3;
    tabs.slice(sessionId, sliceOf(assignment, outputs.slice(0, handed * outputSize), 0));
    const data = outputs.slice(handed * outputSize);
    const frame = encodeFrame({ outputs: { dtype: "F32", shape: [3, outputSize], data } });
    verdicts.push(tabs.result(sessionId, { token, computeMs: 1, output: { kind: "inline", frame } }).verdict);
  };
  try {
    tabs.sessionOpened(
      { sessionId, volunteerId: "v", nickname: "v", team: "", backend: "wasm", addressPrefix: null, invitation: null },
      {
        ...{ welcome: () => {}, credit: () => {}, unfit: () => {}, cancel: () => {}, refused: () => {} },
        assignment: (assignment) => void (assignment.work === "batch" && work(assignment)),
      },
    );
    const jobId = await runReady(world);
    expect(verdicts.length).toBeGreaterThan(0);
    expect(new Set(verdicts)).toEqual(new Set(["received"]));
    expect((await world.shell.desks.inference.allAnswers(jobId))!.outputs).toEqual(await right());
    expect(inferenceJob(world.shell.state, jobId)!.stored.cuts ?? []).toEqual([]);
  } finally {
    world.close();
  }
});

test("[PR106] [AS4] an answer that leaves out rows that nobody was handed is malformed, and its batch goes out again", async () => {
  const world = await openWith([]);
  try {
    const { answered } = await realTab(world, Number.POSITIVE_INFINITY, 1);
    const jobId = await runReady(world);
    const [first, ...others] = answered.map(({ verdict }) => verdict);
    expect(first).toBe("malformed");
    expect(others.length).toBeGreaterThan(0);
    expect(others).not.toContain("malformed");
    expect((await world.shell.desks.inference.allAnswers(jobId))!.outputs).toEqual(await right());
  } finally {
    world.close();
  }
});

test("[PR106] [SL2] what the real client hands over counts when it goes, and its signature holds", async () => {
  // Another tab is silent until the real one has gone.
  let isSilent = true;
  const world = await openWith([{ answers: ({ outputs }) => (isSilent ? null : outputs) }]);
  try {
    const { key } = await realTab(world, 16 + 10);
    while (world.shell.sessions().some(({ state }) => state === "probing")) await soon();
    const [modelSha256, queriesSha256] = await Promise.all([
      world.store.putBlob(model),
      world.upload({ dtype: "F32", shape: [QUERIES, INPUT_SIZE], data: queries }),
    ]);
    const reply = await world.submit({ ...PLAIN, source: { kind: "uploads", modelSha256, queriesSha256 } });
    if (isProblem(reply)) throw new Error(reply.message);
    while ((await world.store.rounds(reply.jobId)).length < 2) await soon();
    const { cuts = [] } = inferenceJob(world.shell.state, reply.jobId)!.stored;
    expect(cuts).toHaveLength(1);
    // Golden rows were among the ten.
    expect(cuts[0]!.rows).toBeGreaterThanOrEqual(8 - 2);
    isSilent = false;
    await world.restart();
    await world.ended(reply.jobId);
    const signed = await signedJob(world, reply.jobId);
    expect(checksThat(await checkSignedJob(signed), "broken")).toEqual([]);
    const lines = new TextDecoder().decode(signed.files.get("signatures.jsonl")!).trimEnd().split("\n");
    const publicKey = Buffer.from(key.publicKey).toString("base64");
    expect(lines.filter((line) => readSignatureLine(line)!.publicKey === publicKey)).toHaveLength(2);
    expect((await world.shell.desks.inference.allAnswers(reply.jobId))!.outputs).toEqual(await right());
  } finally {
    world.close();
  }
});

test.each([
  ["in batches of their own", PLAIN, 3],
  ["in rounds of several batches", CODED, 6],
  ["with parities", { ...CODED, stragglers: 1, liars: 1, spares: "parities" as const }, 9],
])(
  "[SL2] [SL6] [VF3] %s: a tab that lies in what it hands over is named, and no answer is wrong",
  async (_name, code, tabs) => {
    const lies: TabBehaviour = {
      ...goesOnce(12),
      answers: ({ outputs, assignment }) =>
        outputs.map((value, i) => value + (Math.floor(i / assignment.outputSize) % 2)),
    };
    const world = await openWith([lies, ...Array.from({ length: tabs - 1 }, () => ({}))]);
    try {
      const jobId = await runSmallJob(world, code);
      expect((await world.shell.desks.inference.allAnswers(jobId))!.outputs).toEqual(await right());
      const named = [...world.shell.state.volunteers.values()].filter(({ quarantine }) => quarantine !== null);
      expect(named.map(({ volunteerId }) => volunteerId)).toEqual(["volunteer-00"]);
    } finally {
      world.close();
    }
  },
);
