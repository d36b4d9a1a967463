/** Auditors as operators run them: the command, its token, real processes, and their ends. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EXIT } from "../../../server/cli/exit-codes.ts";
import { createParitabClient, type ParitabClient } from "../../../shared/sdk/paritab-client.ts";
import { type CoordinatorInProcess, coordinatorInProcess } from "../../coordinators/coordinator-in-process.ts";
import { cli } from "../../specs/terminal/fake-terminal.ts";

const PARITAB = fileURLToPath(new URL("../../../server/cli/paritab.mjs", import.meta.url));
const POLL = { timeout: 60_000 };
/** An account carries as many: of a smaller first job the coordinator computes all rows itself, and nothing is left to audit. */
const QUERIES = 1_000;

let coordinator: CoordinatorInProcess;
let admin: ParitabClient;
let token: string;
let home: string;
const started: ChildProcess[] = [];

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "paritab-auditor-"));
  let adminToken = "";
  const asAdmin: typeof fetch = (input, init) =>
    fetch(input, { ...init, headers: { ...init?.headers, authorization: `Bearer ${adminToken}` } });
  coordinator = await coordinatorInProcess({ PARITAB_AUTH: "on" }, asAdmin);
  adminToken = coordinator.adminToken!;
  admin = createParitabClient({ baseUrl: coordinator.url, token: adminToken });
  token = (await admin.createToken({ submitter: "rack", scopes: ["audit"], days: null })).token;
  await coordinator.openTabs(4);
});
afterAll(async () => {
  for (const child of started) child.kill("SIGKILL");
  await coordinator.close();
  rmSync(home, { recursive: true, force: true });
});

function start(name: string): ChildProcess {
  const child = spawn(process.execPath, [PARITAB, "auditor", "--name", name, "--processes", "1"], {
    env: { ...process.env, PARITAB_URL: coordinator.url, PARITAB_TOKEN: token, XDG_CONFIG_HOME: home },
    stdio: ["ignore", "ignore", "pipe"],
  });
  started.push(child);
  return child;
}

const names = async () => (await admin.auditors()).map(({ name }) => name);

/** @returns the share of the digits that are right */
async function job(queryCount = QUERIES): Promise<number | null> {
  const source = { kind: "sample", sample: "mnist", queryCount } as const;
  const settings = { queriesPerGroup: 2, stragglers: 1, liars: 0 };
  const { jobId } = await admin.submit({ kind: "inference", source, ...settings });
  const indices: number[] = [];
  for await (const { index } of admin.follow(jobId)) indices.push(index);
  expect(indices).toEqual(Array.from({ length: queryCount }, (_, i) => i));
  return (await admin.inferenceJob(jobId)).accuracy;
}

test("[VF17] the command computes the rows of checks; SIGTERM ends it in good order, and jobs go on without it", async () => {
  const auditor = start("rack 1");
  await expect.poll(names, POLL).toEqual(["rack 1"]);
  expect(await job()).toBeGreaterThan(0.9);
  const [view] = await admin.auditors();
  expect(view).toMatchObject({ seats: 1, dismissedFor: null });
  expect(view!.rows).toBeGreaterThan(4);
  expect(view!.checkedPieces).toBeGreaterThanOrEqual(1);
  auditor.kill("SIGTERM");
  expect(await new Promise((resolve) => auditor.once("close", resolve))).toBe(EXIT.terminated);
  expect(await names()).toEqual([]);
  expect(await job()).toBeGreaterThan(0.9);
});

test("[VF17] an auditor that is killed in the middle holds no job up for good", async () => {
  const auditor = start("rack 2");
  await expect.poll(names, POLL).toEqual(["rack 2"]);
  const done = job(2 * QUERIES);
  await expect.poll(async () => (await admin.auditors())[0]?.rows ?? 0, POLL).toBeGreaterThan(0);
  auditor.kill("SIGKILL");
  expect(await done).toBeGreaterThan(0.9);
  await expect.poll(names, POLL).toEqual([]);
});

test("[AC15] a token without the scope, or none, is refused at once and said", async () => {
  const other = await admin.createToken({ submitter: "ada", scopes: ["submit", "read"], days: null });
  for (const given of [other.token, ""]) {
    const environment = { PARITAB_URL: coordinator.url, PARITAB_TOKEN: given, XDG_CONFIG_HOME: home };
    const { code, said } = await cli(["auditor"], { environment });
    expect(code).toBe(EXIT.notAllowed);
    expect(said).toMatch(/expected a token with the scope audit, got submit, read|got no token/);
  }
});

test("[AC15] where no tokens are wanted there are no auditors", async () => {
  const open = await coordinatorInProcess();
  try {
    const environment = { PARITAB_URL: open.url, XDG_CONFIG_HOME: home };
    const { code, said } = await cli(["auditor"], { environment });
    expect(code).toBe(EXIT.notReady);
    expect(said).toContain("expected a coordinator that needs tokens (PARITAB_AUTH=on)");
  } finally {
    await open.close();
  }
});
