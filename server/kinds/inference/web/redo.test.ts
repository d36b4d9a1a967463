/** [TB] Answers that are not final are done again, over HTTP: what both jobs say together, what receipts say, and what is refused. */
import type { AddressInfo } from "node:net";
import type { FastifyInstance } from "fastify";
import { afterEach, expect, test } from "vitest";
import { ShellWithTabs, type TabBehaviour } from "../../../../e2e/crowd/shell-with-tabs.ts";
import { checkSignedJob, checksThat, parsedReceipt, signedJob } from "../../../../e2e/crowd/signed-job.ts";
import { createPlainRuntime } from "../../../../shared/compute/runtimes/tfjs/plain-runtime.ts";
import type { InferenceJobView } from "../../../../shared/kinds/inference/job-view.ts";
import { encodeNpy, parseNpy } from "../../../../shared/protocol/npy.ts";
import { checkRedone } from "../../../../shared/receipts/check-redone.ts";
import { receiptFile } from "../../../../shared/receipts/receipt-file.ts";
import { receiptParagraph } from "../../../../shared/receipts/receipt-words.ts";
import {
  RECEIPT_FORMAT,
  type Statement,
  type StatementBody,
  statementHash,
  statementMessage,
} from "../../../../shared/receipts/sealed-receipt.ts";
import { createParitabClient, type ParitabClient } from "../../../../shared/sdk/paritab-client.ts";
import { INPUT_SIZE, model, QUERIES, queries, SYSTEMATIC } from "../../../shell/testing/small-job.ts";
import { createApi } from "../../../web/api.ts";
import { createHostRules } from "../../../web/host-rules.ts";
import type { AllAnswers, RedoIntake } from "../port.ts";
import { inferenceCodec, type StoredJob } from "../records.ts";

let desk: ShellWithTabs;
let app: FastifyInstance;
let client: ParitabClient;
afterEach(async () => {
  app.server.closeAllConnections();
  await app.close();
  desk.close();
});

/** The third of four tabs lies from then on in the jobs that it is told to. */
let isLying = false;
/** Nobody answers before this. */
let held: Promise<void> | null = null;

async function open(): Promise<void> {
  isLying = false;
  held = null;
  const tabs = Array.from(
    { length: 4 },
    (_, tab): TabBehaviour => ({
      async answers({ outputs }) {
        await held;
        return isLying && tab === 3 ? outputs.map((value) => -value) : outputs;
      },
    }),
  );
  desk = await ShellWithTabs.open(tabs);
  const hostRules = createHostRules(null, "127.0.0.1");
  const directories = { client: null, swarm: null };
  app = await createApi({ port: desk.shell, store: desk.store, hostRules, directories, isHttps: false });
  await app.listen({ port: 0, host: "127.0.0.1" });
  client = createParitabClient({ baseUrl: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}` });
}

const TIMES = 4;
const ROWS = TIMES * QUERIES;
const rows = Float32Array.from({ length: ROWS * INPUT_SIZE }, (_, i) => queries[i % queries.length]!);
const CODE = { ...SYSTEMATIC, stragglers: 0, liars: 0, answerBound: 0.3 };

async function run(settings: object = {}): Promise<string> {
  const [modelSha256, queriesSha256, labelsSha256] = await Promise.all([
    desk.store.putBlob(model),
    desk.upload({ dtype: "F32", shape: [ROWS, INPUT_SIZE], data: rows }),
    desk.upload({ dtype: "U8", shape: [ROWS], data: new Uint8Array(ROWS) }),
  ]);
  return desk.run({ ...CODE, ...settings, source: { kind: "uploads", modelSha256, queriesSha256, labelsSha256 } });
}

/** A job that has ended, of which one volunteer is named later. */
async function takenBackJob(): Promise<string> {
  await open();
  const jobId = await run();
  isLying = true;
  const isNamed = () => desk.shell.volunteers().some(({ quarantine }) => quarantine !== null);
  for (let job = 0; job < 20 && !isNamed(); job++) await run({ name: `later ${job}` });
  expect(view(jobId).takenBackCount).toBeGreaterThan(0);
  return jobId;
}

const view = (jobId: string) => desk.shell.jobView(jobId) as InferenceJobView;
const answersOf = async (jobId: string, isMerged = false) =>
  structuredClone((await desk.shell.desks.inference.allAnswers(jobId, isMerged)) as AllAnswers);

test("[TB4] [TB5] what was taken back is done again: together all is final and right, and the first job and its receipt are as they were", async () => {
  const jobId = await takenBackJob();
  const [before, takenBackCount] = [await answersOf(jobId), view(jobId).takenBackCount!];
  const first = parsedReceipt(await signedJob(desk, jobId)).statements;
  const begun = await client.redo(jobId, "taken-back");
  expect(begun).toMatchObject({ rows: takenBackCount, isNew: true });
  await desk.ended(begun.jobId);
  expect(view(begun.jobId)).toMatchObject({ state: "done", redoOf: jobId, queryCount: takenBackCount });
  expect(view(jobId)).toMatchObject({ redoneBy: [begun.jobId], takenBackCount });

  expect(await answersOf(jobId)).toEqual(before);
  const merged = await answersOf(jobId, true);
  expect([...merged.final].filter((isFinal) => isFinal === 0)).toEqual([]);
  const own = await (await createPlainRuntime().load(model)).run(rows, ROWS);
  for (const [i, value] of own.entries()) expect(merged.outputs[i]).toBeCloseTo(value, 4);
  const npy = parseNpy(await client.redoneFile(jobId, "npy"));
  expect([...npy.data]).toEqual([...merged.outputs]);
  expect([...parseNpy(await client.answersFile(jobId, "npy")).data]).toEqual([...before.outputs]);

  // The first receipt has a second part, with dates; nothing of the first one is another.
  const signed = await signedJob(desk, jobId);
  const checked = await checkSignedJob(signed);
  expect(checksThat(checked, "broken")).toEqual([]);
  const { statements } = parsedReceipt(signed);
  expect(statements.slice(0, first.length)).toEqual(first);
  expect(statements.map(({ body }) => body.what)).toEqual(["ended", "quarantined", "redone"]);
  expect(checked.takenBack).toMatchObject([{ volunteerId: "volunteer-03" }]);
  expect(checked.takenBack[0]!.queries).toHaveLength(takenBackCount);
  const paragraph = receiptParagraph(checked, checked.findings, 0);
  expect(paragraph).toContain(`Rows of this job were redone by job ${begun.jobId}`);
  expect(paragraph).toContain(new Date(checked.takenBack[0]!.atMs).toUTCString());
  const later = await signedJob(desk, begun.jobId);
  expect(checksThat(await checkSignedJob(later), "broken")).toEqual([]);
  expect(checkRedone(parsedReceipt(signed), parsedReceipt(later)).state).toBe("holds");

  await expect(client.redo(jobId, "taken-back")).rejects.toMatchObject({ status: 409, code: "nothing-to-redo" });
  await desk.restart();
  expect(view(jobId).redoneBy).toEqual([begun.jobId]);
  expect(await answersOf(jobId, true)).toEqual(merged);
  expect(parsedReceipt(await signedJob(desk, jobId)).statements).toEqual(statements);
});

test("[TB4] whoever asks again and again has one job of it at a time, and none of what a later job does", async () => {
  const jobId = await takenBackJob();
  let letGo = () => {};
  held = new Promise((resolve) => {
    letGo = resolve;
  });
  const begun = await Promise.all([client.redo(jobId), client.redo(jobId), client.redo(jobId)]);
  expect(await client.redo(jobId)).toMatchObject({ jobId: begun[0].jobId, isNew: false });
  letGo();
  expect(new Set(begun.map((one) => one.jobId)).size).toBe(1);
  expect(begun.filter(({ isNew }) => isNew)).toHaveLength(1);
  const laterId = begun[0].jobId;
  await desk.ended(laterId);
  await expect(client.redo(laterId)).rejects.toMatchObject({ status: 409, code: "is-a-redo" });
  await expect(client.redo("nobody-s")).rejects.toMatchObject({ status: 404 });
});

test("[TB4] a job that does its rows again at another coordinator is the one that is at work", async () => {
  const jobId = await takenBackJob();
  // It was kept here before the other one began.
  await answersOf(jobId);
  const first = inferenceCodec.fromRecord((await desk.store.job(jobId))!);
  const redoOf = {
    jobId,
    rowsSha256: await desk.store.putBlob(encodeNpy({ dtype: "U32", shape: [2], data: Uint32Array.of(0, 1) })),
  };
  const elsewhere = {
    ...first,
    jobId: "elsewhere",
    state: "running",
    finishedMs: null,
    queryCount: 2,
    redoOf,
  } as const;
  const record = (job: StoredJob) => ({ kind: "job", job: inferenceCodec.toRecord(job) }) as const;
  await desk.store.apply([record({ ...first, redoneBy: ["elsewhere"] }), record(elsewhere)]);
  expect(await client.redo(jobId)).toEqual({ jobId: "elsewhere", rows: 2, isNew: false });
  expect(await answersOf(jobId, true)).toEqual(await answersOf(jobId));
  await desk.store.apply([record({ ...elsewhere, state: "failed", finishedMs: 5, error: "why" })]);
  expect(await client.redo(jobId)).toMatchObject({ isNew: true });
});

test("[TB4] [JB8] a redo that is refused leaves nothing in the job, and one of a job that is deleted meanwhile does not bring it back", async () => {
  const jobId = await takenBackJob();
  const redoing = (meanwhile: () => Promise<unknown>, submit: Parameters<RedoIntake["submit"]>[0] | null = null) =>
    desk.shell.desks.inference.redo(jobId, "not-final", {
      put: (bytes) => desk.store.putBlob(bytes),
      async submit(submission, begin) {
        await meanwhile();
        return begin(submit ?? submission, "later");
      },
    });
  const nameless = {
    kind: "inference",
    source: { kind: "uploads", modelSha256: "0".repeat(64), queriesSha256: "0".repeat(64) },
  };
  expect(await redoing(async () => {}, nameless as never)).toMatchObject({ status: 422 });
  expect(inferenceCodec.fromRecord((await desk.store.job(jobId))!).redoneBy).toBeUndefined();
  expect(view(jobId).redoneBy).toBeUndefined();
  expect(await redoing(() => desk.shell.deleteJob(jobId))).toMatchObject({ status: 404, code: "unknown-job" });
  expect(await desk.store.job(jobId)).toBeNull();
});

test("[LJ4] rows of several jobs are made ready to be done again one job after the other", async () => {
  await open();
  const settings = { answerBound: 1e-9, coordinatorRowsMax: 1 };
  const jobIds = [await run({ ...settings, name: "one" }), await run({ ...settings, name: "another" })];
  const steps: string[] = [];
  const redo = (jobId: string) =>
    desk.shell.desks.inference.redo(jobId, "not-final", {
      async put(bytes) {
        steps.push(jobId);
        await new Promise((resolve) => setTimeout(resolve, 20));
        return desk.store.putBlob(bytes);
      },
      submit: async () => ({ status: 409, code: "enough", message: "nothing is to be done" }),
    });
  expect(await Promise.all(jobIds.map(redo))).toMatchObject([{ code: "enough" }, { code: "enough" }]);
  expect(steps).toHaveLength(6);
  expect(steps).toEqual([...steps].sort((a, b) => jobIds.indexOf(a) - jobIds.indexOf(b)));
});

test("[TB4] answers that nothing checks are not done again, and what is gone is said to be", async () => {
  await open();
  const unchecked = await run({ scheme: "uncoded" });
  await expect(client.redo(unchecked)).rejects.toMatchObject({ status: 409, code: "not-checked" });
  const bounded = await run({ answerBound: 1e-9, coordinatorRowsMax: 1 });
  expect(view(bounded).finalCount).toBeLessThan(ROWS);
  // What ended long ago lets go of its queries and its model; what nobody looked for since the last time goes.
  for (let time = 0; time < 2; time++) await desk.store.collectBlobs(new Set(), Number.POSITIVE_INFINITY);
  await expect(client.redo(bounded)).rejects.toMatchObject({ status: 410, code: "data-gone" });
});

test("[TB4] nobody says of a job of its own that it does rows of another one again", async () => {
  const jobId = await takenBackJob();
  const forged = {
    kind: "inference",
    source: { kind: "sample", sample: "mnist" },
    redoOf: { jobId, rowsSha256: "0".repeat(64) },
  };
  await expect(client.submit(forged as never)).rejects.toMatchObject({ status: 400 });
});

test("[TB5] a coordinator that names another job's receipt, or changes what was done again, is found", async () => {
  const jobId = await takenBackJob();
  const { jobId: laterId } = await client.redo(jobId);
  await desk.ended(laterId);
  const other = parsedReceipt(await signedJob(desk, await run({ name: "another" })));
  const [first, later] = [parsedReceipt(await signedJob(desk, jobId)), parsedReceipt(await signedJob(desk, laterId))];
  expect(checkRedone(first, later)).toMatchObject({ state: "holds" });
  expect(checkRedone(first, other)).toMatchObject({ state: "broken" });
  expect(checkRedone(other, later)).toMatchObject({ state: "broken" });
  const changed = structuredClone(later);
  (changed.statements[0]!.body as { atMs: number }).atMs++;
  expect(checkRedone(first, changed)).toMatchObject({
    state: "broken",
    text: expect.stringContaining("a byte of it was changed"),
  });
  const relinked = structuredClone(first);
  const [redone] = relinked.statements.flatMap(({ body }) => (body.what === "redone" ? [body] : []));
  redone!.jobId = "another-job";
  expect(checkRedone(relinked, later)).toMatchObject({
    state: "broken",
    text: expect.stringContaining("not of this one"),
  });
});

test("[RC5] an amendment that names an honest volunteer is believed: it is the coordinator's word, with its signature and date", async () => {
  await open();
  const jobId = await run();
  const signed = await signedJob(desk, jobId);
  const sealed = parsedReceipt(signed);
  const [last] = sealed.statements.slice(-1) as [Statement];
  let body!: StatementBody;
  const { signature } = await desk.signer.sign((keyId) => {
    const said = { what: "quarantined", jobId, volunteerId: "volunteer-01", reason: "nothing at all" } as const;
    body = { ...said, format: RECEIPT_FORMAT, seq: 1, atMs: 7, before: statementHash(last), keyId };
    return statementMessage(body);
  });
  const forged = receiptFile({ ...sealed, statements: [last, { body, signature }] });
  const checked = await checkSignedJob({ ...signed, receipt: forged });
  expect(checksThat(checked, "broken")).toEqual([]);
  expect(checked.takenBack).toMatchObject([{ volunteerId: "volunteer-01", atMs: 7, reason: "nothing at all" }]);
  // Whoever has no key of the coordinator's cannot even that.
  const unsigned = receiptFile({ ...sealed, statements: [last, { body, signature: last.signature }] });
  expect(checksThat(await checkSignedJob({ ...signed, receipt: unsigned }), "broken")).toEqual(["statements"]);
});
