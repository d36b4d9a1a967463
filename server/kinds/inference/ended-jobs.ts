/** Jobs that have ended: their views stay at hand, their answers are read again from the store when asked for. */

import type { InferenceJobView } from "../../../shared/kinds/inference/job-view.ts";
import { JOBS_ENDED_KEPT_MAX } from "../../coordinator/jobs.ts";
import type { CoordinatorState } from "../../coordinator/state.ts";
import { RecentlyAsked } from "../../shell/recently-asked.ts";
import type { Store, StoredContribution } from "../../store/store.ts";
import type { CountedTaking } from "./core/taken-back.ts";
import { answerRuleOf } from "./engine/answer-rule.ts";
import { JobAnswers } from "./engine/job-answers.ts";
import { boundsAtEnd, recordsAtEnd } from "./finality.ts";
import { inPieces, LOOKED_UP } from "./in-pieces.ts";
import { loadLabels, loadStoredJob } from "./job-loader.ts";
import type { Standing } from "./port.ts";
import type { StoredJob } from "./records.ts";
import { blockOf } from "./rows/engine/blocks.ts";
import { RowAnswers } from "./rows/engine/row-answers.ts";
import { readAppends } from "./rows/engine/row-workspace.ts";
import { rowsTold } from "./rows/told/rows-told.ts";
import type { StoredBlock } from "./rows/work.ts";
import { type AnswersOfJob, type EndedView, endedJobView, finalByNow, takingsByNow } from "./views.ts";

/** Answers of so many ended jobs stay in memory. */
const ANSWERS_KEPT_MAX = 4;

export class EndedJobs {
  readonly #store: Store;
  readonly #views = new Map<string, EndedView>();
  readonly #recalled = new RecentlyAsked<EndedView>();
  readonly #answers = new RecentlyAsked<AnswersOfJob>(ANSWERS_KEPT_MAX);
  /** Answers that are being read: whoever asks meanwhile gets the same. */
  readonly #reading = new Map<string, Promise<AnswersOfJob | null>>();
  /** Views that are being made: a job may be deleted meanwhile. */
  readonly #viewing = new Set<{ readonly jobId: string; isForgotten: boolean }>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** A job that ended in an earlier run. */
  async remember(job: StoredJob, state: CoordinatorState): Promise<void> {
    const ended = await this.#viewUnlessForgotten(job, state);
    if (ended !== null) this.#rememberView(ended);
  }

  /** A job that ended so long ago that it is not at hand: as if it were, until others have been asked for. */
  async recall(job: StoredJob, state: CoordinatorState): Promise<void> {
    const ended = await this.#viewUnlessForgotten(job, state);
    if (ended !== null) this.#recalled.set(job.jobId, ended);
  }

  /** [CE11] A part that nobody has begun: as if it had ended without an answer, until it is looked for again. */
  async recallUnbegun(job: StoredJob, state: CoordinatorState): Promise<void> {
    // Room for its answers is made where it begins.
    const none = new JobAnswers(0, job.outputSize, answerRuleOf(job), { isUnchecked: false, truth: null });
    const { view, ...ended } = endedJobView(state, job, none, new Map(), 0);
    const answersByMark = { ...view.answersByMark, missing: job.queryCount };
    this.#recalled.set(job.jobId, { ...ended, view: { ...view, answersByMark } });
  }

  /** [JB8] null: the job was deleted while its answers were read. */
  async #viewUnlessForgotten(job: StoredJob, state: CoordinatorState): Promise<EndedView | null> {
    const viewing = { jobId: job.jobId, isForgotten: false };
    this.#viewing.add(viewing);
    try {
      const ended = await this.#viewOf(job, state);
      return viewing.isForgotten ? null : ended;
    } finally {
      this.#viewing.delete(viewing);
    }
  }

  async #viewOf(job: StoredJob, state: CoordinatorState): Promise<EndedView> {
    const { labelsSha256 } = job;
    // Labels stay as answers do; should their blob be lost, the accuracy is lost with it, and the answers are not.
    const hasLabels = labelsSha256 !== null && (await this.#store.hasBlob(labelsSha256));
    const labels = hasLabels ? await loadLabels(this.#store, labelsSha256, job) : null;
    const { answers, records, roundsStored } = await this.#read(job, labels);
    const blocks = job.rows === true ? (await this.#store.blocks(job.jobId)).map(blockOf) : [];
    return withRows(job, endedJobView(state, job, answers, records, roundsStored), blocks);
  }

  /** @param contributions as they are durable, with the records of the job's end */
  rememberAnswers(
    job: StoredJob,
    answers: JobAnswers,
    contributions: readonly StoredContribution[],
    state: CoordinatorState,
    blocks: readonly StoredBlock[],
  ): void {
    const records = recordsAtEnd(contributions);
    answers.boundsAtEnd = boundsAtEnd(contributions);
    this.#rememberView(withRows(job, endedJobView(state, job, answers, records, job.queryCount), blocks));
    // What was never durable is no answer of a job that was ended before its time: it is read again without.
    if (job.state === "done") this.#keep({ job, answers, records, durableRecords: records });
  }

  forget(jobId: string): void {
    for (const viewing of this.#viewing) if (viewing.jobId === jobId) viewing.isForgotten = true;
    for (const held of [this.#views, this.#reading]) held.delete(jobId);
    for (const held of [this.#recalled, this.#answers]) held.forget(jobId);
  }

  /** [TB2] Answers of whoever was quarantined since are not final any more. */
  view(jobId: string, state: CoordinatorState): InferenceJobView | null {
    const ended = this.#endedView(jobId);
    if (ended === undefined) return null;
    const { takenBackCount: _before, ...view } = ended.view;
    return { ...view, ...finalByNow(state, ended.finality) };
  }

  /** [TB2] By now, without a look at its answers; null: it is not at hand. */
  takings(jobId: string, state: CoordinatorState): CountedTaking[] | null {
    const ended = this.#endedView(jobId);
    return ended === undefined ? null : takingsByNow(state, ended.finality);
  }

  #endedView(jobId: string): EndedView | undefined {
    return this.#views.get(jobId) ?? this.#recalled.get(jobId);
  }

  #rememberView(ended: EndedView): void {
    this.#views.set(ended.view.jobId, ended);
    if (this.#views.size <= JOBS_ENDED_KEPT_MAX) return;
    // As the core keeps them: the latest to end, whatever the order in which they were read after a restart.
    let first = ended.view;
    for (const { view } of this.#views.values()) if ((view.finishedMs ?? 0) < (first.finishedMs ?? 0)) first = view;
    this.#views.delete(first.jobId);
  }

  /** [TB4] Another job does rows of it again. */
  noteRedo(jobId: string, laterId: string): void {
    const ended = this.#endedView(jobId);
    const withIt = ({ redoneBy = [] }: { readonly redoneBy?: readonly string[] }) => [...redoneBy, laterId];
    if (ended !== undefined) {
      const held = this.#views.has(jobId) ? this.#views : this.#recalled;
      held.set(jobId, { ...ended, view: { ...ended.view, redoneBy: withIt(ended.view) } });
    }
    // What is being read may not say so yet.
    this.#reading.delete(jobId);
    const kept = this.#answers.get(jobId);
    if (kept !== undefined) this.#keep({ ...kept, job: { ...kept.job, redoneBy: withIt(kept.job) } });
  }

  /** null: there is no such job at hand. */
  standing(jobId: string): Standing | null {
    const ended = this.#endedView(jobId);
    if (ended === undefined) return null;
    const { state, finishedMs, queryCount, error, completion } = ended.view;
    return { state, finishedMs, queryCount, error, completion, inputSize: ended.inputSize };
  }

  async answers(jobId: string): Promise<AnswersOfJob | null> {
    const kept = this.#answers.get(jobId);
    if (kept !== undefined) return this.#keep(kept);
    const begun = this.#reading.get(jobId);
    if (begun !== undefined) return begun;
    const reading = this.#readStored(jobId);
    this.#reading.set(jobId, reading);
    try {
      const found = await reading;
      // It was deleted meanwhile, or is another one by now; one that is at work elsewhere has not ended.
      const isToBeKept = this.#reading.get(jobId) === reading && found !== null && found.job.finishedMs !== null;
      return isToBeKept ? this.#keep(found) : found;
    } finally {
      if (this.#reading.get(jobId) === reading) this.#reading.delete(jobId);
    }
  }

  async #readStored(jobId: string): Promise<AnswersOfJob | null> {
    const job = await loadStoredJob(this.#store, jobId);
    return job === null ? null : this.#read(job);
  }

  async #read(
    job: StoredJob,
    truth: Int32Array | null = null,
  ): Promise<AnswersOfJob & { readonly roundsStored: number }> {
    const { answers, roundsStored } =
      job.rows === true ? await this.#readRows(job, truth) : await this.#readRounds(job, truth);
    const contributions = await this.#store.contributions(job.jobId);
    const records = recordsAtEnd(contributions);
    answers.boundsAtEnd = boundsAtEnd(contributions);
    return { job, answers, records, durableRecords: records, roundsStored };
  }

  async #readRounds(job: StoredJob, truth: Int32Array | null) {
    const known = { isUnchecked: job.unchecked !== null, truth };
    const answers = new JobAnswers(job.queryCount, job.outputSize, answerRuleOf(job), known);
    const rounds = await this.#store.rounds(job.jobId);
    const rowsOfRound = Math.ceil(job.queryCount / (rounds.length || 1));
    await inPieces(rounds.length, rowsOfRound * (LOOKED_UP + job.outputSize), (start, end) => {
      for (let i = start; i < end; i++) answers.importRound(rounds[i]!);
    });
    if (job.crossChecks !== null) answers.certify(job.crossChecks);
    return { answers, roundsStored: rounds.length };
  }

  async #readRows(job: StoredJob, truth: Int32Array | null) {
    const rows = new RowAnswers(job, truth);
    await readAppends(rows, this.#store.appends(job.jobId));
    return { answers: rows.answers, roundsStored: job.queryCount };
  }

  #keep(kept: AnswersOfJob): AnswersOfJob {
    this.#answers.set(kept.job.jobId, kept);
    return kept;
  }
}

/** Of a job on the ledger: what its checks came to. */
function withRows(job: StoredJob, ended: EndedView, blocks: readonly StoredBlock[]): EndedView {
  if (job.rows !== true) return ended;
  const { queryCount, finalCount, answersByMark } = ended.view;
  const rows = rowsTold(job, { queryCount, finalCount, exactCount: answersByMark.exact }, blocks, null);
  return { ...ended, view: { ...ended.view, rows } };
}
