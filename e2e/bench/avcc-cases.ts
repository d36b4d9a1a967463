/**
 * The cases of the `avcc` bench: 12 workers, K = 9, the settings of Tang et al. (arXiv 2107.12958, section 6), two attacks,
 * two delay models. Who straggles, who lies and how long each task takes are functions of (seed, repeat, tab, round) alone, so
 * every scheme meets the same.
 */
import { planRun, type RunPlan } from "../../server/coded/core/run-plan.ts";
import type { CodedScheme } from "../../shared/coding/coded-schemes/coded-schemes.ts";
import { exponential, randomAt, shuffle } from "../../shared/random/simulation-random.ts";
import type { CrowdMember } from "../crowd/coded-crowd.ts";
import { ATTACKS } from "../crowd/product-lies.ts";

export const WORKERS = 12;
export const DATA_WORKERS = 9;
export const ITERATIONS = 50;
export const REPEATS = 5;
export const OPTIMIZER = { rate: 0.05, momentum: 0, l2: 0 };

export const SETTINGS = [
  { stragglers: 1, liars: 1 },
  { stragglers: 2, liars: 1 },
  { stragglers: 1, liars: 2 },
] as const;
export const BENCH_SCHEMES = ["uncoded", "lcc", "avcc-static", "avcc"] as const satisfies readonly CodedScheme[];
export const BENCH_ATTACKS = ["reverse", "constant"] as const;
export const DELAY_MODELS = ["pinned", "fresh"] as const;

export type BenchScheme = (typeof BENCH_SCHEMES)[number];
export type BenchAttack = (typeof BENCH_ATTACKS)[number];
export type DelayModel = (typeof DELAY_MODELS)[number];
export interface Setting {
  readonly stragglers: number;
  readonly liars: number;
}

export const TASK_MS_LEAST = 50;
export const PINNED_MS_MEAN = 5;
export const PINNED_FACTOR = 10;
export const FRESH_MS_MEAN = 50;

const ROLE_DRAW = 20;
const DELAY_DRAW = 21;

/** lcc is designed for S = M = 1, as in the paper; avcc for what is there; uncoded uses the first nine workers. */
export function benchPlan(scheme: BenchScheme, { stragglers, liars }: Setting): RunPlan {
  const base = { scheme, dataVolunteers: DATA_WORKERS, colluders: 0 };
  if (scheme === "uncoded") return planRun({ ...base, stragglers: 0, liars: 0 });
  if (scheme === "lcc") return planRun({ ...base, stragglers: 1, liars: 1, volunteers: WORKERS });
  // A crowd beyond the code's budget still has its 12 workers: the code says what it can bear, the crowd what there is.
  const budget = stragglers + liars <= WORKERS - DATA_WORKERS ? { stragglers, liars } : { stragglers: 2, liars: 1 };
  return planRun({ ...base, ...budget, volunteers: WORKERS });
}

export interface Roles {
  readonly stragglers: readonly number[];
  readonly liars: readonly number[];
}

/** Among the first nine, so that uncoded meets all of them too. Fewer are a part of more. */
export function rolesOf(seed: number, repeat: number, setting: Setting): Roles {
  const order = Array.from({ length: DATA_WORKERS }, (_, i) => i);
  shuffle(order, randomAt(seed, ROLE_DRAW, repeat));
  return {
    stragglers: order.slice(0, setting.stragglers),
    liars: order.slice(DATA_WORKERS - setting.liars).sort((a, b) => a - b),
  };
}

/**
 * pinned: the same workers are slow through the run, by a factor that multiplies the whole response.
 * fresh: nobody is slow for good; every task takes its least time and an exponential one.
 */
export function responseMs(
  model: DelayModel,
  seed: number,
  repeat: number,
  worker: number,
  roundId: number,
  isStraggler: boolean,
): number {
  const random = randomAt(seed, DELAY_DRAW, model === "pinned" ? 0 : 1, repeat, worker, roundId);
  if (model === "fresh") return TASK_MS_LEAST + exponential(random, FRESH_MS_MEAN);
  return (isStraggler ? PINNED_FACTOR : 1) * (TASK_MS_LEAST + exponential(random, PINNED_MS_MEAN));
}

export interface CrowdCase {
  readonly scheme: BenchScheme;
  readonly setting: Setting;
  readonly attack: BenchAttack;
  readonly model: DelayModel;
  readonly seed: number;
  readonly repeat: number;
}

export function membersOf(crowdCase: CrowdCase): CrowdMember[] {
  const { setting, attack, model, seed, repeat } = crowdCase;
  const { volunteerCount } = benchPlan(crowdCase.scheme, setting);
  const { stragglers, liars } = rolesOf(seed, repeat, setting);
  return Array.from({ length: volunteerCount }, (_, worker) => ({
    volunteerId: `worker-${String(worker).padStart(2, "0")}`,
    responseMs: ({ roundId }) => responseMs(model, seed, repeat, worker, roundId, stragglers.includes(worker)),
    ...(liars.includes(worker) ? { attack: ATTACKS[attack] } : {}),
  }));
}
