/** Before anybody is named: what differs is computed again, and a job in which trusted runs differ is suspended. */
import { afterEach, describe, expect, test } from "vitest";
import { ShellWithTabs, type TabBehaviour } from "../../../e2e/crowd/shell-with-tabs.ts";
import { chaoticNet } from "../../../shared/compute/runtimes/tfjs/testing/chaotic-net.ts";
import { createTfjsRuntime } from "../../../shared/compute/runtimes/tfjs/tfjs-runtime.ts";
import type { InferenceJobView } from "../../../shared/kinds/inference/job-view.ts";
import { normal, simulationRandom } from "../../../shared/random/simulation-random.ts";

const WIDTH = 32;
const QUERIES = 60;
/** Where its inputs are tiny every tanh is a straight line, and rounding is not stretched. */
const CHAOTIC = chaoticNet({ layers: 20, gain: 10 });
const TINY = 1e-24;
const SYSTEMATIC = { scheme: "systematic", queriesPerGroup: 4, stragglers: 1, liars: 0 };

const cpu = (await createTfjsRuntime("cpu")).load(CHAOTIC);
/** Honest, on another back-end. */
const other: TabBehaviour = {
  backend: "cpu",
  answers: async ({ rows, assignment }) => (await cpu).run(rows, assignment.rowCount),
};
/** One row of each batch is right: who is wrong in all of them may have a broken card. */
const liar: TabBehaviour = {
  answers: async ({ outputs, assignment: { outputSize } }) =>
    outputs.map((value, at) => (at < outputSize ? value : 2 * value)),
};

let world: ShellWithTabs;
afterEach(() => world.close());

async function submission(chaoticQueries: readonly number[], settings: object = {}): Promise<Record<string, unknown>> {
  const random = simulationRandom(5);
  const data = Float32Array.from({ length: QUERIES * WIDTH }, (_, i) => {
    return normal(random) * (chaoticQueries.includes(Math.floor(i / WIDTH)) ? 1 : TINY);
  });
  // Half of the rows are checked.
  await world.hasAskedFor(1_000);
  const modelSha256 = await world.store.putBlob(CHAOTIC);
  const queriesSha256 = await world.upload({ dtype: "F32", shape: [QUERIES, WIDTH], data });
  return { ...SYSTEMATIC, ...settings, source: { kind: "uploads", modelSha256, queriesSha256 } };
}

const view = (jobId: string) => world.shell.jobView(jobId) as InferenceJobView;
const quarantined = () =>
  world.shell.volunteers().flatMap(({ volunteerId, quarantine }) => (quarantine === null ? [] : [volunteerId]));

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe("[VF15] somebody differs", { timeout: 60_000 }, () => {
  test("from trusted runs that agree: it is named, with its rows as evidence", async () => {
    world = await ShellWithTabs.open([{}, other, liar, {}, {}, {}], "tfjs");
    const jobId = await world.run(await submission([]));
    expect(view(jobId)).toMatchObject({ state: "done" });
    expect(view(jobId).suspended).toBeUndefined();
    expect(quarantined()).toEqual(["volunteer-02"]);
    expect(world.evidence.map(({ volunteerId }) => volunteerId)).toContain("volunteer-02");
  });
});

test("[VF11] everybody that one job quarantined is released in one action, with its reason in each record", {
  timeout: 60_000,
}, async () => {
  world = await ShellWithTabs.open([{}, liar, liar, {}, {}, {}], "tfjs");
  const jobId = await world.run(await submission([]));
  await until(() => quarantined().length === 2);
  const named = quarantined();
  expect(await world.shell.releaseNamedBy("another job", "nothing")).toMatchObject({ status: 409 });
  const released = await world.shell.releaseNamedBy(jobId, "their model was at fault");
  expect(released).toHaveLength(2);
  expect(quarantined()).toEqual([]);
  for (const { volunteerId, released } of world.shell.volunteers()) {
    const isOne = named.includes(volunteerId);
    expect(released?.reason).toBe(isOne ? "their model was at fault" : undefined);
  }
});

describe("[VF14] trusted runs of a row differ", { timeout: 60_000 }, () => {
  /** Of which none is among the sixteen that are tried. */
  const MOST = Array.from({ length: QUERIES }, (_, query) => query).filter(
    (query) => ![0, 3, 7, 11].includes(query % 15),
  );

  /** Where the coordinator has no code to compare their bits with, tabs in WebAssembly are judged by what rounding makes of a row. */
  const inWebAssembly: TabBehaviour = { ...other, backend: "wasm" };

  async function suspended(settings: object = {}): Promise<string> {
    world = await ShellWithTabs.open(Array(6).fill(inWebAssembly), "tfjs");
    world.lacksTabCode = true;
    const reply = await world.submit(await submission(MOST, { completion: "exact", ...settings }));
    if (!("jobId" in reply)) throw new Error(reply.message);
    return reply.jobId;
  }

  test("the job is suspended with the reason, nobody is named, and after a restart it is still so", async () => {
    const jobId = await suspended();
    await until(() => view(jobId).suspended !== undefined);
    expect(view(jobId).suspended?.reason).toMatch(/trusted runs of one row, .* differ by .* of its size$/);
    expect(view(jobId).waitingFor).toMatch(/^float32 does not determine its answers/);
    expect(quarantined()).toEqual([]);
    await world.restart();
    await until(() => view(jobId).state === "running");
    expect(view(jobId).suspended).toBeDefined();
    await world.shell.cancel(jobId);
    await world.ended(jobId);
    expect(view(jobId)).toMatchObject({ state: "cancelled" });
  });

  test("its submitter has it go on unchecked: all is answered, nothing is final, nobody is named", async () => {
    const jobId = await suspended();
    await until(() => view(jobId).suspended !== undefined);
    expect(world.shell.desks.inference.goOnUnchecked(jobId)).toBe(true);
    await world.ended(jobId);
    const { answersByMark, finalCount, unchecked, state } = view(jobId);
    expect(state).toBe("done");
    expect(unchecked).toMatch(/float32 does not determine/);
    expect(answersByMark.audited + answersByMark.estimated + answersByMark.missing).toBe(0);
    expect(finalCount).toBe(answersByMark.exact);
    expect(quarantined()).toEqual([]);
    expect(world.shell.desks.inference.goOnUnchecked(jobId)).toBe(false);
  });

  test("it goes on at once where the submission said so", async () => {
    const jobId = await suspended({ ifUnstable: "unchecked" });
    await world.ended(jobId);
    expect(view(jobId)).toMatchObject({ state: "done", unchecked: expect.stringMatching(/float32/) });
    expect(quarantined()).toEqual([]);
  });
});
