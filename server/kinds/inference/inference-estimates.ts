/** What an inference job would cost, and the code that an aim comes to: the dial, over the crowd that is connected now. */
import { DEFAULT_SCHEME } from "../../../shared/coding/schemes/schemes.ts";
import type { Aim } from "../../../shared/kinds/inference/aim.ts";
import type {
  CodeEstimate,
  InferenceEstimate,
  InferenceEstimateRequest,
  Spread,
} from "../../../shared/kinds/inference/estimate.ts";
import type { RowsEstimate } from "../../../shared/kinds/inference/rows-view.ts";
import type { InferenceSubmission } from "../../../shared/kinds/inference/submission.ts";
import { quantileOfSome } from "../../../shared/numbers/quantile.ts";
import type { TimeSpread } from "../../../shared/protocol/estimate-api.ts";
import { majorityBound } from "../../../shared/verify/majority-bound.ts";
import { liarSharesOf } from "../../coordinator/verified-work.ts";
import { SubmissionError } from "../../shell/submission-error.ts";
import type { JobData } from "./engine/job-data.ts";
import { isOfBytes } from "./engine/query-rows.ts";
import type { InferenceExecutor } from "./engine/task-types.ts";
import { partedRowBytes } from "./engine/wire-parts.ts";
import { chanceOf } from "./planner/choose-code.ts";
import { type Code, type CodedJob, type JobSizes, numberBytes, planOfCode } from "./planner/coded-job.ts";
import { basisOf, type CrowdFacts } from "./planner/crowd-facts.ts";
import type { JobPlan } from "./planner/plan-job.ts";
import { codeInWords, predictionInWords, refusalInWords } from "./planner/plan-words.ts";
import type { CodePrediction } from "./planner/predict-code.ts";
import type { CodeInForce, StoredJob } from "./records.ts";

/** What a job with an aim is looked at with, before its code is chosen: fits every model and any number of queries. */
export const ONE_BY_ONE = {
  scheme: DEFAULT_SCHEME,
  queriesPerGroup: 1,
  stragglers: 0,
  liars: 0,
  spares: "backups",
} as const satisfies Code;

export function codedJobOf({ job, source, model }: JobData): JobSizes {
  return {
    ...sizesOf(job),
    modelBytes: model.bundle.length,
    isBytes: isOfBytes(source),
    wholeRowBytes: source.inputs === undefined ? null : partedRowBytes(source, job.queryCount),
    queryCount: job.queryCount,
  };
}

function sizesOf({
  submission,
  macsPerQuery,
  inputSize,
  outputSize,
}: Pick<StoredJob, "submission" | "macsPerQuery" | "inputSize" | "outputSize">) {
  const { completion, answerBound, confidenceFloor } = submission;
  return { macsPerQuery, inputSize, outputSize, completion, answerBound, confidenceFloor };
}

/** @param request whose source is given by its sizes */
export function codedJobOfSizes(request: InferenceEstimateRequest): JobSizes | null {
  if (request.source.kind !== "sizes") return null;
  const { kind: _kind, queryDtype, ...sizes } = request.source;
  const { completion, answerBound, confidenceFloor } = request;
  return { ...sizes, isBytes: queryDtype === "U8", wholeRowBytes: null, completion, answerBound, confidenceFloor };
}

export function codeOf(submission: Pick<InferenceSubmission, keyof Code>): Code {
  const { scheme, queriesPerGroup, stragglers, liars, spares } = submission;
  return { scheme, queriesPerGroup, stragglers, liars, spares };
}

/** Without what checks would cost. */
export type UncheckedEstimate = Omit<InferenceEstimate, "rows" | "comparison">;

/**
 * [CK11] The price of checks says how many rows the coordinator computes: there is no other number for it.
 */
export function withCheckedRows(
  estimate: CodeEstimate,
  { macsPerQuery }: Pick<CodedJob, "macsPerQuery">,
  { coordinatorRows }: Pick<RowsEstimate, "coordinatorRows">,
): CodeEstimate {
  const certain = (value: number): Spread => ({ p50: value, p90: value });
  return { ...estimate, coordinatorRows: certain(coordinatorRows), auditMacs: certain(coordinatorRows * macsPerQuery) };
}

/** @param executor plans on the numerics pool: a plan is some dozens of runs on virtual time */
export async function estimateInference(
  executor: InferenceExecutor,
  job: CodedJob,
  facts: CrowdFacts,
  aim: Aim | null,
  code: Code,
): Promise<UncheckedEstimate> {
  // Said here, for an error of a thread has lost its class.
  planOfCode(job, code);
  const plan = await executor.run("plan", { job, facts, aim, code: aim === null ? code : null });
  const chosenCode = plan.chosen?.code ?? code;
  const { needsDistinctVolunteers, scheme } = planOfCode(job, chosenCode);
  const chosen = plan.chosen === null ? withoutCrowd(job, code) : estimateOf(job, facts, aim, plan.chosen);
  const refusal = aim === null ? null : refusalOf(aim, plan);
  return {
    kind: "inference",
    summary: summaryOf(job, facts, plan, chosen),
    refusal,
    chosen,
    choices: plan.stops.map((stop) => estimateOf(job, facts, aim, stop)),
    queryCount: job.queryCount,
    volunteersNeeded: needsDistinctVolunteers ? scheme.workerCount : 1,
    volunteersReady: facts.volunteersReady,
    basis: basisOf(facts),
  };
}

/** @returns the code that a job with an aim begins with @throws SubmissionError where no code meets it, with what is possible */
export async function codeForAim(
  executor: InferenceExecutor,
  job: CodedJob,
  facts: CrowdFacts,
  aim: Aim,
  atMs: number,
): Promise<CodeInForce> {
  const plan = await executor.run("plan", { job, facts, aim, code: null });
  const refusal = refusalOf(aim, plan);
  if (refusal !== null) throw new SubmissionError(422, "impossible-aim", `aim: ${refusal}`);
  const { code } = plan.chosen!;
  const reason = `${codeInWords(code, facts.tabs.length)}. ${predictionInWords(plan.chosen!, job)}`;
  const { scheme: _scheme, ...settings } = code;
  return { ...settings, atMs: Math.round(atMs), reason };
}

function refusalOf(aim: Aim, { chosen, isPossible, stops }: JobPlan): string | null {
  if (chosen === null)
    return "expected tabs to predict with, got none that is ready; name a code instead, or wait for tabs";
  return isPossible ? null : refusalInWords(aim, chosen, stops);
}

function summaryOf(job: CodedJob, facts: CrowdFacts, plan: JobPlan, chosen: CodeEstimate): string {
  const choices = choicesInWords(facts);
  if (plan.chosen === null) return `No tab is ready, so there is no estimate of the time. ${chosen.inWords}.${choices}`;
  const guess = facts.tabs.some(({ responses }) => responses.length > 0)
    ? ""
    : " No tab has been measured yet: this is a guess.";
  return `${chosen.inWords}. ${predictionInWords(plan.chosen, job)}${guess}${choices}`;
}

/** [WC4] [WC5] Told before the job begins: who is not counted, and who does not check. */
function choicesInWords({ volunteersReady, choosers = 0, elsewhere = 0 }: CrowdFacts): string {
  const gone = elsewhere === 0 ? "" : ` ${elsewhere} more ready volunteers work only for other projects or jobs.`;
  if (choosers === 0) return gone;
  const isMost = 2 * choosers > volunteersReady;
  const audits = isMost ? " They are most of the crowd, so the coordinator checks all results itself." : "";
  return `${gone} ${choosers} of the ${volunteersReady} volunteers chose their jobs, and do not check them.${audits}`;
}

function estimateOf(job: CodedJob, facts: CrowdFacts, aim: Aim | null, prediction: CodePrediction): CodeEstimate {
  const { code, workers } = prediction;
  const chance = aim === null ? null : chanceOf(prediction, aim);
  return {
    code: { ...code, workers },
    inWords: codeInWords(code, facts.tabs.length),
    firstAnswerMs: timeOf(prediction.firstMs),
    finishMs: timeOf(prediction.finishMs),
    chanceOfAim: chance,
    meetsAim: chance === null ? null : chance >= aim!.confidence,
    tabMacs: spreadOf(prediction.tabMacs),
    auditMacs: spreadOf(prediction.trustedRows.map((rows) => rows * job.macsPerQuery)),
    coordinatorRows: spreadOf(prediction.trustedRows),
    bytesDown: spreadOf(prediction.bytesDown),
    bytesUp: spreadOf(prediction.bytesUp),
    wrongBound: wrongBoundOf(job, facts, prediction),
  };
}

function wrongBoundOf(job: CodedJob, { standing }: CrowdFacts, { code, finalBy }: CodePrediction): number | null {
  const { verification } = planOfCode(job, code);
  if (verification === "votes") return majorityBound(code.liars, liarSharesOf(standing.verifiedWork).newcomers);
  if (verification === "none" || finalBy === "nobody") return null;
  return finalBy === "coordinator" ? 0 : job.answerBound;
}

/** Nobody is there: what the code comes to where nothing goes wrong, and no time. */
function withoutCrowd(job: CodedJob, code: Code): CodeEstimate {
  const { workerCount, queryCount } = planOfCode(job, code).scheme;
  const rows = Math.ceil(job.queryCount / queryCount) * workerCount;
  const certain = (value: number): Spread => ({ p50: value, p90: value });
  return {
    code: { ...code, workers: workerCount },
    inWords: codeInWords(code, 0),
    firstAnswerMs: null,
    finishMs: null,
    chanceOfAim: null,
    meetsAim: null,
    tabMacs: certain(rows * job.macsPerQuery),
    auditMacs: null,
    coordinatorRows: null,
    bytesDown: certain(rows * job.inputSize * numberBytes(job).raw),
    bytesUp: certain(rows * job.outputSize * 4),
    wrongBound: null,
  };
}

function spreadOf(values: readonly number[]): Spread {
  return { p50: quantileOfSome(values, 0.5), p90: quantileOfSome(values, 0.9) };
}

/** null where even half of the draws do not end: JSON has no infinity. */
function timeOf(values: readonly number[]): TimeSpread | null {
  const { p50, p90 } = spreadOf(values);
  if (!Number.isFinite(p50)) return null;
  return { p50, p90: Number.isFinite(p90) ? p90 : null };
}
