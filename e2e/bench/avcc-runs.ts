/** The runs behind the `avcc` table: real ones for weights and for the master's time, replays for time under delays. */

import { predictCost } from "../../server/coded/core/run-cost.ts";
import type { RunEffect } from "../../server/coded/core/run-effects.ts";
import type { RunPlan } from "../../server/coded/core/run-plan.ts";
import { RoundsEngine } from "../../server/coded/engine/rounds-engine.ts";
import { RegressionNumerics, type TrainingJob } from "../../server/kinds/regression/engine/regression-engine.ts";
import { secretRandom } from "../../server/numerics/secret-random.ts";
import type { FieldKernels } from "../../shared/compute/field/field-kernels.ts";
import { medianOfSome } from "../../shared/numbers/quantile.ts";
import { type CrowdMember, type CrowdOutcome, runCrowd } from "../crowd/coded-crowd.ts";
import {
  type BenchScheme,
  benchPlan,
  type CrowdCase,
  ITERATIONS,
  membersOf,
  OPTIMIZER,
  rolesOf,
} from "./avcc-cases.ts";
import type { BenchData } from "./avcc-data.ts";
import { REPLAY_KERNELS, replayNumerics } from "./avcc-replay.ts";

/** A tab's link, where the code changes during a run and shards move; printed with the figures. */
export const LINK_MBIT_PER_SECOND = 100;

export interface Trajectory {
  /** Test accuracy after each iteration */
  readonly accuracies: readonly number[];
  /** Virtual ms at the end of each iteration, from the first round on */
  readonly endsMs: readonly number[];
  readonly wrongAccepted: number;
  readonly undecodedRounds: number;
  readonly honestRejected: number;
  readonly liarsNamed: number;
  readonly weights: Float64Array;
}

/** Virtual cost of each step of the master. */
export type MasterCosts = Readonly<Partial<Record<RunEffect["type"], number>>>;

const transferMs = (bytes: number) => (bytes * 8) / (LINK_MBIT_PER_SECOND * 1e3);

/** Everything for real: shards, lies, checks, decodes. Delays pass on the virtual clock, and the master's steps cost `costs`. */
export function realRun(
  crowdCase: CrowdCase,
  data: BenchData,
  kernels: FieldKernels,
  costs: MasterCosts,
  options: RealRunOptions = {},
): Promise<RealRun> {
  const plan = benchPlan(crowdCase.scheme, crowdCase.setting);
  return realRunOf({ plan, members: membersOf(crowdCase), data, kernels, costs }, options);
}

interface RealRunOptions {
  readonly iterations?: number;
  readonly withAccuracy?: boolean;
}

interface RealRun {
  readonly trajectory: Trajectory;
  readonly masterMs: CrowdOutcome["masterMs"];
}

interface RealCrowd {
  readonly plan: RunPlan;
  readonly members: readonly CrowdMember[];
  readonly data: BenchData;
  readonly kernels: FieldKernels;
  readonly costs: MasterCosts;
}

/** The same for any crowd and code. @throws Error where the run ends before its iterations */
export async function realRunOf(crowd: RealCrowd, options: RealRunOptions = {}): Promise<RealRun> {
  const { plan, members, data, kernels, costs } = crowd;
  const { iterations = ITERATIONS, withAccuracy = true } = options;
  const { features, labels } = data;
  const job = { plan, kind: "logistic" as const, features, labels, rounding: null, optimizer: OPTIMIZER };
  const numericsOf = (job: TrainingJob) => new RegressionNumerics(job, data.prepared);
  const engine = new RoundsEngine(numericsOf, kernels, secretRandom);
  const accuracies: number[] = [];
  const clock = roundClock();
  const outcome = await runCrowd({
    plan,
    settings: { iterations },
    engine,
    prepare: () => engine.prepare(job, null),
    kernels,
    members,
    masterCost: (effect) => costs[effect] ?? 0,
    onStep: clock.onStep,
    onUpdate(_iteration, atMs, weights) {
      clock.ends.push(atMs);
      if (withAccuracy) accuracies.push(data.accuracyOf(weights));
    },
  });
  if (outcome.weights === null) throw new Error(`avcc bench: ${plan.scheme} ended with ${outcome.state.end?.reason}`);
  return { trajectory: trajectoryOf(outcome, accuracies, clock), masterMs: outcome.masterMs };
}

/** Time alone; what the run's weights do, a real run tells. */
export function replayedRun(crowdCase: CrowdCase, data: BenchData, costs: MasterCosts): Promise<ReplayedRun> {
  const plan = benchPlan(crowdCase.scheme, crowdCase.setting);
  return replay({ plan, members: membersOf(crowdCase), iterations: ITERATIONS, data, costs });
}

export interface Replay {
  readonly plan: RunPlan;
  readonly members: readonly CrowdMember[];
  readonly iterations: number;
  /** Its shape says how many bytes a shard has. */
  readonly data: Pick<BenchData, "features">;
  readonly costs: MasterCosts;
}

type ReplayedRun = Pick<Trajectory, "endsMs" | "wrongAccepted" | "honestRejected" | "liarsNamed"> & {
  readonly codeChanges: number;
};

/** A crowd with one code, on the virtual clock, without products. */
export async function replay({ plan, members, iterations, data, costs }: Replay): Promise<ReplayedRun> {
  const { rows, columns } = data.features;
  const shardBytes = (blockCount: number) =>
    predictCost({ ...plan, blockCount }, { rows, columns, classes: 1, iterations: 1 }).shardBytesPerVolunteer;
  const clock = roundClock();
  const outcome = await runCrowd({
    plan,
    settings: { iterations },
    engine: replayNumerics(plan, shardBytes),
    prepare: () => {},
    kernels: REPLAY_KERNELS,
    members,
    transferMs,
    masterCost: (effect) => costs[effect] ?? 0,
    onStep: clock.onStep,
    onUpdate: (_iteration, atMs) => clock.ends.push(atMs),
  });
  const { endsMs, wrongAccepted, honestRejected, liarsNamed } = trajectoryOf(outcome, [], clock);
  return { endsMs, wrongAccepted, honestRejected, liarsNamed, codeChanges: outcome.state.codeChanges.length };
}

/** Which real run has the weights of a case: who lies and how decides them, or nothing at all. */
export function trajectoryKey({ scheme, setting, attack, seed, repeat }: CrowdCase): string {
  return scheme === "uncoded" ? `uncoded/${attack}/${rolesOf(seed, repeat, setting).liars}` : "exact";
}

/** Beyond its bound lcc decodes from whoever was first, so its weights depend on the delays and nothing can be replayed. */
export function dependsOnDelays(scheme: BenchScheme, liars: number): boolean {
  return scheme === "lcc" && liars > 1;
}

/** Medians, in ms, of what each step of the master really took. */
export function costsOf(masterMs: CrowdOutcome["masterMs"]): MasterCosts {
  return Object.fromEntries(Object.entries(masterMs).map(([effect, times]) => [effect, medianOfSome(times)]));
}

/** The data is in place before the clock starts, as in the paper: at the first round's broadcast. */
function roundClock() {
  const clock = {
    beginMs: null as number | null,
    ends: [] as number[],
    onStep(event: { atMs: number }, effects: readonly RunEffect[]) {
      if (effects.some(({ type }) => type === "broadcast")) clock.beginMs ??= event.atMs;
    },
  };
  return clock;
}

function trajectoryOf(
  outcome: CrowdOutcome,
  accuracies: readonly number[],
  clock: { beginMs: number | null; ends: readonly number[] },
): Trajectory {
  return {
    accuracies,
    endsMs: clock.ends.map((endMs) => endMs - clock.beginMs!),
    wrongAccepted: outcome.wrongAccepted,
    undecodedRounds: outcome.state.undecodedRounds,
    honestRejected: outcome.honestRejected,
    liarsNamed: outcome.state.liars.length,
    weights: outcome.weights ?? new Float64Array(0),
  };
}
