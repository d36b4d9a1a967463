/** Every run whose figures the docs show. A table more is a function in its run's file; a bench more is a file and a line here. */
import type { MeasuredRun } from "./measured-table.ts";
import { ablation, ablationFew, ablationTwelve } from "./tables/ablation.ts";
import {
  attacksCrowd,
  attacksIdentity,
  attacksOpen,
  attacksPaper,
  attacksRare,
  attacksSleeper,
} from "./tables/attacks.ts";
import { avccAttackSize } from "./tables/avcc-attack-size.ts";
import { avccCurve } from "./tables/avcc-curve.ts";
import { checks } from "./tables/checks.ts";
import { crowdSize } from "./tables/crowd-size.ts";
import { dial } from "./tables/dial.ts";
import { halfRows } from "./tables/half-rows.ts";
import { load } from "./tables/load.ts";
import { overhead, overheadSmall } from "./tables/overhead.ts";
import { waiting } from "./tables/waiting.ts";
import { waitingReal } from "./tables/waiting-real.ts";

export const RUNS: readonly MeasuredRun[] = [
  ablation,
  ablationFew,
  ablationTwelve,
  attacksOpen,
  attacksSleeper,
  attacksIdentity,
  attacksRare,
  attacksCrowd,
  attacksPaper,
  avccAttackSize,
  avccCurve,
  checks,
  crowdSize,
  dial,
  halfRows,
  load,
  overhead,
  overheadSmall,
  waiting,
  waitingReal,
];
