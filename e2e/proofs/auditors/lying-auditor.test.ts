/** One auditor's token in a liar's hands: it makes no answer wrong, and the token ends. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { readConfig } from "../../../server/config.ts";
import { type RunningCoordinator, startCoordinator } from "../../../server/start-coordinator.ts";
import { ModelRuns } from "../../../server/trusted/model-runs.ts";
import { createParitabClient, type ParitabClient } from "../../../shared/sdk/paritab-client.ts";
import { type Answerer, type AnsweringVolunteer, openAnsweringVolunteer } from "../../crowd/answering-volunteer.ts";
import { Submitter } from "../attacks/attacked-coordinator.ts";
import { answersTo, type HonestWork, honestWork, wrongOf } from "../attacks/honest-job.ts";

const QUERIES = 600;
const TABS = 8;
const SEATS = 16;
const HONEST_PIECES = 3;
const JOB_MS_MAX = 120_000;

let coordinator: RunningCoordinator;
let directory: string;
let admin: ParitabClient;
let crowd: AnsweringVolunteer[] = [];
let runs: ModelRuns | null = null;
let isOver = false;

async function begin(answer: Answerer): Promise<void> {
  directory = await mkdtemp(join(tmpdir(), "paritab-lying-auditor-"));
  const environment = { PARITAB_LOG_LEVEL: "silent", PARITAB_AUTH: "on" };
  const config = readConfig(environment, ["--port", "0", "--data-dir", directory, "--allow-faults"]);
  coordinator = await startCoordinator(config);
  admin = createParitabClient({ baseUrl: coordinator.url, token: coordinator.adminToken! });
  isOver = false;
  crowd = await Promise.all(
    Array.from({ length: TABS }, (_, n) => openAnsweringVolunteer(coordinator.url, `tab ${n}`, answer, "cpu")),
  );
}

afterEach(async () => {
  isOver = true;
  for (const tab of crowd) tab.stop();
  runs?.close();
  await coordinator.close();
  await rm(directory, { recursive: true });
});

const lie = (outputs: Float32Array) => outputs.map((value) => value + 1);

interface Told {
  pieces: number;
  lies: number;
  isRefused: boolean;
}

/** Honest for a while, then never again; after each refusal back under another name. Ends with the test or its token. */
async function lyingAuditor(work: HonestWork): Promise<{ told: Told; token: string }> {
  const { token } = await admin.createToken({ submitter: "rack", scopes: ["audit"], days: null });
  // As the command computes: in processes, with the coordinator's library.
  runs = new ModelRuns({ processes: 1 });
  const { bundle } = work.model;
  const asked = {
    model: { sha256: "its model", bundle },
    jobId: "piece",
    submitter: "coordinator",
    lane: "check",
    implementation: "tab",
  } as const;
  const told: Told = { pieces: 0, lies: 0, isRefused: false };
  const call = (path: string, body: string | Uint8Array<ArrayBuffer> | null) =>
    fetch(`${coordinator.url}/api/auditors/${path}`, {
      method: body === null ? "GET" : "POST",
      headers: {
        authorization: `Bearer ${token}`,
        "content-type": typeof body === "string" ? "application/json" : "application/octet-stream",
      },
      body,
    });
  let names = 0;
  const seat = async () => {
    let name = `name-${names++}`;
    while (!isOver) {
      const next = await call(`${name}/pieces`, JSON.stringify({ name: "rack", seats: SEATS }));
      if (next.status === 401) {
        told.isRefused = true;
        return;
      }
      if (next.status === 403) name = `name-${names++}`;
      const { piece } = next.status === 200 ? await next.json() : { piece: null };
      if (piece === null) continue;
      const base = `${name}/pieces/${piece.pieceId}`;
      const rows = new Float32Array(await (await call(`${base}/rows`, null)).arrayBuffer());
      const isLie = told.pieces++ >= HONEST_PIECES;
      const right = await runs!.run({ ...asked, inputs: rows, rowCount: piece.rowCount });
      if (isLie) told.lies++;
      await call(`${base}/outputs?cpuMs=5`, new Uint8Array((isLie ? lie(right) : right).buffer as ArrayBuffer));
    }
  };
  for (let n = 0; n < SEATS; n++) void seat().catch(() => {});
  return { told, token };
}

async function submit(work: HonestWork) {
  const scopes = ["submit", "read", "cancel"] as const;
  const { token } = await admin.createToken({ submitter: "ada", scopes: [...scopes], days: null });
  const ada = new Submitter(createParitabClient({ baseUrl: coordinator.url, token }));
  const jobId = await ada.submit(work.model, work.queries, { task: "regression" });
  const state = async () => (await ada.client.job(jobId)).state;
  return { ada, jobId, state };
}

test("[VF17] an auditor that lies makes no answer wrong; its token ends with its first lie, for every name it takes", async () => {
  const work = await honestWork(QUERIES, 1);
  await begin(await answersTo(work, 20));
  const { told, token } = await lyingAuditor(work);
  await expect.poll(async () => (await admin.auditors()).length, { timeout: 20_000 }).toBeGreaterThan(0);
  const { ada, jobId, state } = await submit(work);
  await expect.poll(state, { timeout: JOB_MS_MAX }).toBe("done");
  expect(told.lies, "it lied").toBeGreaterThan(0);
  expect(await wrongOf(work, ada, jobId)).toEqual({ wrong: 0, answers: QUERIES * 4 });
  expect((await admin.quarantines()).filter(({ quarantine }) => quarantine !== null)).toEqual([]);
  await expect.poll(() => told.isRefused, { timeout: 20_000 }).toBe(true);
  const again = await fetch(`${coordinator.url}/api/auditors/new/alive`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ pieceIds: [] }),
  });
  expect(again.status).toBe(401);
});
