/** What is the whole service's, raced over two coordinators: limits of one submitter, lists, links. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { postgresPrograms, sayWithoutPostgres } from "../../../server/store/testing/postgres-server.ts";
import { JOBS_ACTIVE_PER_SUBMITTER_MAX } from "../../../shared/protocol/limits.ts";
import { ParitabApiError } from "../../../shared/sdk/paritab-api-error.ts";
import { type CellName, TwoCells } from "./two-cells.ts";

sayWithoutPostgres("what is the whole service's");

const NAMES = ["a", "b"] as const;
const SOURCE = { kind: "sample", sample: "mnist", queryStart: 0, queryCount: 40 } as const;
const MS_MAX = 300_000;
const LISTED_MS_MAX = 10_000;
const withPostgres = test.skipIf(postgresPrograms() === null);

let cells: TwoCells;
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") console.log(cells.outputs());
  await cells.end();
});

async function started(): Promise<{ readonly admin: string; readonly token: string }> {
  cells = await TwoCells.start({ PARITAB_AUTH: "on" });
  const admin = cells.cell("a").adminToken!;
  const scopes = ["submit", "read", "cancel"] as const;
  const { token } = await cells.client("a", admin).createToken({ submitter: "ada", scopes: [...scopes], days: null });
  return { admin, token };
}

/** @returns the id of the job, or why there is none */
async function submitted(name: CellName, token: string, parts?: number): Promise<string | ParitabApiError> {
  // The coordinator computes none of it, and no tab is there: it stays at work.
  const shared = { coordinatorRowsMax: 1, ...(parts === undefined ? {} : { parts }) };
  try {
    return (await cells.client(name, token).submit({ kind: "inference", source: SOURCE, ...shared })).jobId;
  } catch (error) {
    if (error instanceof ParitabApiError) return error;
    throw error;
  }
}

const isJob = (outcome: string | ParitabApiError) => typeof outcome === "string";

withPostgres(
  "[CE15] sixty submissions of one token that race over both give as many jobs as one submitter may have, in one piece and in parts; both list all of them, and one that ends makes room for one",
  { timeout: MS_MAX },
  async () => {
    const { admin, token } = await started();
    const outcomes = await Promise.all(
      Array.from({ length: 60 }, (_, n) => submitted(NAMES[n % 2]!, token, n % 3 === 0 ? 2 : undefined)),
    );
    const jobs = outcomes.filter(isJob) as string[];
    expect(jobs).toHaveLength(JOBS_ACTIVE_PER_SUBMITTER_MAX);
    for (const refused of outcomes.filter((outcome) => !isJob(outcome)))
      expect(refused).toMatchObject({ status: 403, message: expect.stringContaining("at most 20 jobs of ada") });
    // Nothing was promised that is not there.
    expect(await cells.ask("SELECT 1 FROM reservations")).toEqual([]);
    for (const name of NAMES) {
      for (const who of [token, admin]) {
        const client = cells.client(name, who);
        // Another coordinator hears of a job within a look.
        const listed = async () => (await client.jobs()).map(({ jobId }) => jobId).toSorted();
        await expect.poll(listed, { timeout: LISTED_MS_MAX, message: name }).toEqual(jobs.toSorted());
        await expect
          .poll(async () => (await client.jobList({})).matching, { timeout: LISTED_MS_MAX, message: name })
          .toBe(jobs.length);
      }
    }
    await cells.client("b", token).cancel(jobs[0]!);
    while ((await cells.client("a", token).job(jobs[0]!)).finishedMs === null) await sleep(50);
    await sleep(200);
    const again = await Promise.all(NAMES.flatMap((name) => [submitted(name, token), submitted(name, token)]));
    expect(again.filter(isJob)).toHaveLength(1);
  },
);

withPostgres(
  "[CE9] [CE15] a link that one has ended is 401 at the other within a second, and never an error of ours, whatever is read of whichever job",
  { timeout: MS_MAX },
  async () => {
    const { token } = await started();
    await cells.volunteers("a", 3);
    await cells.volunteers("b", 3);
    const jobs = (await Promise.all(
      NAMES.flatMap((name) => [submitted(name, token), submitted(name, token, 2)]),
    )) as string[];
    const paths = ["", "/timeline", "/answers.json", "/answers.csv", "/answers.npy", "/receipt.json", "/log"];
    for (const jobId of jobs) {
      for (const ending of NAMES) {
        const { token: link } = await (
          await fetch(`${cells.cell(ending).url}/api/jobs/${jobId}/link`, {
            method: "POST",
            headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
            body: JSON.stringify({ days: 1 }),
          })
        ).json();
        const read = async (name: CellName, path: string) => {
          const url = `${cells.cell(name).url}/api/jobs/${jobId}${path}`;
          const response = await fetch(url, { headers: { authorization: `Bearer ${link}` } });
          // Cut off in the middle it has ended too.
          await response.arrayBuffer().catch(() => {});
          return response.status;
        };
        for (const name of NAMES) expect(await read(name, "")).toBe(200);
        let isOver = false;
        const seen = new Set<string>();
        const reading = NAMES.flatMap((name) =>
          paths.map(async (path) => {
            while (!isOver) seen.add(`${await read(name, path)} ${path}`);
          }),
        );
        await sleep(100);
        await cells.client(ending, token).unshareJob(jobId);
        await sleep(1_000);
        for (const name of NAMES)
          for (const path of paths) expect([name, path, await read(name, path)]).toEqual([name, path, 401]);
        isOver = true;
        await Promise.all(reading);
        expect([...seen].filter((one) => one.startsWith("5"))).toEqual([]);
      }
    }
  },
);
