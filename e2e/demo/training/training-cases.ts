/**
 * What the training demo runs: GISETTE-like, 6000 x 5000, 50 iterations, K = 9 as in Tang et al. (arXiv 2107.12958, section
 * 6), with two tabs that are slow all along and two that lie. Every code but uncoded has twelve tabs; uncoded has nine, with
 * the same faults, for it has no use for more.
 */
import type { RegressionSubmissionInput } from "../../../shared/sdk/paritab-client.ts";

export const TRAINING_PROFILE = "slow:2(x10,floor=500),liar:2(constant)";
export const TRAINING_SCHEMES = ["uncoded", "lcc", "avcc-static", "avcc"] as const;
export type TrainingScheme = (typeof TRAINING_SCHEMES)[number];

const DATA_VOLUNTEERS = 9;
const TABS = 12;
export const ITERATIONS = 50;
export const OPTIMIZER = { rate: 0.05, momentum: 0, l2: 0 };

export function tabsFor(scheme: TrainingScheme): number {
  return scheme === "uncoded" ? DATA_VOLUNTEERS : TABS;
}

/** lcc is designed for one slow tab and one liar, as many as twelve tabs allow it; avcc for two and one. */
export function submissionFor(scheme: TrainingScheme): RegressionSubmissionInput {
  const budget = {
    uncoded: { stragglers: 0, liars: 0 },
    lcc: { stragglers: 1, liars: 1 },
    "avcc-static": { stragglers: 2, liars: 1 },
    avcc: { stragglers: 2, liars: 1 },
  }[scheme];
  return {
    kind: "regression",
    name: `fours and nines, ${scheme}`,
    submitter: "demo",
    source: { kind: "sample", sample: "gisette-like" },
    model: "logistic",
    scheme,
    dataVolunteers: DATA_VOLUNTEERS,
    ...budget,
    iterations: ITERATIONS,
    // Bit for bit as the reference, which prepares nothing.
    standardise: false,
    intercept: false,
    learningRate: OPTIMIZER.rate,
    momentum: OPTIMIZER.momentum,
    l2: OPTIMIZER.l2,
    // All rows are trained on: there are test digits besides.
    validationShare: 0,
  };
}
