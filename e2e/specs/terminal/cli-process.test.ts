/** The `paritab` command as a process of its own, in real pipes, against a real coordinator with tabs. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EXIT } from "../../../server/cli/exit-codes.ts";
import { loadMnist, MNIST_MODEL_FILES } from "../../../server/samples/mnist.ts";
import { type CoordinatorInProcess, coordinatorInProcess } from "../../coordinators/coordinator-in-process.ts";
import { type Ended, spawned } from "./spawned.ts";

const PARITAB = fileURLToPath(new URL("../../../server/cli/paritab.mjs", import.meta.url));
let coordinator: CoordinatorInProcess;
let folder: string;

beforeAll(async () => {
  coordinator = await coordinatorInProcess();
  await coordinator.openTabs(3);
  folder = mkdtempSync(join(tmpdir(), "paritab-process-"));
  const { images } = await loadMnist("test");
  const rows = Array.from({ length: 40 }, (_, i) => images.subarray(i * 784, (i + 1) * 784).join());
  writeFileSync(join(folder, "queries.csv"), `${rows.join("\n")}\n`);
});
afterAll(async () => {
  await coordinator.close();
  rmSync(folder, { recursive: true, force: true });
});

/** @param onErr called with all that stderr has said so far */
function bash(script: string, onErr: (err: string, pid: number) => void = () => {}): Promise<Ended> {
  const environment = {
    PARITAB: `${process.execPath} ${PARITAB}`,
    PARITAB_URL: coordinator.url,
    XDG_CONFIG_HOME: folder,
  };
  const options = {
    cwd: folder,
    env: { ...process.env, ...environment, MODEL: dirname(MNIST_MODEL_FILES.modelJson) },
    detached: true, // a group of its own, to be interrupted as a terminal does
  };
  return spawned("bash", ["-c", `set -o pipefail; ${script}`], options, { onErr }).ended;
}

const jobOf = (err: string) => /^job ([\w-]+)$/m.exec(err)?.[1];
const code = "--queries-per-group 2 --stragglers 0";

test("a file goes in at one end of a pipe, labels come out at the other", async () => {
  const {
    code: status,
    out,
    err,
  } = await bash(
    `cat queries.csv | $PARITAB submit inference --model $MODEL --queries - --input-scale 1/255 ${code} --json | head -40 | grep -c '"label":'`,
  );
  expect([status, out], err).toEqual([0, "40\n"]);
});

test("a reader that has had enough ends the command quietly, and its job is cancelled", async () => {
  // Rows of a stream are answered in their order; its end never comes.
  const endless = '(yes "$(head -1 queries.csv)" || true)';
  const {
    code: status,
    out,
    err,
  } = await bash(
    `${endless} | $PARITAB submit inference --model $MODEL --queries - --input-scale 1/255 ${code} | head -2`,
  );
  expect([status, out.split("\n")[0]], err).toEqual([0, expect.stringMatching(/^index,label,mark/)]);
  expect(await endState(jobOf(err)!)).toBe("cancelled");
});

test("Ctrl-C is exit code 130, and the job is cancelled", async () => {
  let sent = false;
  const long = "$PARITAB submit inference --sample mnist --sample-count 9000 > /dev/null";
  const { code: status, err } = await bash(long, (said, pid) => {
    if (sent || jobOf(said) === undefined) return;
    sent = true;
    process.kill(-pid, "SIGINT");
  });
  expect(status, err).toBe(EXIT.interrupted);
  expect(await endState(jobOf(err)!)).toBe("cancelled");
});

test("Ctrl-C while a pipe still waits for lines is exit code 130 too, and the stream is cancelled", async () => {
  let sent = false;
  const pipe = `$PARITAB submit inference --model $MODEL --queries - --input-scale 1/255 ${code}`;
  const { code: status, err } = await bash(`(head -3 queries.csv; sleep 100) | ${pipe} > /dev/null`, (said, pid) => {
    if (sent || jobOf(said) === undefined) return;
    sent = true;
    process.kill(-pid, "SIGINT");
  });
  expect(status, err).toBe(EXIT.interrupted);
  expect(await endState(jobOf(err)!)).toBe("cancelled");
});

test("what is not final is done again by another process, and both together are written by a third", async () => {
  // With a cap, for without one the coordinator computes each row of so small a job itself, and all are final.
  const submit =
    "$PARITAB submit inference --model $MODEL --queries queries.csv --answer-bound 1e-9 --coordinator-rows-max 1 --out first.npy";
  const first = await bash(`${submit} 2>&1`);
  expect(first.code, first.out).toBe(0);
  const jobId = jobOf(first.out)!;
  const { finalCount, queryCount } = await coordinator.client.inferenceJob(jobId);
  expect(finalCount).toBeLessThan(queryCount);
  const { code: status, out, err } = await bash(`$PARITAB redo ${jobId} --out both.csv`);
  expect([status, out, err]).toEqual([
    0,
    expect.stringMatching(/^job \S+: \d+ answers/),
    expect.stringContaining(`does ${queryCount - finalCount} rows of job ${jobId} again`),
  ]);
  const { redoneBy } = await coordinator.client.inferenceJob(jobId);
  expect(redoneBy).toHaveLength(1);
  const written = await bash(
    `cut -d, -f1,4 both.csv | grep -c true; $PARITAB results ${jobId} --redone | cmp - both.csv && echo same`,
  );
  // Of both together all are final or not, whatever the first has alone.
  const required = await bash(`$PARITAB results ${jobId} --redone --require-final > /dev/null; echo $?`);
  expect(required.out.trim()).toBe(Number(written.out.split("\n")[0]) === queryCount ? "0" : "8");
  const missing = `expected ${queryCount} final answers, got ${finalCount}`;
  expect((await bash(`$PARITAB results ${jobId} --require-final 2>&1`)).out).toContain(missing);
  const [finalTogether, isSame] = written.out.trim().split("\n");
  expect(isSame, written.err).toBe("same");
  expect(Number(finalTogether)).toBeGreaterThan(finalCount);
  const alone = await bash(`$PARITAB results ${jobId} --format npy | cmp - first.npy && echo same`);
  expect(alone.out.trim(), alone.err).toBe("same");
});

test("a wrong command line is exit code 2, with the reason on stderr and nothing on stdout", async () => {
  const { code: status, out, err } = await bash("$PARITAB submit inference --sample mnist --liars many");
  expect([status, out, err]).toEqual([
    EXIT.usage,
    "",
    expect.stringMatching(/^paritab: --liars: expected a number, got "many"/),
  ]);
});

test("a large output reaches a slow reader whole", async () => {
  const { code: status, out } = await bash(
    `$PARITAB submit inference --sample mnist --sample-count 2000 --scheme uncoded --accept first --json | (sleep 1; wc -l)`,
  );
  expect([status, Number(out)]).toEqual([0, 2000]);
});

async function endState(jobId: string): Promise<string> {
  let state = "";
  for await (const job of coordinator.client.watch(jobId)) state = job.state;
  return state;
}
