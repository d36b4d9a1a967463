/** What an operator gets, on the real process with the real store, sockets and disk. */
import { execFileSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { connect, type Socket as NetSocket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { io } from "socket.io-client";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { SessionCore } from "../../../client/session/session-core.ts";
import { verify } from "../../../server/operator/audit-log-command.ts";
import { runTokens } from "../../../server/operator/tokens-command.ts";
import { freePort } from "../../../server/testing/free-port.ts";
import { createParitabClient, type InferenceSubmissionInput } from "../../../shared/sdk/paritab-client.ts";
import { type CoordinatorProcess, type ProcessOptions, startProcess } from "../../coordinators/coordinator-process.ts";

const QUIET = { PARITAB_LOG_LEVEL: "debug" };
/** Longer than what each polls for together: the tabs are real ones, and a busy machine opens them slowly. */
const TEST_MS_MAX = 240_000;
const CROWD = ["--allow-faults"]; // lets programs without an Origin connect as tabs

let dataDirectory: string;
let running: CoordinatorProcess[];
let tabs: SessionCore[];

beforeEach(() => {
  dataDirectory = mkdtempSync(join(tmpdir(), "paritab-operator-"));
  running = [];
  tabs = [];
});
afterEach(async () => {
  for (const tab of tabs) tab.stop();
  for (const coordinator of running) await coordinator.end("SIGKILL");
  rmSync(dataDirectory, { recursive: true, force: true });
  vi.restoreAllMocks();
});

async function start(options: Partial<ProcessOptions> = {}): Promise<CoordinatorProcess> {
  const coordinator = await startProcess({ dataDirectory, environment: QUIET, ...options });
  running.push(coordinator);
  return coordinator;
}

async function openTabs(url: string, count: number): Promise<void> {
  const file = fileURLToPath(new URL("../../../build/client/build.json", import.meta.url));
  const { buildHash } = JSON.parse(readFileSync(file, "utf8")) as { buildHash: string };
  vi.doMock("../../../client/session/build-hash.ts", () => ({ BUILD_HASH: buildHash }));
  const { openNodeTab } = await import("../../crowd/node-tab.ts");
  for (let n = 0; n < count; n++) tabs.push(await openNodeTab(url, `node tab ${n}`));
}

const digits = (queryCount: number): InferenceSubmissionInput => ({
  kind: "inference",
  source: { kind: "sample", sample: "mnist", queryCount },
});
const metric = (text: string, name: string) =>
  Number(new RegExp(`^${name.replace(/[{}"]/g, "\\$&")} (\\S+)$`, "m").exec(text)?.[1]);

describe("tokens", () => {
  test("[AC8] the first start that needs tokens prints the administrator's once, not in the log, and the next start none", async () => {
    const environment = { ...QUIET, PARITAB_AUTH: "on" };
    const first = await start({ environment });
    const token = first.adminToken!;
    expect(token).toMatch(/^ptb_/);
    const admin = createParitabClient({ baseUrl: first.url, token });
    expect(await admin.whoAmI()).toEqual({
      tokensNeeded: true,
      submitter: "administrator",
      scopes: ["admin"],
      jobId: null,
    });
    const ada = createParitabClient({
      baseUrl: first.url,
      token: (await admin.createToken({ submitter: "ada" })).token,
    });
    const { jobId } = await ada.submit(digits(20));
    await expect(createParitabClient({ baseUrl: first.url }).jobs()).rejects.toMatchObject({ status: 401 });
    await first.end("SIGTERM");
    const log = first.output().replace(/^ {2}administrator's token.*$/m, "");
    expect(log).toContain('"msg":"drained"');
    expect(log).not.toContain(token);

    const second = await start({ environment });
    expect(second.adminToken).toBeNull();
    expect((await createParitabClient({ baseUrl: second.url, token }).jobs()).map((job) => job.jobId)).toEqual([jobId]);
    const again = createParitabClient({ baseUrl: second.url, token });
    expect((await again.tokens()).map(({ submitter }) => submitter)).toEqual(["administrator", "ada"]);
  });

  test("[AC1] the tokens command asks a coordinator that runs, and opens the directory of one that does not", async () => {
    const lines: string[] = [];
    const run = (argv: string[], environment: Record<string, string>) =>
      runTokens(argv, environment, (line) => lines.push(line));
    const offline = { PARITAB_DATA_DIR: dataDirectory };
    expect(await run(["create", "operator", "--scopes", "admin", "--offline"], offline)).toBe(0);
    const token = /shown this once: (\S+)/.exec(lines.at(-1)!)![1]!;
    const { url, adminToken } = await start({ environment: { ...QUIET, PARITAB_AUTH: "on" } });
    expect(adminToken).toBeNull();
    const online = { PARITAB_URL: url, PARITAB_TOKEN: token };
    expect(await run(["create", "ada", "--days", "30"], online)).toBe(0);
    const tokenId = /^\S+/.exec(lines.at(-1)!)![0];
    expect(await run(["revoke", tokenId], online)).toBe(0);
    expect(await run(["list"], online)).toBe(0);
    expect(lines.slice(-2).map((line) => line.replace(/\d{4}-\d\d-\d\d/g, "DAY").slice(tokenId.length))).toEqual([
      "  operator  admin  since DAY, until revoked",
      "  ada  submit,read,cancel  since DAY, revoked DAY",
    ]);
    expect(await run(["create"], online)).toBe(2);
    await expect(run(["create", "x", "--days", "0"], online)).rejects.toThrow(/token: days: /);
    await expect(run(["list", "--offline"], offline)).rejects.toThrow(/in use by another coordinator/);
  });
});

describe("what it tells", () => {
  test("[OP8] strangers who ask and are refused leave one line in the audit log, however often", async () => {
    const coordinator = await start({ environment: { ...QUIET, PARITAB_AUTH: "on" } });
    const logPath = join(dataDirectory, "audit.log");
    const ask = (headers: Record<string, string>) => fetch(`${coordinator.url}/api/jobs`, { method: "POST", headers });
    for (let n = 0; n < 200; n++) {
      expect((await ask({})).status).toBe(401);
      expect((await ask({ authorization: "Bearer ptb_guessed", origin: "https://evil.example" })).status).toBe(403);
    }
    expect((await ask({ authorization: `Bearer ${coordinator.adminToken}` })).status).toBe(400);
    expect(await coordinator.end("SIGTERM")).toBe(0);
    const lines = readFileSync(logPath, "utf8").trim().split("\n");
    const entries = lines.map((line) => JSON.parse(line) as { what: string });
    expect(entries).toMatchObject([
      { what: "started" },
      { what: "first-admin-token" },
      { what: "asked", status: 400 },
      { what: "refused", byStatus: { 401: 200, 403: 200 } },
      { what: "stopped" },
    ]);
    vi.spyOn(console, "log").mockImplementation(() => {});
    expect(await verify(logPath, null)).toBe(0);
  });

  test("[OP4] health, readiness and metrics follow what happens", async () => {
    const coordinator = await start({ flags: CROWD });
    const { url } = coordinator;
    const client = createParitabClient({ baseUrl: url });
    const metrics = async () => (await fetch(`${url}/metrics`)).text();
    expect(metric(await metrics(), "paritab_store_ok")).toBe(1);
    await openTabs(url, 4);
    const { jobId } = await client.submit(digits(100));
    await expect.poll(async () => (await client.inferenceJob(jobId)).state).toBe("done");
    const text = await metrics();
    // Of jobs at work: none is.
    expect(metric(text, 'paritab_rows_checked{what="answered"}')).toBe(0);
    expect(metric(text, 'paritab_rows_waiting{reason="fresh"}')).toBe(0);
    expect(metric(text, "paritab_namings_last_hour")).toBe(0);
    expect(metric(text, 'paritab_jobs_ended_total{kind="inference",state="done"}')).toBe(1);
    expect(metric(text, 'paritab_sessions{state="idle"}')).toBe(4);
    expect(metric(text, 'paritab_http_seconds_count{method="POST",route="/api/jobs",status="2xx"}')).toBe(1);
    expect(metric(text, "paritab_disk_free_bytes")).toBeGreaterThan(0);
    expect(text).toContain("nodejs_eventloop_lag_seconds");
    // Of a loop that was looked at: else the least is without end, and the mean is no number.
    expect(text).toMatch(/^nodejs_eventloop_lag_min_seconds \d{1,3}(\.\d+)?$/m);
    expect(text).toMatch(/^nodejs_eventloop_lag_mean_seconds \d/m);
    for (const secret of [jobId, "node tab", tabs.length === 0 ? "" : "MNIST"]) expect(text).not.toContain(secret);
    expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ ok: true, problems: [] });
    const jobLines = coordinator
      .output()
      .split("\n")
      .filter((line) => line.includes(`"jobId":"${jobId}"`));
    expect(jobLines.map((line) => JSON.parse(line).state).filter(Boolean)).toEqual(
      expect.arrayContaining(["running", "done"]),
    );
  });

  test("[OP4] no address of anybody is written anywhere, whatever is asked and however it ends", async () => {
    const environment = { PARITAB_LOG_LEVEL: "trace", PARITAB_TRUST_PROXY: "1", PARITAB_AUTH: "on" };
    const coordinator = await start({ environment });
    const addresses = ["203.0.113.77", "2001:db8:aa:bb:cc:dd:ee:ff"];
    for (const address of addresses) {
      const headers = { "x-forwarded-for": address, authorization: `Bearer ${coordinator.adminToken}` };
      for (const path of ["/", "/api/jobs", "/api/nothing", "/api/jobs/none", "/metrics", "/%", "/blobs/x"]) {
        await fetch(`${coordinator.url}${path}`, { headers });
        await fetch(`${coordinator.url}${path}`, {
          headers: { "x-forwarded-for": address },
          method: "POST",
          body: "{",
        });
      }
      const post = { method: "POST", headers: { ...headers, "content-type": "application/json" } };
      await fetch(`${coordinator.url}/api/jobs`, { ...post, body: JSON.stringify(digits(20)) });
      await fetch(`${coordinator.url}/api/tokens`, { ...post, body: JSON.stringify({ submitter: "ada" }) });
      const socket = io(coordinator.url, {
        transports: ["websocket"],
        reconnection: false,
        extraHeaders: { origin: coordinator.url, "x-forwarded-for": address },
      });
      await new Promise((resolve) => socket.once("challenge", resolve));
      socket.emit("nonsense", address);
      await new Promise((resolve) => socket.once("disconnect", resolve));
    }
    expect(await coordinator.end("SIGTERM")).toBe(0);
    const texts = filesIn(dataDirectory).map((path) => readFileSync(path, "latin1"));
    expect(texts.length).toBeGreaterThan(2);
    for (const text of [coordinator.output(), ...texts]) {
      for (const trace of ["203.0.113.7", "2001:db8:aa:bb:", '127.0.0.1","remotePort'])
        expect(text).not.toContain(trace);
    }
    vi.spyOn(console, "log").mockImplementation(() => {});
    expect(await verify(join(dataDirectory, "audit.log"), null)).toBe(0);
    expect(readFileSync(join(dataDirectory, "audit.log"), "utf8")).toContain('"what":"job-submitted"');
  });
});

describe("a stop", { timeout: TEST_MS_MAX }, () => {
  test("[OP6] drains: what tabs have in hand comes in, the job goes on after the next start, and the chain is whole", async () => {
    const first = await start({ flags: CROWD });
    await openTabs(first.url, 4);
    const port = Number(new URL(first.url).port);
    const client = createParitabClient({ baseUrl: first.url });
    const { jobId } = await client.submit(digits(2_000));
    await expect.poll(async () => (await client.inferenceJob(jobId)).roundsDone).toBeGreaterThan(0);
    const roundsBefore = (await client.inferenceJob(jobId)).roundsDone;
    expect(await first.end("SIGTERM")).toBe(0);
    expect(first.output()).toContain('"cameIn":true');

    const second = await start({ flags: CROWD, port });
    expect((await client.inferenceJob(jobId)).roundsDone).toBeGreaterThanOrEqual(roundsBefore);
    await expect.poll(async () => (await client.inferenceJob(jobId)).state).toBe("done");
    expect((await client.inferenceJob(jobId)).answersByMark.missing).toBe(0);
    expect(await second.end("SIGTERM")).toBe(0);
    vi.spyOn(console, "log").mockImplementation(() => {});
    expect(await verify(join(dataDirectory, "audit.log"), null)).toBe(0);
  });

  test.each([
    { reached: "npm alone, which hands it on though the shell between does not", group: false },
    { reached: "the whole process group, as supervisors send it", group: true },
  ])("[OP6] [OP7] drains where SIGTERM reaches $reached", async ({ group }) => {
    const { spawn } = await import("node:child_process");
    const npm = spawn("npm", ["start", "--", "--port", "0", "--data-dir", dataDirectory], {
      cwd: fileURLToPath(new URL("../../..", import.meta.url)),
      env: { ...process.env, ...QUIET },
      stdio: ["ignore", "pipe", "pipe"],
      detached: group,
    });
    let output = "";
    npm.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    await expect.poll(() => output).toContain("listens on");
    // Nobody but its own user reads what it writes.
    for (const path of filesIn(dataDirectory)) expect([path, statSync(path).mode & 0o077]).toEqual([path, 0]);
    process.kill(group ? -npm.pid! : npm.pid!, "SIGTERM");
    // Its output ends when the coordinator itself has ended, not npm.
    await new Promise((resolve) => npm.stdout.once("close", resolve));
    expect(output).toContain('"msg":"drained"');
    vi.spyOn(console, "log").mockImplementation(() => {});
    expect(await verify(join(dataDirectory, "audit.log"), null)).toBe(0);
    expect(readFileSync(join(dataDirectory, "audit.log"), "utf8")).toContain('"what":"stopped"');
  });
});

describe("a disk that fails", { timeout: TEST_MS_MAX }, () => {
  const canLift = hasCommand("prlimit");

  test.skipIf(!canLift)(
    "[OP5] when it is full, what was accepted waits, says why, and goes on when there is room",
    async () => {
      const coordinator = await start({ flags: CROWD, fileKibMax: 4_000 });
      const { url } = coordinator;
      const client = createParitabClient({ baseUrl: url });
      const { jobId } = await client.submit(digits(2_000));
      // From here on no file may grow: the write-ahead log is the first to want to.
      const wal = Math.ceil(statSync(join(dataDirectory, "paritab.sqlite-wal")).size);
      execFileSync("prlimit", ["--pid", String(coordinator.pid), `--fsize=${wal}:`]);
      await openTabs(url, 4);
      await expect
        .poll(async () => (await client.inferenceJob(jobId)).waitingFor)
        .toMatch(/the store does not accept writes/);
      const ready = await fetch(`${url}/readyz`);
      expect([ready.status, (await ready.json()).problems]).toEqual([503, [expect.stringMatching(/store refuses/)]]);
      await expect(client.submit(digits(40))).rejects.toMatchObject({ status: 503 });
      await expect(client.uploadTensor(new Uint8Array(8_000_000))).rejects.toMatchObject({ status: 400 });

      execFileSync("prlimit", ["--pid", String(coordinator.pid), "--fsize=unlimited:"]);
      await expect.poll(async () => (await client.inferenceJob(jobId)).state).toBe("done");
      expect((await client.inferenceJob(jobId)).answersByMark.missing).toBe(0);
      expect((await fetch(`${url}/readyz`)).status).toBe(200);
      await client.submit(digits(40));
    },
  );

  test.skipIf(!existsSync("/dev/full"))(
    "[OP5] when its log has no room, it works on without one, and stops as ever",
    async () => {
      const { spawn } = await import("node:child_process");
      const port = await freePort();
      const full = openSync("/dev/full", "w");
      const args = ["server/start.mjs", "--port", String(port), "--data-dir", dataDirectory];
      const child = spawn(process.execPath, args, {
        cwd: fileURLToPath(new URL("../../..", import.meta.url)),
        env: { ...process.env, PARITAB_LOG_LEVEL: "trace" },
        stdio: ["ignore", full, "ignore"],
      });
      closeSync(full);
      const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
      try {
        const url = `http://127.0.0.1:${port}`;
        const isReady = async () => (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) })).status;
        await expect.poll(() => isReady().catch(() => null), { timeout: 60_000 }).toBe(200);
        const client = createParitabClient({ baseUrl: url });
        const { jobId } = await client.submit(digits(40));
        await client.cancel(jobId);
        expect((await client.inferenceJob(jobId)).state).toBe("cancelled");
        child.kill("SIGTERM");
        expect(await exited).toBe(0);
      } finally {
        child.kill("SIGKILL");
      }
    },
  );

  test("[OP5] a blob that was damaged fails its job with the reason, and other jobs go on", async () => {
    const first = await start({ flags: CROWD });
    const port = Number(new URL(first.url).port);
    const client = createParitabClient({ baseUrl: first.url });
    const damaged = await client.submit(digits(60));
    const well = await client.submit(digits(80));
    await first.end("SIGKILL");
    const queries = filesIn(join(dataDirectory, "blobs")).filter((path) => statSync(path).size === 60 * 784 + 128);
    expect(queries).toHaveLength(1);
    writeFileSync(queries[0]!, Buffer.alloc(60 * 784 + 128));

    await start({ flags: CROWD, port });
    await openTabs(first.url, 4);
    await expect.poll(async () => (await client.inferenceJob(damaged.jobId)).state).toBe("failed");
    expect((await client.inferenceJob(damaged.jobId)).error).toMatch(/corrupt on disk/);
    await expect.poll(async () => (await client.inferenceJob(well.jobId)).state).toBe("done");
  });
});

describe("slow senders", () => {
  test("[AC12] hundreds of headers that never end are cut off, and an honest client is served meanwhile", async () => {
    const { url } = await start();
    const { port } = new URL(url);
    const SLOW = 300;
    let cut = 0;
    const sockets: NetSocket[] = [];
    for (let n = 0; n < SLOW; n++) {
      const socket = connect(Number(port), "127.0.0.1");
      socket.on("error", () => {});
      socket.on("close", () => cut++);
      socket.write("GET / HTTP/1.1\r\nhost: localhost\r\nx-a: ");
      sockets.push(socket);
    }
    const drip = setInterval(() => {
      for (const socket of sockets) if (socket.writable) socket.write("a");
    }, 500);
    for (let n = 0; n < 10; n++) expect((await fetch(`${url}/healthz`)).status).toBe(200);
    await expect.poll(() => cut).toBe(SLOW);
    clearInterval(drip);
  });
});

function filesIn(directory: string): string[] {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

function hasCommand(name: string): boolean {
  try {
    execFileSync(name, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
