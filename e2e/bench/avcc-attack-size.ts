/**
 * What a lie's size does to accuracy: each liar sends its product reversed, times a factor.
 *
 *     npm run bench -- avcc-attack-size [--seed N] [--json FILE]
 *
 * Twelve workers, M of them, anywhere, lie in every round; nobody is slow for good, so that which results come first is a draw of
 * its own in each round. Everything is computed for real. `avcc` checks each result and uses no forged one, whatever its size.
 */
import { planRun, type RunPlan } from "../../server/coded/core/run-plan.ts";
import { createWasmKernels } from "../../shared/compute/field/wasm-kernels.ts";
import { exponential, randomAt, shuffle } from "../../shared/random/simulation-random.ts";
import type { CrowdMember } from "../crowd/coded-crowd.ts";
import { reverseBy } from "../crowd/product-lies.ts";
import { DATA_WORKERS, FRESH_MS_MEAN, REPEATS, TASK_MS_LEAST, WORKERS } from "./avcc-cases.ts";
import { benchData } from "./avcc-data.ts";
import { realRunOf } from "./avcc-runs.ts";
import { meanInterval } from "./mean-interval.ts";
import type { Cell, Measurement, Measurer } from "./measurement.ts";

const FACTORS = [1, 2, 3, 4, 5];
const LIARS = [1, 2];
const LIAR_DRAW = 50;
const DELAY_DRAW = 51;

/** The paper's codes, the static code made for what comes, and the one that checks. */
export function contendersOf(liars: number): Readonly<Record<string, RunPlan>> {
  const common = { colluders: 0, volunteers: WORKERS };
  const lcc = (K: number, S: number, M: number) =>
    planRun({ scheme: "lcc", dataVolunteers: K, stragglers: S, liars: M, ...common });
  return {
    uncoded: planRun({ scheme: "uncoded", dataVolunteers: WORKERS, stragglers: 0, liars: 0, ...common }),
    "lcc of the paper": lcc(DATA_WORKERS, 1, 1),
    ...(liars > 1 ? { "best static lcc": lcc(WORKERS - 1 - 2 * liars, 1, liars) } : {}),
    avcc: planRun({ scheme: "avcc", dataVolunteers: WORKERS - 1 - liars, stragglers: 1, liars, ...common }),
  };
}

export function membersOf(plan: RunPlan, liars: number, factor: number, seed: number): CrowdMember[] {
  const places = shuffle(
    Array.from({ length: WORKERS }, (_, i) => i),
    randomAt(seed, LIAR_DRAW),
  );
  const attack = reverseBy(factor);
  return Array.from({ length: plan.volunteerCount }, (_, worker) => ({
    volunteerId: `worker-${String(worker).padStart(2, "0")}`,
    responseMs: ({ roundId }) =>
      TASK_MS_LEAST + exponential(randomAt(seed, DELAY_DRAW, worker, roundId), FRESH_MS_MEAN),
    ...(places.indexOf(worker) < liars ? { attack } : {}),
  }));
}

async function run({ seed, progress }: { seed: number; progress(line: string): void }): Promise<Measurement> {
  const data = await benchData();
  const kernels = await createWasmKernels();
  const rows: Record<string, Cell>[] = [];
  for (const liars of LIARS) {
    for (const factor of FACTORS) {
      progress(`M = ${liars}, times ${factor}`);
      const accuracies = new Map<string, number[]>();
      for (let repeat = 0; repeat < REPEATS; repeat++) {
        for (const [code, plan] of Object.entries(contendersOf(liars))) {
          const members = membersOf(plan, liars, factor, seed + repeat);
          const { trajectory } = await realRunOf({ plan, members, data, kernels, costs: {} });
          accuracies.set(code, [...(accuracies.get(code) ?? []), trajectory.accuracies.at(-1)!]);
        }
      }
      const own = accuracies.get("avcc")!;
      for (const [code, values] of accuracies) {
        const gains = meanInterval(values.map((value, repeat) => 100 * (own[repeat]! - value)));
        const { mean, halfWidth } = meanInterval(values);
        const common = { liars, factor, code, repeats: values.length, accuracy: mean, accuracyHalfWidth: halfWidth };
        rows.push({ ...common, gainPoints: gains.mean, gainHalfWidth: gains.halfWidth });
      }
    }
  }
  kernels.dispose();
  return { name: avccAttackSize.name, title: avccAttackSize.title, columns: COLUMNS, rows, notes: NOTES };
}

const COLUMNS = [
  { key: "liars", title: "M" },
  { key: "factor", title: "factor" },
  { key: "code", title: "code" },
  { key: "accuracy", title: "accuracy", digits: 4 },
  { key: "accuracyHalfWidth", title: "+-", digits: 4 },
  { key: "gainPoints", title: "avcc's gain, points", digits: 1 },
  { key: "gainHalfWidth", title: "+-", digits: 1 },
];

const NOTES = [
  `Test accuracy after 50 iterations, means of ${REPEATS} draws of liars and delays; +- is half of the 95 % interval.`,
  "lcc of the paper is made for S = M = 1 and corrects one liar; with two it decodes from wrong results. The best static lcc knows M.",
];

export const avccAttackSize: Measurer = {
  name: "avcc-attack-size",
  title: "Coded gradients: accuracy of each code, by how large the lies are",
  run,
};
