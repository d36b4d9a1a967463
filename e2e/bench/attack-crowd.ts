/** One setting of the `attacks` bench: crowds with liars in them, and what became of their answers. */

import type { CoordinatorShell } from "../../server/shell/coordinator-shell.ts";
import type { InferenceSubmission } from "../../shared/kinds/inference/submission.ts";
import { ANSWER_BOUND_DEFAULT } from "../../shared/protocol/limits.ts";
import { randomAt } from "../../shared/random/simulation-random.ts";
import { drawLiars } from "../crowd/liars.ts";
import { HONEST, type TabFaults } from "../crowd/tab-faults.ts";
import { runJobs } from "../proofs/simulator/run-jobs.ts";
import type { Attack } from "./attack-lies.ts";
import { type AttackTally, tallyOf } from "./attack-tally.ts";
import { otherThan, wrongFinals } from "./final-answers.ts";
import type { JobWorld } from "./job-world.ts";

export interface AttackSetting {
  readonly attack: string;
  /** What each liar does: one entry a liar. */
  readonly attacks: readonly Attack[];
  readonly tabs: number;
  readonly submission: Partial<InferenceSubmission>;
  /** Time of a row at a tab, ms. A claim is three seconds of work: by default ten rows. */
  readonly rowMs?: number;
}

/** Happenings between two looks at the answers of a job that runs. */
const HAPPENINGS_PER_LOOK = 250;
const STRAGGLE_PROBABILITY = 0.02;
const ROLE_DRAW = 51;
const SPEED_DRAW = 52;
const ROW_MS = 300;

/** @param crowd which one: liars, losses and delays are drawn from the seed and it */
export async function attackCrowd(
  setting: AttackSetting,
  { inferenceCase, common }: JobWorld,
  seed: number,
  crowd: number,
): Promise<AttackTally> {
  const { model, outputs, labels } = inferenceCase;
  const crowdSeed = seed * 10_000 + crowd;
  const liars = drawLiars(setting.tabs, setting.attacks.length, randomAt(crowdSeed, ROLE_DRAW));
  const tabs = Array.from({ length: setting.tabs }, (_, tab): TabFaults => {
    const factors = [{ kind: "even", spread: 0.3 }] as const;
    const computeTime = { fixedMs: 0, rowMs: setting.rowMs ?? ROW_MS, factors, draw: SPEED_DRAW };
    const faults = { straggleProbability: STRAGGLE_PROBABILITY, whenQuarantined: "stays away" } as const;
    const honest = { ...HONEST, ...faults, computeTime };
    const attack = setting.attacks[liars.indexOf(tab)];
    if (attack === undefined) return honest;
    const lie = attack.lie({ seed: crowdSeed, tab, honestOutputs: outputs });
    return { ...honest, lie, whenQuarantined: attack.comesAsAnother ? "comes as another" : "stays away" };
  });
  const isWrong = otherThan(outputs, model.facts.outputSize);

  const wrongWhileFinal = new Set<string>();
  let happenings = 0;
  async function look(shell: CoordinatorShell, jobId: string): Promise<void> {
    if (happenings++ % HAPPENINGS_PER_LOOK !== 0) return;
    const answers = await shell.desks.inference.allAnswers(jobId);
    if (answers === null) return;
    for (const query of wrongFinals(answers, isWrong)) wrongWhileFinal.add(`${jobId} ${query}`);
  }

  const { answerBound = ANSWER_BOUND_DEFAULT } = setting.submission;
  const jobCount = Math.max(1, ...setting.attacks.map(({ jobs = 1 }) => jobs));
  const outcome = await runJobs({
    seed: crowdSeed,
    tabs,
    ...common,
    jobs: Array.from({ length: jobCount }, () => setting.submission),
    checksRules: false,
    observe: look,
  });
  return { ...tallyOf(outcome, labels, isWrong, new Set(liars), answerBound), wrongWhileFinal: wrongWhileFinal.size };
}
