/** Queries that overflow: found by the coordinator, marked, and nobody's fault. */
import { afterEach, describe, expect, test } from "vitest";
import { ShellWithTabs, type TabBehaviour } from "../../../e2e/crowd/shell-with-tabs.ts";
import { packDenseModel } from "../../../shared/compute/runtimes/tfjs/dense-model.ts";
import type { InferenceJobView } from "../../../shared/kinds/inference/job-view.ts";
import type { InferenceReceipt } from "../../../shared/kinds/inference/receipt.ts";
import { normal, simulationRandom } from "../../../shared/random/simulation-random.ts";

const INPUT_SIZE = 6;
const QUERIES = 48;
const OVERFLOWING = [0, 5, 17, 18, 47];
const random = simulationRandom(9);
const noise = (count: number) => Float32Array.from({ length: count }, () => normal(random));
const layer = (inputs: number, units: number, activation: "tanh" | "linear") => ({
  kernel: noise(inputs * units),
  bias: noise(units),
  activation,
});
/** Linear: what is beyond the largest float stays so. */
const MODEL = packDenseModel([layer(INPUT_SIZE, 8, "linear"), layer(8, 4, "linear")]);
const data = noise(QUERIES * INPUT_SIZE).map((value, i) =>
  OVERFLOWING.includes(Math.floor(i / INPUT_SIZE)) ? Math.sign(value) * 3e38 : value,
);

let world: ShellWithTabs;
afterEach(() => world.close());

async function ended(tabs: readonly TabBehaviour[], settings: object = {}): Promise<InferenceJobView> {
  world = await ShellWithTabs.open(tabs);
  // Half of the rows are checked.
  await world.hasAskedFor(1_000);
  const modelSha256 = await world.store.putBlob(MODEL);
  const queriesSha256 = await world.upload({ dtype: "F32", shape: [QUERIES, INPUT_SIZE], data });
  const source = { kind: "uploads", modelSha256, queriesSha256 };
  const code = { scheme: "systematic", queriesPerGroup: 4, stragglers: 1, liars: 1 };
  const jobId = await world.run({ ...code, ...settings, source });
  return world.shell.jobView(jobId) as InferenceJobView;
}

const quarantined = () =>
  world.shell.volunteers().flatMap(({ volunteerId, quarantine }) => (quarantine === null ? [] : [volunteerId]));
const honest: TabBehaviour[] = Array.from({ length: 8 }, () => ({}));

describe("[VF16] queries that overflow", { timeout: 60_000 }, () => {
  test.each(["classification", "regression"])(
    "are marked, nobody is named, and every other answer is there (%s)",
    async (task) => {
      const { jobId, answersByMark, finalCount, state, failedAudits } = await ended(honest, { task });
      expect([state, failedAudits, quarantined()]).toEqual(["done", 0, []]);
      expect(answersByMark).toMatchObject({ "non-finite": OVERFLOWING.length, missing: 0, estimated: 0 });
      const page = await world.shell.desks.inference.answers(jobId, 0, QUERIES);
      const marked = page!.answers.filter(({ mark }) => mark === "non-finite");
      expect(marked.map(({ index }) => index)).toEqual(OVERFLOWING);
      for (const { outputs, label, final } of marked) expect([outputs, label, final]).toEqual([[], null, true]);
      for (const { mark, outputs } of page!.answers) if (mark !== "non-finite") expect(outputs).toHaveLength(4);
      expect(finalCount).toBeGreaterThanOrEqual(OVERFLOWING.length);
      const receipt = (await world.shell.receipt(jobId)) as InferenceReceipt;
      expect(receipt.answers).toMatchObject({ byMark: answersByMark, final: finalCount });
    },
  );

  test("a device that gives numbers where the model gives none is not to blame", async () => {
    const clamps: TabBehaviour = {
      answers: ({ outputs }) => outputs.map((value) => (Number.isFinite(value) ? value : 0)),
    };
    const { answersByMark, state } = await ended([clamps, clamps, {}, {}, {}, {}, {}, {}]);
    expect([state, quarantined()]).toEqual(["done", []]);
    expect(answersByMark.missing).toBe(0);
  });

  test("who claims it of rows that are finite has lied", async () => {
    const claims: TabBehaviour = {
      answers: ({ outputs }) => outputs.map((value, i) => (i < 4 ? Number.NaN : value)),
    };
    const { answersByMark, state } = await ended([claims, {}, {}, {}, {}, {}, {}, {}]);
    expect([state, quarantined()]).toEqual(["done", ["volunteer-00"]]);
    expect(answersByMark["non-finite"]).toBe(OVERFLOWING.length);
  });

  test.each(["uncoded", "replication", "approxifer", "spline"])("the job goes on in %s too", async (scheme) => {
    const settings = {
      uncoded: { stragglers: 0, liars: 0 },
      replication: { stragglers: 0 },
      approxifer: { liars: 0 },
      spline: { liars: 0 },
    };
    const { jobId, answersByMark, state } = await ended(
      Array.from({ length: 14 }, () => ({})),
      { scheme, completion: "fast", ...settings[scheme as keyof typeof settings] },
    );
    expect([state, quarantined()]).toEqual(["done", []]);
    expect(answersByMark["non-finite"]).toBeGreaterThanOrEqual(OVERFLOWING.length);
    if (scheme !== "uncoded") return;
    // A tab's word is not final; what the coordinator computed itself, for no tab came in time, is.
    const page = await world.shell.desks.inference.answers(jobId, 0, QUERIES);
    expect(
      page!.answers.filter(({ mark, final, volunteerId }) => mark === "non-finite" && final && volunteerId !== null),
    ).toEqual([]);
  });
});
