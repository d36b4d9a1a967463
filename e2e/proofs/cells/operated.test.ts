/** A service of two cells as its operator meets it: started by the lines of docs/scaling.md, seen whole from either, backed up, and restored. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { runBackups } from "../../../server/backups/backups-command.ts";
import { capacityOf } from "../../../server/cli/commands/capacity.ts";
import { SETTINGS } from "../../../server/config.ts";
import { PostgresServer, postgresPrograms, sayWithoutPostgres } from "../../../server/store/testing/postgres-server.ts";
import { freePort } from "../../../server/testing/free-port.ts";
import { createParitabClient, type ParitabClient } from "../../../shared/sdk/paritab-client.ts";
import { type CoordinatorProcess, startProcess } from "../../coordinators/coordinator-process.ts";
import { CreditLedger } from "../torture/credit-ledger.ts";
import { Volunteer } from "../torture/volunteer.ts";
import { Balancer, type ProxyHeaders } from "./balancer.ts";
import { isNginxThere, Nginx } from "./nginx.ts";

sayWithoutPostgres("a service that is started by docs/scaling.md");

const PAGE = readFileSync(join(import.meta.dirname, "../../../docs/scaling.md"), "utf8");
const VOLUNTEERS = 5;
const LOOK_MS = 100;
const SEEN_MS_MAX = 30_000;
const JOB_MS_MAX = 120_000;
const MS_MAX = 240_000;
const NAMES = ["a", "b"] as const;
type Name = (typeof NAMES)[number];

/** `export A=1 B=2` and `A=1 B=2 npm start`, as the page has them. */
function settingsIn(line: string): Record<string, string> {
  return Object.fromEntries([...line.matchAll(/(PARITAB_\w+)=(\S+)/g)].map(([, name, value]) => [name!, value!]));
}
const shared = settingsIn([...PAGE.matchAll(/^ {4}export (.+)$/gm)].map(([, line]) => line).join(" "));
const starts = [...PAGE.matchAll(/^ {4}(PARITAB_CELL=.+) npm start$/gm)].map(([, line]) => settingsIn(line!));
const nginx = /^nginx:\n\n([\s\S]*?)\n\n\S/m.exec(PAGE)![1]!;
const headers: ProxyHeaders = [...nginx.matchAll(/proxy_set_header (\S+) "?([^;"]+)"?;/g)].map(([, name, value]) => [
  name!,
  value!,
]);

test("the lines name settings that there are, cells where the balancer and Prometheus look for them, and a balancer that passes on what cells need", () => {
  expect(starts).toHaveLength(2);
  for (const line of [shared, ...starts])
    expect(Object.keys(line).filter((name) => !Object.hasOwn(SETTINGS, name))).toEqual([]);
  const addresses = starts.map((line) => line.PARITAB_CELL_URL);
  expect(starts.map(({ PARITAB_HOST, PARITAB_PORT }) => `http://${PARITAB_HOST}:${PARITAB_PORT}`)).toEqual(addresses);
  expect([...nginx.matchAll(/server (\d[\d.]+:\d+);/g)].map(([, at]) => `http://${at}`)).toEqual(addresses);
  const caddy = /reverse_proxy (10\..+) \{/.exec(PAGE)![1]!;
  expect(caddy.split(" ").map((at) => `http://${at}`)).toEqual(addresses);
  const prometheus = readFileSync(join(import.meta.dirname, "../../../docs/deploy/prometheus-cells.yaml"), "utf8");
  const targets = [...prometheus.matchAll(/targets: \["(\S+)"\], labels: \{ cell: (\w+) \}/g)];
  expect(targets.map(([, at, cell]) => [`http://${at}`, cell])).toEqual(
    starts.map((line) => [line.PARITAB_CELL_URL, line.PARITAB_CELL]),
  );
  expect(headers.map(([name]) => name)).toEqual(["Host", "X-Forwarded-For", "Upgrade", "Connection"]);
});

describe.skipIf(postgresPrograms() === null)("two cells by the lines of the page", () => {
  const root = mkdtempSync(join(tmpdir(), "paritab-operated-"));
  const data = join(root, "data");
  const cells = new Map<Name, CoordinatorProcess>();
  const volunteers: Volunteer[] = [];
  const problems: string[] = [];
  let database: PostgresServer;
  let balancer: Balancer | Nginx;
  let environment: Record<string, string>;
  let token: string;
  let jobId: string;
  const clientOf = (url: string): ParitabClient => createParitabClient({ baseUrl: url, token });
  const at = (name: Name) => clientOf(cells.get(name)!.url);
  const seenBy = async (name: Name) =>
    Object.fromEntries((await at(name).service()).cells.map((cell) => [cell.name, cell]));

  async function start(line: Record<string, string>, port: number): Promise<CoordinatorProcess> {
    const own = { PARITAB_HOST: "127.0.0.1", PARITAB_PORT: String(port), PARITAB_CELL_URL: `http://127.0.0.1:${port}` };
    return startProcess({ dataDirectory: data, port, environment: { ...environment, ...line, ...own } });
  }

  beforeAll(async () => {
    vi.stubEnv("PATH", `${process.env.PATH}:${postgresPrograms()}`);
    database = await PostgresServer.start();
    const [front, ...ports] = [await freePort(), await freePort(), await freePort()];
    environment = {
      ...shared,
      PARITAB_DATABASE_URL: await database.newDatabase(),
      PARITAB_DATA_DIR: data,
      PARITAB_PUBLIC_URL: `http://127.0.0.1:${front}`,
      PARITAB_LOG_LEVEL: "error",
    };
    for (const [n, line] of starts.entries()) {
      const cell = await start(line, ports[n]!);
      cells.set(line.PARITAB_CELL as Name, cell);
      token ??= cell.adminToken!;
    }
    const here = ports.map((port) => `http://127.0.0.1:${port}`);
    balancer = isNginxThere()
      ? await Nginx.open(
          join(root, "nginx"),
          front!,
          nginx,
          new Map(starts.map((line, n) => [line.PARITAB_CELL_URL!, here[n]!])),
        )
      : await Balancer.open(front!, here, headers);
    const ledger = new CreditLedger(
      () => {},
      () => {},
    );
    for (let n = 0; n < VOLUNTEERS; n++)
      volunteers.push(
        await Volunteer.open({
          ...{ url: balancer.url, nickname: `volunteer ${n}`, ledger },
          onProblem: (problem) => problems.push(problem),
        }),
      );
  }, MS_MAX);
  afterAll(async () => {
    for (const volunteer of volunteers) volunteer.stop();
    for (const cell of cells.values()) await cell.end("SIGKILL");
    await balancer?.close();
    await database?.stop();
    vi.unstubAllEnvs();
    rmSync(root, { recursive: true, force: true });
  });

  test(
    "the first cell alone shows a token, which opens both; a job through the balancer comes to its end",
    async () => {
      expect(token).toMatch(/^ptb_/);
      expect(cells.get("b")!.adminToken).toBeNull();
      const client = clientOf(balancer.url);
      const source = { kind: "sample", sample: "mnist", queryCount: 60 } as const;
      ({ jobId } = await client.submit({ kind: "inference", source, queriesPerGroup: 2, stragglers: 1, liars: 1 }));
      const hasEnded = async () => (await client.job(jobId)).finishedMs !== null;
      await expect.poll(hasEnded, { timeout: JOB_MS_MAX, interval: LOOK_MS }).toBe(true);
      expect(problems).toEqual([]);
      if (balancer instanceof Balancer) for (const requests of balancer.requests) expect(requests).toBeGreaterThan(0);
      // As Prometheus asks each: by its own address.
      for (const cell of cells.values()) {
        const answer = await fetch(`${cell.url}/metrics`, { headers: { authorization: `Bearer ${token}` } });
        const text = await answer.text();
        expect(text).toContain('paritab_cells{state="at work"} 2');
        expect(text).toMatch(/^paritab_backup_every_seconds 86400$/m);
        expect(text).toMatch(/^paritab_jobs_without_tabs 0$/m);
      }
    },
    MS_MAX,
  );

  test(
    "[CE16] either cell tells of both, and of all tabs and jobs",
    async () => {
      for (const name of NAMES) {
        const sums = async () => (await at(name).service()).sums;
        await expect.poll(sums, { timeout: SEEN_MS_MAX }).toMatchObject({ cells: 2, tabs: VOLUNTEERS });
        const { a, b } = await seenBy(name);
        expect([a!.state, b!.state, a!.isOwn, b!.isOwn]).toEqual(["at work", "at work", name === "a", name === "b"]);
        expect(a!.version).toBe(b!.version);
        for (const cell of [a!, b!]) expect(cell.upMs).toBeGreaterThan(0);
        const client = at(name);
        // A tab on its way from one to the other counts at both until they have told each other.
        const told = async () => {
          const [status, sessions, service] = [await client.status(), await client.sessions(), await client.service()];
          return { sums: status.service, found: capacityOf(cells.get(name)!.url, status, sessions, service) };
        };
        await expect.poll(told, { timeout: SEEN_MS_MAX }).toMatchObject({
          sums: { cells: 2, tabs: VOLUNTEERS },
          found: { tabs: VOLUNTEERS, cells: [{ name: "a" }, { name: "b" }] },
        });
      }
    },
    MS_MAX,
  );

  test(
    "a backup by either cell holds a dump; restored by the command into a fresh database it has the job with its answers and its receipt",
    async () => {
      const client = at("b");
      const answers = await client.answersFile(jobId, "csv");
      const made = await client.makeBackup();
      for (const name of NAMES) {
        const storage = await at(name).storage();
        expect(storage).toMatchObject({ database: "PostgreSQL", backupEveryMs: 86_400_000, backupProblem: null });
        expect(Math.abs(storage.lastBackupMs! - made.madeMs)).toBeLessThan(1_000);
      }
      const restored = join(root, "restored");
      const empty = await database.newDatabase();
      const there = { PARITAB_DATA_DIR: restored, PARITAB_DATABASE_URL: empty };
      const said: string[] = [];
      const argv = ["restore", join(data, "backups", made.name)];
      expect(await runBackups(argv, there, Date.now(), (line) => said.push(line))).toBe(0);
      const again = await startProcess({
        ...{ dataDirectory: restored, port: 0 },
        environment: { ...environment, ...there, PARITAB_CELL: "a", PARITAB_LOG_LEVEL: "error" },
      });
      try {
        const later = clientOf(again.url);
        expect(await later.answersFile(jobId, "csv")).toEqual(answers);
        const receipt = await later.signedReceipt(jobId);
        expect(receipt).toEqual(await client.signedReceipt(jobId));
        expect(await later.receiptKeys()).toEqual(await client.receiptKeys());
      } finally {
        await again.end("SIGTERM");
      }
    },
    MS_MAX,
  );

  test(
    "[CE16] a cell that is killed is silent, then gone, and it is said who has gone on with its jobs; a list of jobs says which one it lacks",
    async () => {
      await cells.get("b")!.end("SIGKILL");
      const states = new Set<string>();
      const lists: string[] = [];
      const isGone = async () => {
        const { b } = await seenBy("a");
        states.add(b!.state);
        if (b!.state === "silent") expect(b!.takeoverInMs).toBeGreaterThan(0);
        await at("a")
          .jobs()
          .catch((error: Error) => lists.push(error.message));
        return b!.state === "gone";
      };
      await expect.poll(isGone, { timeout: SEEN_MS_MAX * 2, interval: LOOK_MS }).toBe(true);
      expect([...states]).toEqual(["at work", "silent", "gone"]);
      expect(lists[0]).toMatch(/^cell b, which has some of the jobs, does not answer/);
      const { sums, cells: lines } = await at("a").service();
      expect(sums.cells).toBe(1);
      expect(lines.at(-1)).toMatchObject({ name: "b", state: "gone", takenOverBy: "a", tabs: 0 });
      const port = Number(new URL(cells.get("b")!.url).port);
      cells.set("b", await start(starts[1]!, port));
      await expect.poll(async () => (await seenBy("a")).b?.state, { timeout: SEEN_MS_MAX }).toBe("at work");
      await cells.get("b")!.end("SIGTERM");
      await expect.poll(async () => (await seenBy("a")).b?.state, { timeout: SEEN_MS_MAX }).toBe("stopped");
    },
    MS_MAX,
  );
});
