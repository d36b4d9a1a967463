/** Has rows of jobs that have ended done again, one job at a time, and puts answers of both together. SPEC.md TB4. */
import { createTurnQueue } from "../../../shared/control/turn-queue.ts";
import type { RedoStarted, RedoWhich } from "../../../shared/kinds/inference/redo.ts";
import type { InferenceSubmission } from "../../../shared/kinds/inference/submission.ts";
import type { JobSubmitted } from "../../../shared/protocol/job-api.ts";
import { isActive } from "../../coordinator/jobs.ts";
import type { CoordinatorState } from "../../coordinator/state.ts";
import { isEndedJob } from "../../shell/kept-jobs.ts";
import type { Store } from "../../store/store.ts";
import { type ApiProblem, isProblem } from "../../web/coordinator-port.ts";
import { loadStoredJob } from "./job-loader.ts";
import type { AllAnswers, RedoIntake } from "./port.ts";
import type { RedoOf, StoredJob } from "./records.ts";
import {
  forgetRedo,
  mergedAnswers,
  noteRedo,
  placesOf,
  placesTaken,
  prepareRedo,
  type Redone,
  type RedoTools,
} from "./redo-jobs.ts";
import { rowsJob } from "./rows/core/rows-job.ts";
import { type AnswersOfJob, allAnswers, takingsOf } from "./views.ts";

export interface RedoDeskHost extends RedoTools {
  readonly store: Store;
  readonly state: CoordinatorState;
  answersOf(jobId: string): Promise<AnswersOfJob | null>;
  submit(submission: InferenceSubmission, jobId: string, redoOf: RedoOf): Promise<JobSubmitted | ApiProblem>;
  /** Another job does rows of this one again. */
  begun(jobId: string, laterId: string): void;
}

export class RedoDesk {
  readonly #host: RedoDeskHost;
  /** [TB4] Who asks twice at once has one job of it. [LJ4] And one at a time holds the queries of its rows. */
  readonly #inTurn = createTurnQueue();

  constructor(host: RedoDeskHost) {
    this.#host = host;
  }

  begin(jobId: string, which: RedoWhich, intake: RedoIntake): Promise<RedoStarted | ApiProblem> {
    return this.#inTurn(() => this.#begin(jobId, which, intake));
  }

  async #begin(jobId: string, which: RedoWhich, intake: RedoIntake): Promise<RedoStarted | ApiProblem> {
    const { store } = this.#host;
    const found = await this.#host.answersOf(jobId);
    if (found === null || !isEndedJob(found.job)) {
      const message = `job ${jobId}: expected a job that has ended, got a running one; it redoes answers that are taken back by itself`;
      return { status: 409, code: "job-runs", message };
    }
    const atWork = await this.#atWork(jobId);
    if (atWork !== null) return { jobId: atWork.jobId, rows: atWork.queryCount, isNew: false };
    const merged = await this.merged(found);
    const prepared = await prepareRedo(this.#host, found.job, merged, this.#isTakenBack(found), which);
    if (isProblem(prepared)) return prepared;
    const queriesSha256 = await intake.put(prepared.queries);
    const labelsSha256 = prepared.labels === null ? null : await intake.put(prepared.labels);
    const redoOf = { jobId, rowsSha256: await intake.put(prepared.places) };
    const reply = await intake.submit(prepared.submission({ queriesSha256, labelsSha256 }), async (named, laterId) => {
      if (!(await noteRedo(store, jobId, laterId))) {
        return { status: 404, code: "unknown-job", message: `there is no job ${jobId} any more` };
      }
      const submitted = await this.#host.submit(named as InferenceSubmission, laterId, redoOf);
      if (isProblem(submitted)) await forgetRedo(store, jobId, laterId);
      else this.#host.begun(jobId, laterId);
      return submitted;
    });
    if (isProblem(reply)) return reply;
    const { commitment } = reply;
    return { jobId: reply.jobId, rows: prepared.rows.length, isNew: true, ...(commitment && { commitment }) };
  }

  /** Its answers, with those of jobs that have done rows of it again in their place. */
  async merged(found: AnswersOfJob): Promise<AllAnswers> {
    const first = await allAnswers(this.#host.state, found);
    return mergedAnswers(first, placesTaken(first, this.#isTakenBack(found), await this.#redone(found.job)));
  }

  #isTakenBack(found: AnswersOfJob): (query: number) => boolean {
    const takingOf = takingsOf(this.#host.state, found);
    return (query) => takingOf(found.answers.kinds.kindOf(query)) !== null;
  }

  /** Jobs that have done rows of it again. */
  async #redone({ jobId }: StoredJob): Promise<Redone[]> {
    const redone: Redone[] = [];
    for (const laterId of await this.#redoneBy(jobId)) {
      const found = await this.#host.answersOf(laterId);
      if (found?.job.redoOf?.jobId !== jobId || found.job.state !== "done") continue;
      const places = await placesOf(this.#host.store, found.job.redoOf);
      redone.push({ places, answers: await allAnswers(this.#host.state, found) });
    }
    return redone;
  }

  /** Here, or at another coordinator of this database. */
  async #atWork(jobId: string): Promise<StoredJob | null> {
    for (const laterId of await this.#redoneBy(jobId)) {
      const later = rowsJob(this.#host.state, laterId);
      if (later !== undefined) {
        if (isActive(later)) return later.stored;
        continue;
      }
      const stored = await loadStoredJob(this.#host.store, laterId);
      if (stored?.finishedMs === null) return stored;
    }
    return null;
  }

  /** As the database has it: another coordinator may have begun one. */
  async #redoneBy(jobId: string): Promise<readonly string[]> {
    return (await loadStoredJob(this.#host.store, jobId))?.redoneBy ?? [];
  }
}
