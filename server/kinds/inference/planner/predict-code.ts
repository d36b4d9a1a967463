/** What one code would come to: many rehearsals on crowds drawn from what is known of the real one. */

import { medianOfSome } from "../../../../shared/numbers/quantile.ts";
import type { RandomSource } from "../../../../shared/random/random.ts";
import { simulationRandom } from "../../../../shared/random/simulation-random.ts";
import { endRoundOf } from "../core/inference-plan.ts";
import { type Code, type CodedJob, numberBytes, planOfCode, sendsMixtures } from "./coded-job.ts";
import type { CrowdFacts, TabFacts } from "./crowd-facts.ts";
import { CrowdModel } from "./drawn-crowd.ts";
import { type JobSizes, type Rehearsal, type RehearsalRules, rehearse } from "./rehearsal.ts";

/** One draw of each figure, in the order of the draws: the same crowd for every code. */
export interface CodePrediction {
  readonly code: Code;
  readonly workers: number;
  readonly firstMs: readonly number[];
  readonly finishMs: readonly number[];
  readonly tabMacs: readonly number[];
  readonly auditedRows: readonly number[];
  readonly bytesDown: readonly number[];
  readonly bytesUp: readonly number[];
  readonly wrongBound: readonly number[];
}

/** A longer job is rehearsed in part: its middle goes on as it was. */
const BATCHES_REHEARSED_MAX = 160;
/** Of a larger crowd so many tabs stand for all, with their part of the job. */
const TABS_REHEARSED_MAX = 48;
/** From a result to its verdict, on the rehearsal's clock. */
const AUDIT_MS = 5;

export class Predictor {
  readonly #job: CodedJob;
  readonly #facts: CrowdFacts;
  readonly #whole: CrowdModel;
  readonly #sample: CrowdModel;
  readonly #seed: number;

  /** @param seed of the draws: with the same one, codes meet the same crowds */
  constructor(job: CodedJob, facts: CrowdFacts, seed: number) {
    this.#job = job;
    this.#facts = facts;
    this.#whole = new CrowdModel(facts);
    this.#sample = facts.tabs.length <= TABS_REHEARSED_MAX ? this.#whole : new CrowdModel(sampleOf(facts));
    this.#seed = seed;
  }

  /** @param draws how many rehearsals @throws CodingError where the code is none */
  predict(code: Code, draws: number): CodePrediction {
    const { workerCount } = planOfCode(this.#job, code).scheme;
    // A round has to find room in the sample twice over.
    const isSampled = 2 * workerCount <= TABS_REHEARSED_MAX && this.#facts.tabs.length > TABS_REHEARSED_MAX;
    const share = isSampled ? TABS_REHEARSED_MAX / this.#facts.tabs.length : 1;
    const crowdModel = isSampled ? this.#sample : this.#whole;
    const rehearsedCode = { ...code, roundsInFlight: Math.max(1, Math.ceil(code.roundsInFlight * share)) };
    const queryCount = Math.max(1, Math.round(this.#job.queryCount * share));
    const part = Math.min(queryCount, this.#part(rehearsedCode, Math.ceil(this.#facts.tabs.length * share)));
    const plan = planOfCode(this.#job, rehearsedCode, part);
    const moreRounds = endRoundOf(planOfCode(this.#job, rehearsedCode, queryCount)) - endRoundOf(plan);
    const sizes = this.#sizes(part);
    const rules = this.#rules(rehearsedCode);
    const runs = Array.from({ length: draws }, (_, draw) => {
      const crowd = crowdModel.draw(simulationRandom(this.#seed + 2 * draw));
      const random: RandomSource = simulationRandom(this.#seed + 2 * draw + 1);
      return whole(rehearse(plan, sizes, crowd, rules, random), moreRounds);
    });
    const each = (value: (run: Rehearsal) => number) => runs.map(value);
    const all = (value: (run: Rehearsal) => number) => runs.map((run) => value(run) / share);
    return {
      code,
      workers: workerCount,
      firstMs: each((run) => run.firstMs),
      finishMs: each((run) => run.finishMs),
      tabMacs: all((run) => run.tabMacs),
      auditedRows: all((run) => run.auditedRows),
      bytesDown: all((run) => run.bytesDown),
      bytesUp: all((run) => run.bytesUp),
      wrongBound: each((run) => run.wrongBound),
    };
  }

  /** Queries of the part that is rehearsed: whole rounds, enough of them for the crowd to be busy most of the time. */
  #part({ queriesPerGroup, groupsPerRound, roundsInFlight }: Code, tabs: number): number {
    const least = Math.max(3 * roundsInFlight, Math.ceil((4 * tabs) / queriesPerGroup));
    const rounds = Math.max(least, Math.ceil(BATCHES_REHEARSED_MAX / queriesPerGroup));
    return rounds * queriesPerGroup * groupsPerRound;
  }

  #sizes(queryCount: number): JobSizes {
    const { macsPerQuery, inputSize, outputSize, modelBytes, answerBound, confidenceFloor } = this.#job;
    const { raw, mixed } = numberBytes(this.#job);
    const bytes = { rawBytes: raw, mixedBytes: mixed };
    // A batch has many rows: where estimates can be withheld at all, one of them nearly always is, and sends it out again.
    const toldShare = confidenceFloor === 0 ? 1 : 0;
    return { queryCount, macsPerQuery, inputSize, outputSize, modelBytes, ...bytes, answerBound, toldShare };
  }

  #rules(code: Code): RehearsalRules {
    const { volunteersReady, liarShares, secondOpinionShare } = this.#facts;
    return {
      hasParities: sendsMixtures(code),
      roundsInFlight: code.roundsInFlight,
      volunteersReady,
      liarShares,
      secondOpinionShare,
      auditMs: AUDIT_MS,
    };
  }
}

/** The whole job, from its rehearsed part and so many rounds more like those in its middle. */
function whole(run: Rehearsal, moreRounds: number): Rehearsal {
  if (moreRounds <= 0) return run;
  const { perRound } = run;
  return {
    ...run,
    finishMs: run.finishMs + moreRounds * perRound.ms,
    tabMacs: run.tabMacs + moreRounds * perRound.tabMacs,
    auditedRows: run.auditedRows + moreRounds * perRound.auditedRows,
    bytesDown: run.bytesDown + moreRounds * perRound.bytesDown,
    bytesUp: run.bytesUp + moreRounds * perRound.bytesUp,
  };
}

/** Tabs at equal steps from the slowest to the fastest. */
function sampleOf(facts: CrowdFacts): CrowdFacts {
  const speedOf = ({ responses }: TabFacts) =>
    medianOfSome([0, ...responses.map(({ ms, work }) => work / Math.max(ms, 1e-3))]);
  const sorted = [...facts.tabs].sort((a, b) => speedOf(a) - speedOf(b));
  const step = sorted.length / TABS_REHEARSED_MAX;
  const tabs = Array.from({ length: TABS_REHEARSED_MAX }, (_, i) => sorted[Math.floor((i + 0.5) * step)]!);
  return { ...facts, tabs };
}
