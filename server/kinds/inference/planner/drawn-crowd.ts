/** One crowd as it may be, drawn from what has been seen of it: speeds, rates of slow, gone and lying tabs. */
import { medianOfSome } from "../../../../shared/numbers/quantile.ts";
import { normal } from "../../../../shared/random/draws.ts";
import type { RandomSource } from "../../../../shared/random/random.ts";
import { SLOW_RATIO } from "../../../coordinator/crowd-seen.ts";
import { CLAIM_SIZES } from "../../../rows/claim-size.ts";
import { drawBeta, posterior } from "./beta.ts";
import { type CrowdFacts, PRIORS, type TabFacts } from "./crowd-facts.ts";

export interface DrawnTab {
  /** A batch of so much work takes overheadMs + work * msPerMac, times a ratio that is drawn for each. */
  readonly overheadMs: number;
  readonly msPerMac: number;
  /** Of these what goes by on its way: an answer to what was sent ahead comes so much sooner. */
  readonly tripMs: number;
  readonly isLiar: boolean;
  /** It takes work and answers nothing. */
  readonly isMute: boolean;
  /** How long it is at what it was at before; 0: it idles. */
  readonly busyMs: number;
}

type Speed = Pick<DrawnTab, "msPerMac" | "overheadMs">;

export interface DrawnCrowd {
  readonly tabs: readonly DrawnTab[];
  readonly slowRate: number;
  /** Share of claims that are lost with their tab, where one takes usualMs: a longer claim is lost more often. */
  readonly leftRate: number;
  readonly usualMs: number | null;
  readonly silentRate: number;
  /** Of one batch, by how much it takes longer than its tab's median. */
  drawRatio(random: RandomSource): number;
  /** How long a tab that left stays away; null: it does not come back. */
  drawAbsence(random: RandomSource): number | null;
}

/** Messages, parsing, timers: what a batch costs however small it is, where nothing says otherwise. */
const OVERHEAD_MS_PRIOR = 20;
const OVERHEAD_SHARE_MAX = 0.2;
/** A tab of which nothing is known, in a crowd of which nothing is known: 2 G multiply-adds a second, a factor 2.5 either way. */
const MS_PER_MAC_PRIOR = 1 / 2e6;
const LOG_SPEED_DEVIATION_PRIOR = 0.9;
/** Between the tabs of a crowd of which too few are measured to tell. */
const LOG_SPEED_DEVIATION_CROWD = 0.5;
/** Answers vary by so much about their tab's median, if nothing says otherwise. */
const NORMAL_RATIOS_PRIOR = [0.85, 0.95, 1, 1.05, 1.2];
const SLOW_RATIOS_PRIOR = [3, 5, 8];
/** What the model leaves out (queues of the coordinator, a day's ups and downs). Assumed: `npm run bench -- dial` holds it against runs. */
const LOG_MODEL_DEVIATION = 0.04;
/** Who has passed so many audited rows does not count as somebody who may lie in every row. */
const KNOWN_HONEST_AUDITS = 3;
/** How long somebody is still at a batch is drawn so often; who was at it for longer than all of these takes as long again. */
const BUSY_DRAWS = 16;

export class CrowdModel {
  readonly #facts: CrowdFacts;
  readonly #overheadMs: number | null;
  readonly #measured: readonly { readonly msPerMac: number; readonly overheadMs: number; readonly count: number }[];
  readonly #normal: readonly number[];
  readonly #slow: readonly number[];
  readonly #logDeviation: number;

  constructor(facts: CrowdFacts) {
    this.#facts = facts;
    this.#overheadMs = overheadOf(facts.tabs);
    this.#measured = facts.tabs.flatMap((tab) => this.#speedOf(tab) ?? []);
    const normalRatios = facts.ratios.filter((ratio) => ratio <= SLOW_RATIO);
    const slowRatios = facts.ratios.filter((ratio) => ratio > SLOW_RATIO);
    this.#normal = normalRatios.length >= NORMAL_RATIOS_PRIOR.length ? normalRatios : NORMAL_RATIOS_PRIOR;
    // The prior's three stay among few: one slow answer does not say how slow they are.
    this.#slow = slowRatios.length >= SLOW_RATIOS_PRIOR.length ? slowRatios : [...SLOW_RATIOS_PRIOR, ...slowRatios];
    const logs = this.#normal.map((ratio) => Math.log(Math.max(ratio, 0.05)));
    this.#logDeviation = deviationOf(logs);
  }

  draw(random: RandomSource): DrawnCrowd {
    const facts = this.#facts;
    const slowRate = drawBeta(random, posterior(PRIORS.slow, facts.slow.seen, facts.slow.outOf));
    const { answers } = facts.standing;
    const usualMs = answers.length === 0 ? null : answers.reduce((sum, { ms }) => sum + ms, 0) / answers.length;
    // What is assumed is assumed of batches as long as they are wanted; those that were seen may have been shorter.
    const alpha = PRIORS.left.alpha * Math.min(1, (usualMs ?? CLAIM_SIZES.targetMs) / CLAIM_SIZES.targetMs);
    const leftRate = drawBeta(random, posterior({ ...PRIORS.left, alpha }, facts.left.seen, facts.left.outOf));
    const silentRate = drawBeta(random, posterior(PRIORS.silent, facts.silent.seen, facts.silent.outOf));
    const lyingRate = drawBeta(random, posterior(PRIORS.lying, facts.lying.seen, facts.lying.outOf));
    const returnShare = drawBeta(random, { alpha: 1 + facts.absencesMs.length, beta: 1 + facts.awayCount });
    // All of it may be a little faster or slower than it was.
    const common = Math.exp(LOG_MODEL_DEVIATION * normal(random));
    const [normalRatios, slowRatios] = [this.#normal, this.#slow];
    const drawRatio = (source: RandomSource) => {
      const pool = source.uniform() < slowRate ? slowRatios : normalRatios;
      return pool[source.integer(pool.length)]!;
    };
    const tabs = facts.tabs.map((tab): DrawnTab => {
      const speed = this.#drawSpeed(tab, random);
      const isLiar = tab.auditsPassed < KNOWN_HONEST_AUDITS && random.uniform() < lyingRate;
      return {
        overheadMs: speed.overheadMs,
        msPerMac: speed.msPerMac * common,
        tripMs: tripMsOf(tab, speed),
        isLiar,
        isMute: random.uniform() < muteChance(tab),
        // The next thing that it does is no sooner this job's than another's.
        busyMs: facts.otherJobs > 0 ? 0 : busyMsOf(tab, speed, () => drawRatio(random)),
      };
    });
    return {
      tabs,
      slowRate,
      leftRate,
      usualMs,
      silentRate,
      drawRatio,
      drawAbsence: (source) => {
        const { absencesMs } = facts;
        const comesBack = absencesMs.length > 0 && source.uniform() < returnShare;
        return comesBack ? absencesMs[source.integer(absencesMs.length)]! : null;
      },
    };
  }

  #speedOf({ responses }: TabFacts): { msPerMac: number; overheadMs: number; count: number } | null {
    if (responses.length === 0) return null;
    const typical = medianOfSome(responses.map(({ ms }) => ms));
    const overheadMs = Math.min(this.#overheadMs ?? OVERHEAD_MS_PRIOR, OVERHEAD_SHARE_MAX * typical);
    const msPerMac = medianOfSome(responses.map(({ ms, work }) => Math.max(ms - overheadMs, 0.1 * ms) / work));
    return { msPerMac, overheadMs, count: responses.length };
  }

  #drawSpeed(tab: TabFacts, random: RandomSource): Speed {
    const own = this.#speedOf(tab);
    const z = normal(random);
    // The median of n answers strays by their deviation times 1.25 / sqrt(n).
    if (own !== null) {
      const deviation = (1.25 * this.#logDeviation) / Math.sqrt(own.count);
      return { msPerMac: own.msPerMac * Math.exp(deviation * z), overheadMs: own.overheadMs };
    }
    if (this.#measured.length === 0) {
      const msPerMac = MS_PER_MAC_PRIOR * Math.exp(LOG_SPEED_DEVIATION_PRIOR * z);
      return { msPerMac, overheadMs: OVERHEAD_MS_PRIOR };
    }
    const like = this.#measured[random.integer(this.#measured.length)]!;
    const deviation = this.#measured.length < 5 ? LOG_SPEED_DEVIATION_CROWD : 0.1;
    return { msPerMac: like.msPerMac * Math.exp(deviation * z), overheadMs: like.overheadMs };
  }
}

function tripMsOf({ tripsMs }: TabFacts, { overheadMs }: Speed): number {
  return tripsMs.length === 0 ? overheadMs / 2 : medianOfSome(tripsMs);
}

/** Whoever did not answer the last time may never answer. */
function muteChance({ unansweredInRow }: TabFacts): number {
  return unansweredInRow / (unansweredInRow + 1);
}

/** Of the batch that it is at: what is left of it, as batches take that have taken so long already. */
function busyMsOf({ isAt }: TabFacts, { msPerMac, overheadMs }: Speed, drawRatio: () => number): number {
  if (isAt === null) return 0;
  const medianMs = overheadMs + isAt.work * msPerMac;
  for (let draw = 0; draw < BUSY_DRAWS; draw++) {
    const leftMs = medianMs * drawRatio() - isAt.ms;
    if (leftMs >= 0) return leftMs;
  }
  return isAt.ms;
}

/** Two batches of different work tell what is left of a batch without work; null where no tab had two such. */
function overheadOf(tabs: readonly TabFacts[]): number | null {
  const seen = tabs.flatMap(({ responses }) => {
    const works = responses.map(({ work }) => work);
    const [least, most] = [Math.min(...works), Math.max(...works)];
    if (responses.length < 4 || most < 1.5 * least) return [];
    const timeOf = (isSmall: boolean) => {
      const those = responses.filter(({ work }) => work < Math.sqrt(least * most) === isSmall);
      return { ms: medianOfSome(those.map(({ ms }) => ms)), work: medianOfSome(those.map(({ work }) => work)) };
    };
    const [small, large] = [timeOf(true), timeOf(false)];
    const slope = (large.ms - small.ms) / (large.work - small.work);
    return [Math.max(0, small.ms - Math.max(0, slope) * small.work)];
  });
  return seen.length === 0 ? null : medianOfSome(seen);
}

function deviationOf(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return Math.sqrt(square);
}
