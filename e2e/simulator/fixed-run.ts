/** What one seed of the fixed list means: the crowd, the jobs and the crashes are all drawn from it. */
import { randomAt } from "../../shared/random/simulation-random.ts";
import { type SimulationOptions, type SimulationReport, simulate } from "./simulation.ts";

const TABS = 18;

/** A crowd of 18 with every fault, three jobs of different schemes, and in every other run crashes and restarts. */
export function optionsOfSeed(seed: number): SimulationOptions {
  const random = randomAt(seed, 9);
  const completion = random.uniform() < 0.5 ? "exact" : "fast";
  const baseline = (["uncoded", "replication", "approxifer"] as const)[random.integer(3)]!;
  return {
    seed,
    tabs: TABS,
    queryCount: 40 + random.integer(60),
    crashMsMean: seed % 2 === 0 ? 300 : null,
    jobs: [
      { name: "exact", scheme: "systematic" },
      {
        name: "drawn",
        scheme: "systematic",
        completion,
        queriesPerGroup: 1 + random.integer(6),
        stragglers: random.integer(3),
        liars: random.integer(2),
        groupsPerRound: 1 + random.integer(8),
        roundsInFlight: 1 + random.integer(4),
      },
      { name: "baseline", scheme: baseline },
    ],
  };
}

/** @returns what is wrong with the run, one sentence each; nothing in a good one */
export function problemsOf(report: SimulationReport): string[] {
  const problems = [...report.violations];
  for (const job of report.jobs) {
    // With too few honest tabs left a replication waits, and says so.
    const waits = job.state === "running" && job.waitingFor?.startsWith("waiting for tabs");
    if (job.state !== "done" && !waits) problems.push(`[JB2] ${job.scheme} ended as ${job.state}`);
    // Liars of the simulator give every row another row's answer: one audited row is enough to find them.
    if (job.scheme === "systematic" && job.wrongExactOrAudited > 0) {
      problems.push(`[VF1] ${job.wrongExactOrAudited} wrong answers are marked exact or audited`);
    }
    if (job.missing > 0 && job.state === "done" && job.scheme === "systematic")
      problems.push(`[JB3] ${job.missing} answers are missing`);
  }
  return problems;
}

export async function runSeed(seed: number): Promise<{ report: SimulationReport; problems: string[] }> {
  const report = await simulate(optionsOfSeed(seed));
  return { report, problems: problemsOf(report) };
}
