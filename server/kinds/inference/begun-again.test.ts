/** [RS1] A job that an earlier version had begun in rounds, found in the store by this one. */
import { afterEach, expect, test } from "vitest";
import { ShellWithTabs } from "../../../e2e/crowd/shell-with-tabs.ts";
import { checkSignedJob, signedJob } from "../../../e2e/crowd/signed-job.ts";
import { createPlainRuntime } from "../../../shared/compute/runtimes/tfjs/plain-runtime.ts";
import { ANSWER_MARKS } from "../../../shared/kinds/inference/answers.ts";
import type { InferenceJobView } from "../../../shared/kinds/inference/job-view.ts";
import { normal, simulationRandom } from "../../../shared/random/simulation-random.ts";
import { emptyTally } from "../../../shared/verify/estimate-confidence.ts";
import { ReceiptKeys } from "../../receipts/receipt-keys.ts";
import { INPUT_SIZE, model } from "../../shell/testing/small-job.ts";
import type { StoredRound } from "../../store/store.ts";
import { begunAgain } from "./begun-again.ts";
import { encodePlan } from "./engine/stored-plan.ts";
import { loadStoredJob } from "./job-loader.ts";
import { inferenceCodec, type StoredJob } from "./records.ts";

const ROWS = 400;
const OUTPUT_SIZE = 3;
const ROUND_ROWS = 40;
const random = simulationRandom(5);
const queries = Float32Array.from({ length: ROWS * INPUT_SIZE }, () => normal(random));
const right = await (await createPlainRuntime().load(model)).run(queries, ROWS);

let world: ShellWithTabs;
afterEach(() => world.close());

/** Its first round, durable, with answers that nobody would give today. */
function firstRound(jobId: string): StoredRound {
  const audited = ANSWER_MARKS.indexOf("audited");
  const source = { volunteerId: "v-of-before", precision: "float32", auditedRows: 2, opinionBy: null } as const;
  const plan = { placements: null, sources: [source], batchRows: ROUND_ROWS, estimates: [], heldOut: emptyTally() };
  return {
    ...{ jobId, roundIndex: 0, generation: 0, volunteers: ["v-of-before"] },
    queryIndices: Uint32Array.from({ length: ROUND_ROWS }, (_, row) => row),
    outputs: new Float32Array(ROUND_ROWS * OUTPUT_SIZE).fill(7),
    marks: new Uint8Array(ROUND_ROWS).fill(audited),
    sources: new Uint8Array(ROUND_ROWS),
    firstLabels: new Int32Array(ROUND_ROWS),
    firstMarks: new Uint8Array(ROUND_ROWS).fill(audited),
    plan: encodePlan(plan),
    ...{ firstMs: 5, exactMs: 5, estimatedAtFirst: 0, redispatched: 0 },
  };
}

/** As the earlier version had it. */
function inRounds({ rows: _rows, ...job }: StoredJob): StoredJob {
  const terms = { shares: { volunteers: 0.2, job: 0.4, records: 0.4 }, checkShare: 0.06, anchorShare: 0.01 };
  const crossChecks = { secretHex: null, run: 3, terms, anchors: 12, certificate: null };
  const roundSizes = [{ fromRound: 0, firstPlace: 0, groupsPerRound: ROUND_ROWS }];
  return { ...job, state: "running", crossChecks, roundSizes, auditedRows: 9, heldOutTotal: 4, heldOutAgreed: 3 };
}

test("[RS1] a job at work in rounds begins again on the ledger, and ends with every answer right, final and in its receipt", {
  timeout: 60_000,
}, async () => {
  let isUpdated = false;
  const tab = { answers: async ({ outputs }: { outputs: Float32Array }) => (isUpdated ? outputs : null) };
  const signer = ReceiptKeys.inMemory(() => 0, "5e".repeat(32));
  world = await ShellWithTabs.open(
    Array.from({ length: 6 }, () => tab),
    "plain",
    signer,
    true,
  );
  const modelSha256 = await world.store.putBlob(model);
  const queriesSha256 = await world.upload({ dtype: "F32", shape: [ROWS, INPUT_SIZE], data: queries });
  const source = { kind: "uploads", modelSha256, queriesSha256 } as const;
  const reply = await world.submit({ scheme: "systematic", queriesPerGroup: 1, stragglers: 0, liars: 0, source });
  if (!("jobId" in reply)) throw new Error(reply.message);
  const { jobId } = reply;
  await expect.poll(async () => (await loadStoredJob(world.store, jobId))?.state).toBe("running");
  world.shell.close();
  const job = inRounds((await loadStoredJob(world.store, jobId))!);
  await world.store.apply([
    { kind: "job", job: inferenceCodec.toRecord(job) },
    { kind: "round", round: firstRound(jobId) },
  ]);
  isUpdated = true;
  await world.restart();
  await world.ended(jobId);
  const view = () => world.shell.jobView(jobId) as InferenceJobView;
  expect(view()).toMatchObject({ state: "done", finalCount: ROWS, rows: expect.anything() });
  const { outputs } = (await world.shell.desks.inference.allAnswers(jobId))!;
  expect(Array.from(outputs)).toEqual(Array.from(right));
  const checked = await checkSignedJob(await signedJob(world, jobId));
  expect(checked.findings.filter(({ state }) => state === "broken")).toEqual([]);
  // What lies there of the earlier version is no answer of it, whoever reads it.
  await world.restart();
  expect(Array.from((await world.shell.desks.inference.allAnswers(jobId))!.outputs)).toEqual(Array.from(right));
  expect(view().finalCount).toBe(ROWS);
});

test("begun again it has what it was submitted with, and nothing of its rounds", () => {
  const before = {
    jobId: "j",
    submission: {},
    state: "auditing",
    codes: [],
    unchecked: "float32 does not determine it",
  };
  const job = begunAgain(inRounds({ ...before, rows: true } as unknown as StoredJob), "ab".repeat(32));
  expect(job).toMatchObject({ ...before, state: "preparing", rows: true, auditedRows: 0, heldOutTotal: 0 });
  expect(job).not.toHaveProperty("roundSizes");
  expect(job.crossChecks).toEqual({ secretHex: "ab".repeat(32), terms: null, anchors: 0, certificate: null });
});
