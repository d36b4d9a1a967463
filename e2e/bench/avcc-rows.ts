/** Rows of the `avcc` table: the same whether delays were simulated or real. */
import type { Setting } from "./avcc-cases.ts";
import type { Column, Measurement } from "./measurement.ts";

const ACCURACY_GOAL = 0.95;

export const ROW_COLUMNS: readonly Column[] = [
  { key: "stragglers", title: "S" },
  { key: "liars", title: "M" },
  { key: "attack", title: "attack" },
  { key: "delayModel", title: "delays" },
  { key: "scheme", title: "scheme" },
  { key: "secondsFor50", title: "s for 50", digits: 2 },
  { key: "secondsTo95", title: "s to 95 %", digits: 2 },
  { key: "ratioToLcc", title: "x lcc", digits: 2 },
  { key: "ratioToUncoded", title: "x uncoded", digits: 2 },
  { key: "accuracy50", title: "accuracy", digits: 4 },
  { key: "accuracyGainToLcc", title: "points to lcc", digits: 1 },
  { key: "accuracyGainToUncoded", title: "to uncoded", digits: 1 },
  { key: "wrongAccepted", title: "wrong accepted" },
];

export interface Sample {
  readonly secondsFor50: number;
  /** Infinity where it never gets there */
  readonly secondsTo95: number;
  readonly accuracy50: number;
  readonly wrongAccepted: number;
}

export function sampleOf(endsMs: readonly number[], accuracies: readonly number[], wrongAccepted: number): Sample {
  const reached = accuracies.findIndex((accuracy) => accuracy >= ACCURACY_GOAL);
  return {
    secondsFor50: endsMs.at(-1)! / 1e3,
    secondsTo95: reached < 0 ? Number.POSITIVE_INFINITY : endsMs[reached]! / 1e3,
    accuracy50: accuracies.at(-1)!,
    wrongAccepted,
  };
}

/** One row a scheme; ratios are of secondsFor50, gains in points of accuracy, against lcc and uncoded of the same case. */
export function rowsOf(
  setting: Setting,
  attack: string,
  delayModel: string,
  samples: readonly (readonly [scheme: string, sample: Sample])[],
): Measurement["rows"] {
  const byScheme = new Map(samples);
  const [lcc, uncoded] = [byScheme.get("lcc")!, byScheme.get("uncoded")!];
  return samples.map(([scheme, own]) => ({
    stragglers: setting.stragglers,
    liars: setting.liars,
    attack,
    scheme,
    delayModel,
    secondsFor50: own.secondsFor50,
    secondsTo95: Number.isFinite(own.secondsTo95) ? own.secondsTo95 : null,
    ratioToLcc: lcc.secondsFor50 / own.secondsFor50,
    ratioToUncoded: uncoded.secondsFor50 / own.secondsFor50,
    accuracy50: own.accuracy50,
    accuracyGainToLcc: 100 * (own.accuracy50 - lcc.accuracy50),
    accuracyGainToUncoded: 100 * (own.accuracy50 - uncoded.accuracy50),
    wrongAccepted: own.wrongAccepted,
  }));
}
