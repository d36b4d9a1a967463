/** What one seed of the fixed list means: the crowd, the jobs and the crashes are all drawn from it. */
import { SCHEMES, type SchemeName } from "../../../shared/coding/schemes/schemes.ts";
import { SPARES } from "../../../shared/kinds/inference/submission.ts";
import { randomAt } from "../../../shared/random/simulation-random.ts";
import { atAddresses, drawFaults, isAtAddresses } from "./draw-faults.ts";
import { type SimulationOptions, type SimulationReport, simulate } from "./simulation.ts";

const TABS = 18;
const OTHER_SCHEMES = ["uncoded", "replication", "approxifer", "spline", "parm"] as const;
/** Those whose results are audited: what they call exact or audited is right. */
const isAudited = (scheme: string) => SCHEMES[scheme as SchemeName].verificationOf(1) === "audits";
/** The slowest of the first hundred runs is done after 121 s. A replication with too few honest tabs waits for ever, and is not waited for. */
const VIRTUAL_MS_MAX = 150_000;
/** In this part of it, its last one, a job that waits says so most of the time: a tab may come for a moment. */
const LOOKED_AT_MS = 30_000;
/** In every ninth run the operator lets next to nothing be computed by the coordinator. */
const CAPPED_EVERY = 9;
const AUDIT_SHARE_CAPPED = 0.15;
/** In every third run an operator releases whoever was quarantined, liars as they are. */
const RELEASES_EVERY = 3;
/** Every seventh crowd is just as large as its code: nobody to spare. */
const SMALL_CROWD_EVERY = 7;

/** A crowd of 18 with every fault, three jobs of different schemes, and in every other run crashes and restarts. */
export function optionsOfSeed(seed: number): SimulationOptions {
  const random = randomAt(seed, 9);
  const completion = random.uniform() < 0.5 ? "exact" : "fast";
  if (seed % SMALL_CROWD_EVERY === 0) return smallCrowd(seed);
  const other = OTHER_SCHEMES[random.integer(OTHER_SCHEMES.length)]!;
  return {
    seed,
    tabs: TABS,
    queryCount: 40 + random.integer(60),
    crashMsMean: seed % 2 === 0 ? 300 : null,
    releaseMsMean: seed % RELEASES_EVERY === 0 ? 150 : null,
    refusalShare: seed % 5 === 0 ? 0.1 : 0,
    ...(isAtAddresses(seed) ? { faults: (tab: number) => atAddresses(drawFaults(seed, tab), tab) } : {}),
    settings: { reprobeShare: 0.05, ...(isCapped(seed) ? { auditShareMax: AUDIT_SHARE_CAPPED } : {}) },
    jobs: [
      { name: "exact", scheme: "systematic" },
      {
        name: "drawn",
        scheme: "systematic",
        completion,
        queriesPerGroup: 1 + random.integer(6),
        stragglers: random.integer(3),
        liars: random.integer(2),
        confidenceFloor: [0, 0.5, 0.9][random.integer(3)]!,
        spares: SPARES[random.integer(SPARES.length)]!,
      },
      other === "parm"
        ? { name: "other", scheme: other, stragglers: 1 }
        : { name: "other", scheme: other, stragglers: 2, liars: 1 },
    ],
  };
}

function isCapped(seed: number): boolean {
  return seed % CAPPED_EVERY === 4;
}

/** Four tabs, honest, that often send garbage, pause or leave: every one of them is needed again and again. */
function smallCrowd(seed: number): SimulationOptions {
  return {
    seed,
    tabs: 4,
    queryCount: 24,
    crashMsMean: seed % 2 === 0 ? 300 : null,
    refusalShare: 0.1,
    faults: () => ({
      straggleProbability: 0.1,
      isMute: false,
      isLiar: false,
      lossProbability: 0,
      repeatProbability: 0.2,
      staysMsMean: 500,
      garbageProbability: 0.05,
    }),
    jobs: [
      { name: "uncoded", scheme: "uncoded" },
      { name: "no spare", scheme: "systematic", stragglers: 0, liars: 0 },
      { name: "more indices than tabs", scheme: "systematic", stragglers: 2, liars: 1, completion: "fast" },
    ],
  };
}

/**
 * @param waiting jobs that waited for tabs at the end
 * @returns what is wrong with the run, one sentence each; nothing in a good one
 */
function problemsOf(report: SimulationReport, waiting: ReadonlySet<string>): string[] {
  const problems = [...report.violations];
  for (const volunteerId of report.falselyQuarantined)
    problems.push(`[VF3] ${volunteerId} never lied and is quarantined`);
  for (const job of report.jobs) {
    // With too few honest tabs left a replication waits, and says so.
    const waits = job.state === "running" && waiting.has(job.jobId);
    if (job.state !== "done" && !waits) problems.push(`[JB2] ${job.scheme} ended as ${job.state}`);
    // Liars of the simulator give every row another row's answer: one audited row is enough to find them.
    // What the cap leaves unchecked may be wrong, and is not final.
    if (isAudited(job.scheme) && job.wrongExactOrAudited > 0 && !isCapped(report.seed)) {
      problems.push(`[VF1] ${job.wrongExactOrAudited} wrong answers are marked exact or audited`);
    }
    if (isAudited(job.scheme) && job.wrongFinal > 0) problems.push(`[VF9] ${job.wrongFinal} wrong answers are final`);
    if (job.missing > 0 && job.state === "done" && isAudited(job.scheme))
      problems.push(`[JB3] ${job.missing} answers are missing`);
  }
  return problems;
}

export async function runSeed(seed: number): Promise<{ report: SimulationReport; problems: string[] }> {
  let looks = 0;
  const waits = new Map<string, number>();
  const observe: SimulationOptions["observe"] = (shell, nowMs) => {
    if (nowMs < VIRTUAL_MS_MAX - LOOKED_AT_MS) return;
    looks++;
    for (const jobId of shell.state.jobs.keys())
      if (shell.jobView(jobId)?.waitingFor?.startsWith("waiting for tabs"))
        waits.set(jobId, (waits.get(jobId) ?? 0) + 1);
  };
  const report = await simulate({ ...optionsOfSeed(seed), virtualMsMax: VIRTUAL_MS_MAX, observe });
  const waiting = new Set([...waits].filter(([, count]) => count > looks / 2).map(([jobId]) => jobId));
  return { report, problems: problemsOf(report, waiting) };
}
