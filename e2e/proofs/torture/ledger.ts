/**
 * What clients were told and may rely on: a job's 201, a final answer, a cancellation, an end, an upload's hash. After every
 * restart the coordinator is held to it.
 */
import type { AnswerView } from "../../../shared/kinds/inference/answers.ts";
import type { InferenceReceipt } from "../../../shared/kinds/inference/receipt.ts";
import type { JobView } from "../../../shared/kinds/kinds.ts";
import type { RegressionReceipt } from "../../../shared/kinds/regression/receipt.ts";
import type { ParitabClient } from "../../../shared/sdk/paritab-client.ts";
import { type KnownWork, OUTPUTS, TRAINING } from "./known-work.ts";

/** Outputs of tabs and of ours differ by rounding alone. */
const TOLERANCE = 1e-2;
const isClose = (a: number, b: number) => Math.abs(a - b) <= TOLERANCE;

export interface LedgerJob {
  readonly jobId: string;
  readonly kind: "inference" | "regression";
  /** Of an inference job: which digits. */
  readonly digits: { readonly from: number; readonly count: number };
  isCancelled: boolean;
  /** What it was said to have ended as. */
  ended: JobView["state"] | null;
  /** Starts of the coordinator that have confirmed the end. */
  confirmed: number;
  /** Answers that were said to be final, by index. */
  readonly finals: Map<number, { readonly label: number | null; readonly outputs: readonly number[] }>;
  /** Of a regression: updates of the weights that were there to be fetched. */
  weightsOf: number;
  /** Verified results in its receipt, once it has ended. */
  earned: number | null;
}

export interface Findings {
  lost(problem: string): void;
  doubled(problem: string): void;
  wrong(problem: string): void;
}

const ENDED: readonly string[] = ["done", "failed", "cancelled"];
/** Ends that two starts have confirmed are looked at once more, from the store, after the last one. */
const CONFIRMATIONS = 2;

export class Ledger {
  readonly jobs = new Map<string, LedgerJob>();
  /** Hashes of uploads whose 201 has come. */
  readonly uploads = new Set<string>();
  readonly #findings: Findings;
  readonly #work: KnownWork;
  finalAnswers = 0;

  constructor(work: KnownWork, findings: Findings) {
    this.#work = work;
    this.#findings = findings;
  }

  submitted(jobId: string, kind: LedgerJob["kind"], digits: LedgerJob["digits"]): void {
    if (this.jobs.has(jobId)) return this.#findings.doubled(`two submissions came to job ${jobId}`);
    const job = { jobId, kind, digits, isCancelled: false, ended: null, confirmed: 0, finals: new Map(), weightsOf: 0 };
    this.jobs.set(jobId, { ...job, earned: null });
  }

  atWork(kind: LedgerJob["kind"]): LedgerJob[] {
    return [...this.jobs.values()].filter((job) => job.kind === kind && job.ended === null && !job.isCancelled);
  }

  /** Holds a coordinator that has just started to all of it. */
  async check(client: ParitabClient): Promise<void> {
    const views = new Map<string, JobView>();
    for (const view of await client.jobs()) {
      if (views.has(view.jobId)) this.#findings.doubled(`job ${view.jobId} is listed twice`);
      views.set(view.jobId, view);
      if (!this.jobs.has(view.jobId)) this.#findings.doubled(`job ${view.jobId} was submitted by nobody`);
    }
    for (const job of this.jobs.values()) {
      if (job.confirmed >= CONFIRMATIONS) continue;
      const view = views.get(job.jobId);
      if (view === undefined) this.#findings.lost(`job ${job.jobId} was acknowledged and is gone`);
      else await this.look(client, job, view);
      if (job.ended !== null) job.confirmed++;
    }
  }

  /** Compares with what was said of the job before, and takes down what is said now. */
  async look(client: ParitabClient, job: LedgerJob, view: JobView): Promise<void> {
    const { jobId } = job;
    if (job.isCancelled && view.state !== "cancelled" && job.ended === null) {
      this.#findings.lost(`job ${jobId} was cancelled and is ${view.state}`);
    }
    if (job.ended !== null && view.state !== job.ended) {
      this.#findings.lost(`job ${jobId} had ended as ${job.ended} and is ${view.state}`);
    }
    if (view.state === "failed") this.#findings.wrong(`job ${jobId} failed: ${view.error}`);
    if (view.kind === "inference") await this.#lookAtAnswers(client, job, view.state);
    if (view.kind === "regression") await this.#lookAtWeights(client, job, view.state, view.weightsOf ?? 0);
    if (ENDED.includes(view.state)) {
      job.ended = view.state;
      job.earned = earnedIn((await client.receipt(jobId)) as InferenceReceipt | RegressionReceipt);
    }
  }

  async #lookAtAnswers(client: ParitabClient, job: LedgerJob, state: string): Promise<void> {
    const { jobId, digits } = job;
    const { answers, queryCount } = await client.answers(jobId, { limit: 1_000 });
    if (queryCount !== digits.count || answers.some(({ index }, i) => index !== i) || answers.length !== queryCount) {
      this.#findings.doubled(`job ${jobId} has ${answers.length} answers of ${digits.count}, or one index twice`);
    }
    for (const answer of answers) {
      const before = job.finals.get(answer.index);
      const { label, outputs } = answer;
      // The coordinator may recompute a row later: the same answer, rounded elsewhere.
      const isSame = before?.label === label && outputs.every((value, c) => isClose(value, before.outputs[c]!));
      if (before !== undefined && !(answer.final && isSame)) {
        const became = answer.final ? "another one" : `${answer.mark} and not final`;
        this.#findings.lost(`answer ${answer.index} of job ${jobId} was final and is now ${became}`);
      }
      if (answer.final && before === undefined) {
        job.finals.set(answer.index, { label, outputs });
        this.finalAnswers++;
      }
      if (answer.final || answer.mark === "audited") this.#requireRight(job, answer);
      if (state === "done" && answer.mark === "missing") {
        this.#findings.lost(`job ${jobId} is done and answer ${answer.index} is missing`);
      }
    }
  }

  #requireRight({ jobId, digits }: LedgerJob, { index, outputs }: AnswerView): void {
    const at = (digits.from + index) * OUTPUTS;
    const isRight = outputs.every((value, c) => isClose(value, this.#work.outputs[at + c]!));
    if (!isRight) this.#findings.wrong(`answer ${index} of job ${jobId} is not what the model says`);
  }

  async #lookAtWeights(client: ParitabClient, job: LedgerJob, state: string, weightsOf: number): Promise<void> {
    const { jobId } = job;
    const { points } = await client.history(jobId);
    const steps = points.map(({ iteration }) => iteration);
    if (steps.some((iteration, i) => i > 0 && iteration !== steps[i - 1]! + 1)) {
      this.#findings.doubled(`job ${jobId}: its history has iterations ${steps.join(" ")}`);
    }
    if (weightsOf < job.weightsOf) {
      this.#findings.lost(
        `job ${jobId} had durable weights of iteration ${job.weightsOf} and has those of ${weightsOf}`,
      );
    }
    job.weightsOf = weightsOf;
    if (state !== "done") return;
    const { weights } = JSON.parse(Buffer.from(await client.weightsFile(jobId, "json")).toString());
    const isRight =
      weightsOf === TRAINING.iterations && (weights as number[][]).flat().every((w, i) => w === this.#work.weights[i]);
    if (!isRight) this.#findings.wrong(`job ${jobId}: its weights are not those of an undisturbed training`);
  }
}

function earnedIn(receipt: InferenceReceipt | RegressionReceipt): number {
  if (receipt.kind === "regression") return receipt.verification.resultsChecked - receipt.verification.resultsRejected;
  return receipt.volunteers.reduce((sum, { assignments }) => sum + assignments, 0);
}
