/** What the coordinator has seen of its crowd, as plain data: what estimates are made from. */

import type { EstimateBasis, SeenRate } from "../../../../shared/kinds/inference/estimate.ts";
import { medianOfSome } from "../../../../shared/numbers/quantile.ts";
import { type Beta, betaQuantile } from "../../../../shared/verify/beta-distribution.ts";
import { paceFrom } from "../../../coordinator/response-times.ts";
import type { CoordinatorSettings, ResponseSample } from "../../../coordinator/state.ts";
import type { VerifiedWork } from "../../../coordinator/verified-work.ts";
import type { PrecisionClass } from "../../../coordinator/words.ts";
import type { StoredCrowd } from "../../../store/store.ts";
import { betaMean, posterior } from "./beta.ts";

/** A tab that is ready for work. */
export interface TabFacts {
  /** Answers that were measured, oldest first. */
  readonly responses: readonly ResponseSample[];
  /** What an answer takes on its way there and back, as far as that was measured, ms. */
  readonly tripsMs: readonly number[];
  /** Audited rows that its volunteer has passed. */
  readonly auditsPassed: number;
  /** Rows that were taken in of its volunteer: who is known checks others. */
  readonly rowsTaken: number;
  /** Times that its volunteer took work and did not answer, since it answered last. */
  readonly unansweredInRow: number;
  /** Rows of the job's model that were looked at on its back-end, to measure how exactly it computes (PC3). */
  readonly rowsMeasured: number;
  /** The batch that its tab is at now, whether anybody still wants it or not, and for how many milliseconds; null: it idles. */
  readonly isAt: { readonly ms: number; readonly work: number } | null;
  /** Tabs with the same number are one volunteer's, or come from one address; null: it is not known. */
  readonly volunteer: number;
  readonly address: number | null;
  readonly backend: string;
  readonly precision: PrecisionClass;
  /** Does its volunteer choose what it works for? It checks nothing then. */
  readonly isChooser: boolean;
}

/** What the coordinator's rules go by, beside the tabs themselves. */
export interface CrowdStanding {
  readonly settings: CoordinatorSettings;
  readonly crowd: StoredCrowd;
  /** Volunteers of whom rows were taken in. */
  readonly met: number;
  readonly verifiedWork: VerifiedWork;
  /** Latest answers of the whole crowd. */
  readonly answers: readonly ResponseSample[];
}

export interface CrowdFacts {
  readonly tabs: readonly TabFacts[];
  readonly volunteersReady: number;
  /** [WC5] Of them those that chose what they work for. */
  readonly choosers: number;
  /** Ready volunteers that do not take the job. */
  readonly elsewhere: number;
  /** Times of late answers of the crowd over what their tab's own median had been. */
  readonly ratios: readonly number[];
  /** Of these, and of those before them: how many were slow (SLOW_RATIO). */
  readonly slow: { readonly seen: number; readonly outOf: number };
  /** Batches whose tab left, and those that were met with silence, out of all that ended one way or the other. */
  readonly left: { readonly seen: number; readonly outOf: number };
  readonly silent: { readonly seen: number; readonly outOf: number };
  /** Volunteers with a record that lied. */
  readonly lying: { readonly seen: number; readonly outOf: number };
  /** Milliseconds that volunteers were away who came back; and how many have not come back. */
  readonly absencesMs: readonly number[];
  readonly awayCount: number;
  /** Other jobs at work for which this crowd computes too. */
  readonly otherJobs: number;
  readonly standing: CrowdStanding;
}

/**
 * What is assumed before anything is seen. One answer in ten is slow, as in browsers whose users do other things (worth ten
 * answers); one batch in two hundred goes with its tab, one in two thousand is met with silence, for tabs stay for many batches (each
 * worth a hundred); one volunteer in twenty lies (worth ten).
 */
export const PRIORS: Readonly<Record<"slow" | "left" | "silent" | "lying", Beta>> = {
  slow: { alpha: 1, beta: 9 },
  left: { alpha: 0.5, beta: 99.5 },
  silent: { alpha: 0.05, beta: 99.95 },
  lying: { alpha: 0.5, beta: 9.5 },
};

/** Of a tab, before any was measured: a laptop with WebAssembly. */
export const MACS_PER_MS_ASSUMED = 2e6;
/** Answers that come sooner say as much of the network as of the tab. */
const SPEED_MS_MIN = 100;

/**
 * Multiply-adds a millisecond of the crowd's typical tab. One that was not measured, or whose answers come too soon to say how fast it
 * could be, counts as a laptop, or as what was measured where that is more.
 */
export function typicalMacsPerMs({ tabs }: CrowdFacts): number {
  const speeds = tabs.map((tab) => speedOf(tab) ?? MACS_PER_MS_ASSUMED);
  return speeds.length === 0 ? MACS_PER_MS_ASSUMED : medianOfSome(speeds);
}

/** Multiply-adds a millisecond of a tab; null: nothing was measured of it. */
function speedOf({ responses }: TabFacts): number | null {
  const pace = paceFrom(responses);
  if (pace === null) return null;
  const measured = 1 / pace.usualMs;
  const isTold = medianOfSome(responses.map(({ ms }) => ms)) >= SPEED_MS_MIN;
  return isTold ? measured : Math.max(measured, MACS_PER_MS_ASSUMED);
}

export function basisOf(facts: CrowdFacts): EstimateBasis {
  const speeds = facts.tabs.flatMap(({ responses }) =>
    responses.length === 0 ? [] : [1e3 * medianOfSome(responses.map(({ ms, work }) => work / Math.max(ms, 1e-3)))],
  );
  const gone = {
    seen: facts.left.seen + facts.silent.seen,
    outOf: facts.left.outOf,
  };
  return {
    tabsReady: facts.tabs.length,
    volunteersReady: facts.volunteersReady,
    choosers: facts.choosers,
    elsewhere: facts.elsewhere,
    tabsMeasured: speeds.length,
    macsPerSecond:
      speeds.length === 0
        ? null
        : { median: medianOfSome(speeds), low: Math.min(...speeds), high: Math.max(...speeds) },
    responses: facts.ratios.length,
    otherJobs: facts.otherJobs,
    slow: seenRate(PRIORS.slow, facts.slow),
    gone: seenRate(
      { alpha: PRIORS.left.alpha + PRIORS.silent.alpha, beta: PRIORS.left.beta - PRIORS.silent.alpha },
      gone,
    ),
    lying: seenRate(PRIORS.lying, facts.lying),
  };
}

function seenRate(prior: Beta, { seen, outOf }: { readonly seen: number; readonly outOf: number }): SeenRate {
  const known = posterior(prior, seen, outOf);
  return { seen, outOf, rate: betaMean(known), low: betaQuantile(known, 0.05), high: betaQuantile(known, 0.95) };
}
