/** Submissions on their way to becoming jobs: looked at, tried once, handed to the core, and answered when durable. */

import { type Holdings, roomFor } from "../../../shared/control/shares.ts";
import type {
  CodeEstimate,
  InferenceEstimate,
  InferenceEstimateRequest,
} from "../../../shared/kinds/inference/estimate.ts";
import { canHaveParts, type PartRange, rangesOf } from "../../../shared/kinds/inference/parts.ts";
import type { RowsEstimate } from "../../../shared/kinds/inference/rows-view.ts";
import type { InferenceSubmission } from "../../../shared/kinds/inference/submission.ts";
import type { JobSubmitted } from "../../../shared/protocol/job-api.ts";
import {
  JOBS_ACTIVE_MAX,
  PART_ROWS_MIN,
  PARTS_ACTIVE_MAX,
  PARTS_EACH_CELL_MAX,
  PARTS_MAX,
  PARTS_UNASKED,
} from "../../../shared/protocol/limits.ts";
import { commitmentOfParts, commitmentTo } from "../../../shared/receipts/job-draws.ts";
import { STREAM_QUERIES } from "../../../shared/receipts/sealed-receipt.ts";
import { isStrictByDefault } from "../../checks/promise.ts";
import { isNameless } from "../../coordinator/parties.ts";
import { forJob } from "../../numerics/numerics-executor.ts";
import { sha256Hex } from "../../sha256-hex.ts";
import type { Clock } from "../../shell/clock.ts";
import { SubmissionError } from "../../shell/submission-error.ts";
import { submissionProblem } from "../../shell/submission-problem.ts";
import type { SubmissionQueue } from "../../shell/submission-queue.ts";
import type { Store } from "../../store/store.ts";
import type { ApiProblem } from "../../web/coordinator-port.ts";
import { coinKeyOf, withoutCoinKey } from "./coin-keys.ts";
import { planInference } from "./core/inference-plan.ts";
import type { JobData } from "./engine/job-data.ts";
import { withFittingGroup } from "./fitting-group.ts";
import {
  codedJobOf,
  codedJobOfSizes,
  codeForAim,
  codeOf,
  estimateInference,
  ONE_BY_ONE,
  type UncheckedEstimate,
  withCheckedRows,
} from "./inference-estimates.ts";
import { describeJob, jobDataBytes, partsOf } from "./job-loader.ts";
import { type CodedJob, type JobSizes, planOfCode } from "./planner/coded-job.ts";
import type { CrowdFacts } from "./planner/crowd-facts.ts";
import { inferenceCodec, type RedoOf } from "./records.ts";
import type { ResolvedSource } from "./resolved-source.ts";
import { finalWithinOf, isAudited } from "./rows/core/open-rows.ts";
import type { OpenRowsAhead } from "./rows/told/open-rows-ahead.ts";
import type { ChecksAhead, RowsAhead } from "./rows/told/rows-ahead.ts";
import { SourceComparisons } from "./source-comparisons.ts";
import { tryModels, withExamples } from "./try-models.ts";
import type { TrialTools } from "./try-sensitivity.ts";

/** Rows of an open job whose estimate does not say how many will be posted. */
const OPEN_ROWS_ASSUMED = 10_000;

export interface SubmissionOptions extends TrialTools {
  readonly clock: Clock;
  readonly store: Store;
  /** Url-safe, 128 bits or more, from a cryptographic generator. */
  readonly makeToken: () => string;
  /** What draws of jobs derive from; absent: nothing is committed to. */
  readonly jobSecret?: (jobId: string) => Uint8Array;
  /** [CE10] Coordinators of this service that live, this one among them; absent: there is this one. */
  readonly livingCells?: () => Promise<number>;
  /** Do strangers without tokens seem to have one address? Absent: each has its own. */
  readonly isAddressShared?: boolean;
  /** What a row of a model takes this machine, ms; null: it has not tried it. Absent: nobody measures that. */
  readonly rowMs?: (modelSha256: string) => number | null;
  /** Where the built-in samples come from; puts what they need into the store. */
  readonly resolveSample: (
    source: Extract<InferenceSubmission["source"], { kind: "sample" }>,
  ) => Promise<ResolvedSource>;
}

/** What the shell does with a submission that is well. */
export interface SubmissionDesk {
  readonly queue: SubmissionQueue;
  /** With whom this job takes turns, and shares. */
  partyOf(jobId: string, submission: InferenceSubmission): string;
  /** By whose they are. [CE12] A job in parts counts once. */
  activeJobs(): Holdings;
  activeParts(): Holdings;
  /** The operator's cap on recomputed rows. */
  auditShareMax(): number;
  /** What checks of a job would cost, in numbers and in words. */
  rowsAhead(job: RowsAhead): { readonly rows: RowsEstimate; readonly words: string };
  /** How they would become final. */
  checksAhead(job: RowsAhead): ChecksAhead;
  openRowsAhead(job: OpenRowsAhead): { readonly rows: RowsEstimate; readonly words: string };
  /** Holds its data and tells the core; the core's answer comes through the queue. */
  accept(data: JobData): void;
  /** [CE11] Goes on with parts that the store has; what cannot be begun now is tried again. */
  takeJobs(jobIds: readonly string[]): Promise<void>;
  /** What is known of whoever could compute for a new job of this submitter. @param modelSha256 null: its model is not known */
  crowdFacts(modelSha256: string | null, submitter: string): CrowdFacts;
}

type Planned = Pick<JobData, "job" | "plan">;

/** A job whose estimate is asked for. */
type AskedJob = JobSizes &
  Pick<RowsAhead, "party" | "submitter" | "isStrict" | "coordinatorRowsMax"> & {
    /** null: its model is not known. */
    readonly modelSha256: string | null;
    /** Why nothing checks it; null: something does. */
    readonly unchecked: string | null;
  };

interface Cut {
  /** What each part is to have. */
  readonly ranges: readonly PartRange[];
  /** So many of the parts are this coordinator's from the beginning, at most: on a database that others share too the others wait. */
  readonly own: number;
}

export class Submissions {
  readonly #options: SubmissionOptions;
  readonly #desk: SubmissionDesk;
  readonly #sources: SourceComparisons;

  constructor(options: SubmissionOptions, desk: SubmissionDesk) {
    this.#options = options;
    this.#desk = desk;
    this.#sources = new SourceComparisons(options.store);
  }

  /** @param redoOf [TB4] what it does again; absent: it is submitted for itself */
  submit(
    submission: InferenceSubmission,
    jobId = this.#options.makeToken(),
    redoOf?: RedoOf,
  ): Promise<JobSubmitted | ApiProblem> {
    const party = this.#desk.partyOf(jobId, submission);
    const limit = { of: "jobs", party, active: this.#desk.activeJobs(), activeMax: JOBS_ACTIVE_MAX };
    return this.#desk.queue.submit(jobId, limit, async () => {
      const source = await this.resolve(submission.source);
      const described = await this.#described(jobId, submission, source);
      this.#desk.queue.requireBytes(jobId, jobDataBytes(described));
      const tried = await this.#tried(described);
      const cut = redoOf === undefined ? await this.#cutOf(tried, submission) : null;
      if (cut !== null) return this.#inParts(tried, cut);
      const ruled = this.#withRules(this.#committed(tried));
      const data = redoOf === undefined ? ruled : { ...ruled, job: { ...ruled.job, redoOf } };
      this.#desk.accept(data);
      const { commitment } = data.job;
      return { jobId, ...(commitment === undefined ? {} : { commitment: commitment.commitment }) };
    });
  }

  /** [CE10] null: the job stays in one piece. */
  async #cutOf({ job }: JobData, { parts, aim }: InferenceSubmission): Promise<Cut | null> {
    const { jobId, isOpen, queryCount, submission } = job;
    if (isOpen || aim !== undefined || !canHaveParts(jobId)) return null;
    const most = Math.floor(queryCount / submission.queriesPerGroup);
    if (parts !== undefined && parts > most) {
      const message = `parts: expected at most ${most} of ${queryCount} queries in groups of ${submission.queriesPerGroup}, got ${parts}`;
      throw new SubmissionError(422, "too-many-parts", message);
    }
    const { livingCells } = this.#options;
    const cells = (await livingCells?.()) ?? 1;
    if (parts !== undefined && parts > PARTS_EACH_CELL_MAX * cells) {
      const message = `parts: expected at most ${PARTS_EACH_CELL_MAX} for each coordinator that lives (${cells}), got ${parts}`;
      throw new SubmissionError(422, "too-many-parts", message);
    }
    const fitting = Math.min(most, Math.floor(queryCount / PART_ROWS_MIN), PARTS_MAX);
    const count = parts ?? (cells < 2 ? 1 : Math.min(PARTS_UNASKED * cells, fitting));
    return count < 2 ? null : { ranges: rangesOf(queryCount, count), own: livingCells === undefined ? count : 1 };
  }

  /**
   * [CE10] All of it is durable at once, or nothing is. From then on it is a job, and its parts are jobs like any others, whatever keeps them from beginning
   * at once.
   */
  async #inParts(tried: JobData, { ranges, own }: Cut): Promise<JobSubmitted> {
    const { jobId: wholeId, submittedMs, submission } = tried.job;
    const [active, party] = [this.#desk.activeParts(), this.#desk.partyOf(wholeId, submission)];
    const room = roomFor(party, PARTS_ACTIVE_MAX, active);
    if (own > room) {
      const message = `parts: expected at most ${room} parts more of this submitter at work here, of ${PARTS_ACTIVE_MAX} of all, got ${own}; ask for fewer, or wait for a job to end`;
      throw new SubmissionError(503, "too-many-jobs", message);
    }
    const jobs = partsOf(tried, ranges).map((part) => this.#withRules(this.#committed(part)).job);
    const parts = ranges.map((range, index) => ({ jobId: jobs[index]!.jobId, ...range }));
    const { kind, name, submitter } = submission;
    const { store } = this.#options;
    const whole = { wholeId, kind, name, submitter, submittedMs, submission, parts };
    const records = jobs.map((job) => inferenceCodec.toRecord(withoutCoinKey({ ...job, state: "preparing" })));
    const dealt = await store.addWhole(whole, records).catch(async (error: unknown) => {
      // A connection that is lost while the database commits says nothing of what it did. Then the parts are found as parts that others have dealt out.
      if ((await store.whole(wholeId).catch(() => null)) === null) throw error;
      return [];
    });
    await this.#desk.takeJobs(dealt);
    this.#desk.queue.answer(wholeId, null);
    const committed = jobs.flatMap(({ commitment }) => commitment?.commitment ?? []);
    if (committed.length < jobs.length) return { jobId: wholeId };
    return { jobId: wholeId, commitment: commitmentOfParts(parts, committed) };
  }

  /** [CK2] Whose account it is booked on, and [RC7] the key of its coins, which derives from what was committed to. */
  #withRules<Described extends Planned>(described: Described): Described {
    const { job } = described;
    const { submission, jobId } = job;
    const { jobSecret, makeToken } = this.#options;
    const secretHex = coinKeyOf(job, jobSecret) ?? sha256Hex(makeToken());
    const crossChecks = { secretHex, terms: null, anchors: 0, certificate: null };
    const isStrict = this.#isStrict(submission, this.#desk.partyOf(jobId, submission));
    const asked = isStrict ? { ...submission, strict: "yes" as const } : submission;
    return { ...described, job: { ...job, submission: asked, rows: true, crossChecks } };
  }

  /** [CK2] Has a job an account of its own? As it says; else by whose account it would be. */
  #isStrict({ strict }: Pick<InferenceEstimateRequest, "strict">, party: string): boolean {
    const { isAddressShared = false } = this.#options;
    return strict === undefined ? isStrictByDefault(!isNameless(party), isAddressShared) : strict === "yes";
  }

  /** [RC7] Said before anybody has answered anything: which rows will be checked is fixed. */
  #committed<Described extends Planned>(data: Described): Described {
    const { jobSecret } = this.#options;
    if (jobSecret === undefined) return data;
    const { jobId, queriesSha256, submission } = data.job;
    const [nonce, queries] = [submission.nonce ?? "", queriesSha256 ?? STREAM_QUERIES];
    const commitment = { commitment: commitmentTo(jobSecret(jobId), nonce, queries), nonce, queries };
    return { ...data, job: { ...data.job, commitment, auditShareLeast: this.#desk.auditShareMax() } };
  }

  /** @throws SubmissionError where a model of it cannot be run */
  async #tried(described: JobData): Promise<JobData> {
    const { store } = this.#options;
    const { source } = described.job.submission;
    const tools = { ...this.#options, sources: this.#sources };
    if (source.kind !== "stream") return tryModels(tools, described);
    const { job } = await tryModels(tools, await withExamples(store, described, source.examplesSha256 ?? null));
    const stream = { ...job, queryCount: 0 };
    return { ...described, job: stream, plan: planInference(stream) };
  }

  /** @throws SubmissionError where something is wrong with it, or no code meets its aim */
  async #described(jobId: string, submission: InferenceSubmission, source: ResolvedSource): Promise<JobData> {
    const { store, clock, executor } = this.#options;
    const look = (asked: InferenceSubmission) => describeJob(store, jobId, asked, source, clock.nowMs());
    const { aim } = submission;
    if (aim === undefined) return look(submission);
    const first = await look({ ...submission, ...ONE_BY_ONE });
    const { submitter, coordinatorRowsMax = null } = submission;
    const party = this.#desk.partyOf(jobId, submission);
    const coded = this.#coded({
      ...codedJobOf(first),
      ...{ party, submitter, coordinatorRowsMax, isStrict: this.#isStrict(submission, party) },
      ...{ modelSha256: source.modelSha256, unchecked: first.job.unchecked },
    });
    const code = await codeForAim(
      forJob(executor, jobId),
      coded,
      this.#desk.crowdFacts(source.modelSha256, submitter),
      aim,
      clock.nowMs(),
    );
    const described = await look({ ...submission, ...codeOf({ ...ONE_BY_ONE, ...code }) });
    const job = { ...described.job, codes: [code] };
    return { ...described, job, plan: planInference(job) };
  }

  /**
   * What it would cost and how long it would take; nothing is begun.
   * @param party on whose account it would be booked
   */
  async estimate(request: InferenceEstimateRequest, party: string): Promise<InferenceEstimate | ApiProblem> {
    try {
      const { aim = null } = request;
      const asked = aim === null ? request : { ...request, ...ONE_BY_ONE };
      const ofSizes = codedJobOfSizes(request);
      const looked = ofSizes === null ? await this.#lookedAt(asked as InferenceSubmission) : null;
      if (looked?.job.isOpen && request.source.kind === "stream")
        return await this.#estimateOpen(looked, request.source.queryCount ?? OPEN_ROWS_ASSUMED, party);
      const sizes = ofSizes ?? codedJobOf(looked!);
      const crowd = this.#desk.crowdFacts(looked?.job.modelSha256 ?? null, asked.submitter);
      const fitting = withFittingGroup(codeOf(asked), sizes.queryCount);
      const code = looked === null ? fitting : codeOf(looked.job.submission);
      const job: AskedJob = {
        ...sizes,
        ...{ party, submitter: asked.submitter, isStrict: this.#isStrict(request, party) },
        coordinatorRowsMax: request.coordinatorRowsMax ?? null,
        ...{ modelSha256: looked?.job.modelSha256 ?? null, unchecked: looked?.job.unchecked ?? null },
      };
      const estimate = await estimateInference(this.#options.executor, this.#coded(job), crowd, aim, code);
      return this.#withChecks(estimate, job);
    } catch (error) {
      return submissionProblem(error);
    }
  }

  /** [CK11] Each code has one number of rows that the coordinator computes. */
  #withChecks(estimate: UncheckedEstimate, job: AskedJob): InferenceEstimate {
    const ahead = ({ code: { workers: _workers, ...code } }: CodeEstimate) =>
      this.#desk.rowsAhead(this.#ahead(job, planOfCode(job, code).verification === "audits"));
    const { rows, words } = ahead(estimate.chosen);
    const [chosen, ...choices] = [estimate.chosen, ...estimate.choices].map((one) =>
      withCheckedRows(one, job, ahead(one).rows),
    );
    return { ...estimate, chosen: chosen!, choices, summary: `${estimate.summary} ${words}`, rows, comparison: null };
  }

  /** @param isChecked by its code */
  #ahead(job: AskedJob, isChecked: boolean): RowsAhead {
    const { party, submitter, isStrict, coordinatorRowsMax, queryCount, answerBound, macsPerQuery } = job;
    return {
      ...{ party, submitter, isStrict, coordinatorRowsMax, rows: queryCount, answerBound, macsPerQuery },
      ...{ isChecked: isChecked && job.unchecked === null, rowMs: this.#rowMs(job.modelSha256) },
    };
  }

  #rowMs(modelSha256: string | null): number | null {
    return modelSha256 === null ? null : (this.#options.rowMs?.(modelSha256) ?? null);
  }

  /** As the dial runs it on a virtual clock. */
  #coded(job: AskedJob): CodedJob {
    return { ...job, rowMs: this.#rowMs(job.modelSha256), checks: this.#desk.checksAhead(this.#ahead(job, true)) };
  }

  /** [CK14] */
  async #estimateOpen(
    { job: stored, ...looked }: JobData,
    queryCount: number,
    party: string,
  ): Promise<InferenceEstimate> {
    const { submission, modelSha256, unchecked, macsPerQuery } = stored;
    const { source, submitter, answerBound, coordinatorRowsMax = null } = submission;
    if (source.kind !== "stream") throw new TypeError(`SM1: expected a stream, got ${source.kind}`);
    const isStrict = this.#isStrict(submission, party);
    const job = this.#coded({
      ...{ ...codedJobOf({ ...looked, job: stored }), queryCount },
      ...{ party, submitter, coordinatorRowsMax, isStrict, modelSha256, unchecked },
    });
    const crowd = this.#desk.crowdFacts(modelSha256, submitter);
    const estimate = await estimateInference(this.#options.executor, job, crowd, null, codeOf(submission));
    const { rows, words } = this.#desk.openRowsAhead({
      ...{ party, submitter, rows: queryCount, answerBound, macsPerQuery, coordinatorRowsMax },
      ...{ isStrict, isAudited: isAudited(source) },
      isChecked: unchecked === null && looked.plan.verification === "audits",
      rowMs: this.#rowMs(modelSha256),
      finalWithinMs: finalWithinOf(source),
    });
    const summary = `${estimate.summary} Times are those of queries that come all at once. ${words}`;
    const [chosen, ...choices] = [estimate.chosen, ...estimate.choices].map((one) => withCheckedRows(one, job, rows));
    return { ...estimate, chosen: chosen!, choices, summary, rows, comparison: null };
  }

  async #lookedAt(submission: InferenceSubmission): Promise<JobData> {
    const source = await this.resolve(submission.source);
    const { store, clock } = this.#options;
    return describeJob(store, "estimate", submission, source, clock.nowMs());
  }

  async resolve(source: InferenceSubmission["source"]): Promise<ResolvedSource> {
    if (source.kind === "sample") return this.#options.resolveSample(source);
    const { modelSha256, inputScale } = source;
    return {
      modelSha256,
      queries: source.kind === "uploads" ? source.queriesSha256 : null,
      labelsSha256: source.kind === "uploads" ? (source.labelsSha256 ?? null) : null,
      inputScale,
      async parityModelSha256(queriesPerGroup) {
        if (source.parityModelSha256 !== undefined) return source.parityModelSha256;
        throw new SubmissionError(
          422,
          "no-parity-model",
          `parm: expected source.parityModelSha256, a model trained on sums of K = ${queriesPerGroup} queries, got none`,
        );
      },
    };
  }
}
