/** Fresh keys that lie and are caught must not make what honest volunteers have shown worth less. */
import { beforeAll, expect, test } from "vitest";
import { someRows } from "../../bench/attack-lies.ts";
import { knownCasesOf, loadKnownCase } from "../../bench/inference-case.ts";
import { type JobWorld, jobWorld } from "../../bench/job-world.ts";
import { HONEST, type TabFaults } from "../../crowd/tab-faults.ts";
import { tabOf } from "../../crowd/tab-names.ts";
import { runJobs } from "../simulator/run-jobs.ts";

const QUERIES = 400;
const HONEST_TABS = 10;
/** One or two may never be asked. */
const LIARS = 28;
/** The flood comes in the first; 2,000 rows later begins the last. */
const JOBS = 7;
const SEED = 14;

let world: JobWorld;
beforeAll(async () => {
  const [known] = knownCasesOf(["mnist"]);
  world = await jobWorld(await loadKnownCase(known!, QUERIES, () => {}));
});

async function finalityByJob(liars: number): Promise<{ readonly final: number[]; readonly caught: string[] }> {
  const { outputs: honestOutputs } = world.inferenceCase;
  const tabs = Array.from({ length: HONEST_TABS + liars }, (_, tab): TabFaults => {
    if (tab < HONEST_TABS) return HONEST;
    // Whose every row is wrong would pass for a broken back-end.
    return { ...HONEST, lie: someRows(0.5)({ seed: SEED, tab, honestOutputs }), whenQuarantined: "stays away" };
  });
  const submission = { scheme: "systematic", queriesPerGroup: 4, stragglers: 1, liars: 1 } as const;
  const { jobs, volunteers } = await runJobs({
    seed: SEED,
    tabs,
    ...world.common,
    jobs: Array.from({ length: JOBS }, () => submission),
  });
  const caught = volunteers.filter(({ quarantine }) => quarantine !== null).map(({ volunteerId }) => volunteerId);
  return {
    final: jobs.map(({ answers }) => answers.final.filter((isFinal) => isFinal === 1).length / QUERIES),
    caught,
  };
}

test("[VF13] 2,000 rows after a flood of 25 fresh liars jobs of honest volunteers are .95 as final as without it", async () => {
  const [quiet, flooded] = [await finalityByJob(0), await finalityByJob(LIARS)];
  expect(quiet.caught).toEqual([]);
  expect(flooded.caught.length).toBeGreaterThanOrEqual(25);
  expect(flooded.caught.every((volunteerId) => tabOf(volunteerId) >= HONEST_TABS)).toBe(true);
  expect(quiet.final.at(-1)).toBeGreaterThan(0.9);
  expect([quiet.final, flooded.final, flooded.final.at(-1)! >= 0.95 * quiet.final.at(-1)!]).toEqual([
    quiet.final,
    flooded.final,
    true,
  ]);
});
