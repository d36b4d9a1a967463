/** One setting of the `attacks` bench: crowds with liars in them, and what became of their answers. */
import type { CoordinatorSettings } from "../../server/coordinator/state.ts";
import type { NumericsExecutor } from "../../server/numerics/numerics-executor.ts";
import type { TaskInputs, TaskName, TaskOutputs } from "../../server/numerics/numerics-tasks.ts";
import type { CoordinatorShell } from "../../server/shell/coordinator-shell.ts";
import type { AllAnswers } from "../../server/web/coordinator-port.ts";
import { ANSWER_MARKS, type AnswerMark, type InferenceSubmission } from "../../shared/protocol/api.ts";
import { randomAt, shuffle } from "../../shared/random/simulation-random.ts";
import { PRECISION_TOLERANCE, rowAgrees } from "../../shared/verify/compare-rows.ts";
import { type JobsOutcome, runJobs } from "../simulator/run-jobs.ts";
import { HONEST, type TabFaults } from "../simulator/simulated-tab.ts";
import type { Attack } from "./attack-lies.ts";
import type { JobWorld } from "./job-world.ts";

export interface AttackSetting {
  readonly attack: string;
  /** What each liar does: one entry a liar. */
  readonly attacks: readonly Attack[];
  readonly tabs: number;
  readonly submission: Partial<InferenceSubmission>;
  /** Are rows that disagree with their estimates recomputed before random ones? */
  readonly suspicionFirst: boolean;
  /** What the operator sets otherwise than by default. */
  readonly settings?: Partial<CoordinatorSettings>;
}

export interface AttackTally {
  readonly answers: number;
  /** Liars that lied at least once, by the name that they then had; those of them that were quarantined. */
  readonly liars: number;
  readonly named: number;
  readonly honestQuarantined: number;
  /** Results with a lie in them that were taken in of liars that were named. */
  readonly liedBatchesOfNamed: number;
  readonly answersByMark: Readonly<Record<AnswerMark, number>>;
  /** Answers marked audited or exact; of them wrong; the sum of the bounds that they carry. */
  readonly audited: number;
  readonly wrongAudited: number;
  readonly auditedBoundSum: number;
  readonly final: number;
  readonly wrongFinal: number;
  readonly finalBoundSum: number;
  /** Answers that were wrong and final at any look, though they may have been redone later. */
  readonly wrongWhileFinal: number;
  readonly auditedRows: number;
  /** Rows that tabs computed. */
  readonly tabRows: number;
  /** Answers with the right label. */
  readonly hits: number;
}

/** Happenings between two looks at the answers of a job that runs. */
const HAPPENINGS_PER_LOOK = 250;
const STRAGGLE_PROBABILITY = 0.02;
const ROLE_DRAW = 51;

/** @param crowd which one: liars, losses and delays are drawn from the seed and it */
export async function attackCrowd(
  setting: AttackSetting,
  { inferenceCase, common, withKnownOrders }: JobWorld,
  seed: number,
  crowd: number,
): Promise<AttackTally> {
  const { model, outputs, labels } = inferenceCase;
  const { outputSize } = model.facts;
  const crowdSeed = seed * 10_000 + crowd;
  const liars = shuffle([...Array(setting.tabs).keys()], randomAt(crowdSeed, ROLE_DRAW)).slice(
    0,
    setting.attacks.length,
  );
  const tabs = Array.from({ length: setting.tabs }, (_, tab): TabFaults => {
    const honest = { ...HONEST, straggleProbability: STRAGGLE_PROBABILITY, whenQuarantined: "stays away" } as const;
    const attack = setting.attacks[liars.indexOf(tab)];
    if (attack === undefined) return honest;
    const lie = attack.lie({ seed: crowdSeed, tab, honestOutputs: outputs });
    return { ...honest, lie, whenQuarantined: attack.comesAsAnother ? "comes as another" : "stays away" };
  });
  const isWrong = (answers: AllAnswers, query: number) => {
    const row = (values: Float32Array) => values.subarray(query * outputSize, (query + 1) * outputSize);
    return !rowAgrees(row(outputs), row(answers.outputs), PRECISION_TOLERANCE.float32);
  };

  const wrongWhileFinal = new Set<string>();
  let happenings = 0;
  async function look(shell: CoordinatorShell, jobId: string): Promise<void> {
    if (happenings++ % HAPPENINGS_PER_LOOK !== 0) return;
    const answers = await shell.allAnswers(jobId);
    answers?.final.forEach((isFinal, query) => {
      if (isFinal === 1 && isWrong(answers, query)) wrongWhileFinal.add(`${jobId} ${query}`);
    });
  }

  const jobCount = Math.max(1, ...setting.attacks.map(({ jobs = 1 }) => jobs));
  const outcome = await runJobs({
    seed: crowdSeed,
    tabs,
    ...common,
    ...(setting.settings === undefined ? {} : { settings: setting.settings }),
    jobs: Array.from({ length: jobCount }, () => setting.submission),
    wrapExecutor: (executor) => {
      const remembering = withKnownOrders(executor, crowd);
      return setting.suspicionFirst ? remembering : withoutSuspicion(remembering);
    },
    observe: look,
  });
  return { ...tallyOf(outcome, labels, isWrong, new Set(liars)), wrongWhileFinal: wrongWhileFinal.size };
}

function tallyOf(
  { jobs, volunteers, tabs }: JobsOutcome,
  labels: Uint8Array,
  isWrong: (answers: AllAnswers, query: number) => boolean,
  liars: ReadonlySet<number>,
): Omit<AttackTally, "wrongWhileFinal"> {
  const quarantined = new Set(volunteers.flatMap(({ volunteerId, quarantine }) => (quarantine ? [volunteerId] : [])));
  const lied = new Map(tabs.flatMap(({ lies }) => [...lies]));
  const named = [...lied].filter(([volunteerId]) => quarantined.has(volunteerId));
  // A tab's names begin alike, whatever it calls itself later: volunteer-7, volunteer-7-1.
  const isHonest = (volunteerId: string) => !liars.has(Number(volunteerId.split("-")[1]));
  const sums = {
    answers: 0,
    audited: 0,
    wrongAudited: 0,
    auditedBoundSum: 0,
    final: 0,
    wrongFinal: 0,
    finalBoundSum: 0,
  };
  const marks = new Uint32Array(ANSWER_MARKS.length);
  const [auditedMark, exactMark] = [ANSWER_MARKS.indexOf("audited"), ANSWER_MARKS.indexOf("exact")];
  let [hits, auditedRows] = [0, 0];
  for (const { view, answers } of jobs) {
    if (view.state !== "done")
      throw new Error(`attacks: expected the job to be done, got ${view.state}: ${view.error}`);
    auditedRows += view.auditedRows;
    for (let query = 0; query < answers.queryCount; query++) {
      const mark = answers.marks[query]!;
      marks[mark]!++;
      sums.answers++;
      if (answers.labels?.[query] === labels[query]) hits++;
      const wrong = isWrong(answers, query) ? 1 : 0;
      if (mark === auditedMark || mark === exactMark) {
        sums.audited++;
        sums.wrongAudited += wrong;
        sums.auditedBoundSum += Math.min(1, answers.bounds[query]!);
      }
      if (answers.final[query] !== 1) continue;
      sums.final++;
      sums.wrongFinal += wrong;
      sums.finalBoundSum += answers.bounds[query]!;
    }
  }
  return {
    ...sums,
    liars: lied.size,
    named: named.length,
    honestQuarantined: [...quarantined].filter((volunteerId) => isHonest(volunteerId)).length,
    liedBatchesOfNamed: named.reduce((sum, [, batches]) => sum + batches, 0),
    answersByMark: Object.fromEntries(ANSWER_MARKS.map((mark, index) => [mark, marks[index]!])) as Record<
      AnswerMark,
      number
    >,
    auditedRows,
    tabRows: tabs.reduce((sum, tab) => sum + tab.rows, 0),
    hits,
  };
}

/** The switch: estimates are made as always, but nothing is recomputed because it disagrees with them. */
function withoutSuspicion(executor: NumericsExecutor): NumericsExecutor {
  return {
    run<T extends TaskName>(task: T, input: TaskInputs[T]): Promise<TaskOutputs[T]> {
      if (task === "audit") return executor.run(task, { ...input, estimates: null });
      if (task === "decode") return executor.run(task, { ...input, suspects: null });
      return executor.run(task, input);
    },
    close: () => executor.close(),
  };
}

/** Of several crowds. */
export function sumOf(tallies: readonly AttackTally[]): AttackTally {
  return tallies.reduce((a, b) => {
    const sum = { ...b } as Record<string, unknown>;
    for (const [key, value] of Object.entries(a)) {
      if (typeof value === "number") sum[key] = value + (b[key as keyof AttackTally] as number);
    }
    const answersByMark = Object.fromEntries(
      ANSWER_MARKS.map((mark) => [mark, a.answersByMark[mark] + b.answersByMark[mark]]),
    );
    return { ...sum, answersByMark } as unknown as AttackTally;
  });
}
