/** Every run whose figures the docs show. A table more is a function in its run's file; a bench more is a file and a line here. */
import type { MeasuredRun } from "./measured-table.ts";
import { ablation, ablationFew, ablationTwelve } from "./tables/ablation.ts";
import {
  attacksBurst,
  attacksCoalitions,
  attacksCrowd,
  attacksIdentity,
  attacksOpen,
  attacksPaper,
  attacksParities,
  attacksRare,
  attacksSleeper,
  attacksThousand,
} from "./tables/attacks.ts";
import { avcc } from "./tables/avcc.ts";
import { avccAttackSize } from "./tables/avcc-attack-size.ts";
import { avccCurve, avccLies } from "./tables/avcc-curve.ts";
import { calibration } from "./tables/calibration.ts";
import { capacityCells, capacityParts } from "./tables/capacity-cells.ts";
import { crowdSize } from "./tables/crowd-size.ts";
import { demo } from "./tables/demo.ts";
import { dial } from "./tables/dial.ts";
import { fairness } from "./tables/fairness.ts";
import { falseAlarms, falseAlarmsTogether, illConditioned } from "./tables/false-alarms.ts";
import { gain, gainCrowds, gainNative, gainStrangers } from "./tables/gain.ts";
import { growth, growthPlain } from "./tables/growth.ts";
import { halfRows } from "./tables/half-rows.ts";
import { largeJob } from "./tables/large-job.ts";
import { load } from "./tables/load.ts";
import { shapes, zoo } from "./tables/models.ts";
import { overhead, overheadSmall } from "./tables/overhead.ts";
import { receipts, receiptsShare } from "./tables/receipts.ts";
import { rowAttacks } from "./tables/row-attacks.ts";
import { rowGrid } from "./tables/row-grid.ts";
import { rowSpeeds } from "./tables/row-speeds.ts";
import { speeds, speedsReal, speedsRegression } from "./tables/speeds.ts";
import { tabLoop } from "./tables/tab-loop.ts";
import { takenBack } from "./tables/taken-back.ts";
import { firstUnit, hiddenTab } from "./tables/volunteer-times.ts";
import { waiting } from "./tables/waiting.ts";
import { waitingLiars, waitingLiarsEarly, waitingLiarsLarge, waitingLiarsSmall } from "./tables/waiting-liars.ts";
import { waitingReal } from "./tables/waiting-real.ts";

export const RUNS: readonly MeasuredRun[] = [
  ablation,
  ablationFew,
  ablationTwelve,
  attacksCoalitions,
  attacksBurst,
  attacksParities,
  attacksOpen,
  attacksSleeper,
  attacksThousand,
  attacksIdentity,
  attacksRare,
  attacksCrowd,
  attacksPaper,
  avcc,
  avccAttackSize,
  avccCurve,
  avccLies,
  calibration,
  capacityCells,
  capacityParts,
  crowdSize,
  demo,
  dial,
  fairness,
  falseAlarms,
  falseAlarmsTogether,
  firstUnit,
  growth,
  growthPlain,
  halfRows,
  hiddenTab,
  gain,
  gainCrowds,
  gainNative,
  gainStrangers,
  illConditioned,
  largeJob,
  load,
  overhead,
  overheadSmall,
  receipts,
  receiptsShare,
  rowAttacks,
  rowGrid,
  rowSpeeds,
  speeds,
  speedsReal,
  speedsRegression,
  tabLoop,
  takenBack,
  waiting,
  waitingLiars,
  waitingLiarsEarly,
  waitingLiarsLarge,
  waitingLiarsSmall,
  waitingReal,
  // These want packages of the npm registry, and Debian's PyTorch.
  shapes,
  zoo,
];
