/** What one code would come to: the coordinator's own core runs the job on crowds drawn from what is known of the real one. */
import { medianOfSome } from "../../../../shared/numbers/quantile.ts";
import { simulationRandom } from "../../../../shared/random/simulation-random.ts";
import { mixesForOtherModel, wayOut } from "../rows/core/group-rules.ts";
import { ownRowMs } from "../rows/core/row-ms.ts";
import type { ChecksAhead } from "../rows/told/rows-ahead.ts";
import { type Code, type CodedJob, numberBytes, planOfCode, sendsMixtures } from "./coded-job.ts";
import { type CrowdFacts, type TabFacts, typicalMacsPerMs } from "./crowd-facts.ts";
import { CrowdModel } from "./drawn-crowd.ts";
import { partRun } from "./part-of-job.ts";
import { virtualJob } from "./virtual-job.ts";
import { runVirtually, START_MS, type VirtualRun } from "./virtual-run.ts";

/** One draw of each figure, in the order of the draws: the same crowd for every code. */
export interface CodePrediction {
  readonly code: Code;
  readonly workers: number;
  readonly firstMs: readonly number[];
  readonly finishMs: readonly number[];
  readonly tabMacs: readonly number[];
  /** Rows that the coordinator computes. */
  readonly trustedRows: readonly number[];
  readonly bytesDown: readonly number[];
  readonly bytesUp: readonly number[];
  readonly finalBy: ChecksAhead["by"];
}

/** Of a larger crowd so many tabs stand for all, with their part of the job. */
const TABS_RUN_MAX = 48;
/** Until what was asked of the disk, or of the numerics, has come back. */
const WRITE_MS = 5;
const TASK_MS = 2;

export class Predictor {
  readonly #job: CodedJob;
  readonly #facts: CrowdFacts;
  readonly #sample: CrowdFacts;
  readonly #model: CrowdModel;
  readonly #seed: number;
  readonly #effort: number;

  /**
   * @param seed of the draws: with the same one, codes meet the same crowds
   * @param effort how much of a job is run (partRun)
   */
  constructor(job: CodedJob, facts: CrowdFacts, seed: number, effort = 1) {
    this.#effort = effort;
    this.#job = job;
    this.#facts = facts;
    this.#sample = facts.tabs.length <= TABS_RUN_MAX ? facts : sampleOf(facts);
    this.#model = new CrowdModel(this.#sample);
    this.#seed = seed;
  }

  /** @param draws how many runs @throws CodingError where the code is none */
  predict(code: Code, draws: number): CodePrediction {
    const plan = planOfCode(this.#job, code);
    const { workerCount } = plan.scheme;
    // A group whose members are apart has to find room twice over.
    const isSampled = this.#sample !== this.#facts && 2 * workerCount <= TABS_RUN_MAX;
    const [facts, model] = isSampled ? [this.#sample, this.#model] : [this.#facts, new CrowdModel(this.#facts)];
    const share = isSampled ? facts.tabs.length / this.#facts.tabs.length : 1;
    const job = { ...this.#job, queryCount: Math.max(1, Math.round(this.#job.queryCount * share)) };
    const checks = plan.verification === "audits" ? job.checks : ({ by: "nobody", settled: null } as const);
    const scale = partRun(
      job,
      plan.scheme.queryCount,
      facts.tabs.length,
      typicalMacsPerMs(facts),
      checks,
      this.#effort,
    );
    const moreRows = job.queryCount / scale.rowsEach - scale.rows;
    const rowMs = scale.rowsEach * share * ownRowMs(job.rowMs, job.macsPerQuery);
    const stored = virtualJob(job, code, checks, scale, START_MS);
    const votesNeeded = plan.needsDistinctVolunteers && wayOut(plan) !== "rows" ? code.liars + 1 : null;
    const runs = Array.from({ length: draws }, (_, draw) => {
      const seed = this.#seed + draw;
      const crowd = model.draw(simulationRandom(seed));
      const times = { rowMs, taskMs: TASK_MS, writeMs: WRITE_MS };
      const asked = { facts, crowd, job: stored, checks, rowsEach: scale.rowsEach, times, votesNeeded, seed };
      return whole(runVirtually(asked), moreRows);
    });
    const each = (value: (run: VirtualRun) => number) => runs.map(value);
    const all = (value: (run: VirtualRun) => number) => runs.map((run) => (value(run) * scale.rowsEach) / share);
    const { raw, mixed } = numberBytes(job);
    const rowBytes = job.inputSize * (sendsMixtures(code) && !mixesForOtherModel(plan) ? mixed : raw);
    return {
      code,
      workers: workerCount,
      // The crowd is shared in equal parts with other jobs.
      firstMs: each((run) => run.firstMs * (1 + facts.otherJobs)),
      finishMs: each((run) => run.ms * (1 + facts.otherJobs)),
      tabMacs: all((run) => run.tabRows * job.macsPerQuery),
      trustedRows: all((run) => run.trustedRows),
      bytesDown: runs.map(
        ({ rowsDown, tabsAtWork }) => (rowsDown * scale.rowsEach * rowBytes + tabsAtWork * job.modelBytes) / share,
      ),
      bytesUp: all((run) => run.rowsUp * job.outputSize * 4),
      finalBy: checks.by,
    };
  }
}

/** The whole job, from the part of it that was run and so many rows more like those in its middle. */
function whole(run: VirtualRun, moreRows: number): VirtualRun {
  if (moreRows <= 0) return run;
  const { perRow } = run;
  const more = (key: Exclude<keyof typeof perRow, "firstMs">) => run[key] + moreRows * perRow[key];
  return {
    ...{ ...run, ms: more("ms"), tabRows: more("tabRows"), trustedRows: more("trustedRows") },
    ...{ rowsDown: more("rowsDown"), rowsUp: more("rowsUp") },
  };
}

/** Tabs at equal steps from the slowest to the fastest. */
function sampleOf(facts: CrowdFacts): CrowdFacts {
  const speedOf = ({ responses }: TabFacts) =>
    medianOfSome([0, ...responses.map(({ ms, work }) => work / Math.max(ms, 1e-3))]);
  const sorted = [...facts.tabs].sort((a, b) => speedOf(a) - speedOf(b));
  const step = sorted.length / TABS_RUN_MAX;
  const tabs = Array.from({ length: TABS_RUN_MAX }, (_, i) => sorted[Math.floor((i + 0.5) * step)]!);
  return { ...facts, tabs };
}
