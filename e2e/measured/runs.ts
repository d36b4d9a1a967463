/** Every run whose figures the docs show. A table more is a function in its run's file; a bench more is a file and a line here. */
import type { MeasuredRun } from "./measured-table.ts";
import { ablation, ablationFew } from "./tables/ablation.ts";
import { avccAttackSize } from "./tables/avcc-attack-size.ts";
import { avccCurve } from "./tables/avcc-curve.ts";
import { crowdSize } from "./tables/crowd-size.ts";
import { halfRows } from "./tables/half-rows.ts";
import { waiting } from "./tables/waiting.ts";

export const RUNS: readonly MeasuredRun[] = [
  ablation,
  ablationFew,
  avccAttackSize,
  avccCurve,
  crowdSize,
  halfRows,
  waiting,
];
