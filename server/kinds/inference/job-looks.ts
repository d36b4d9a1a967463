/** What a submitter looks at of a job, running or ended: how its first answers came out, its answers page by page, and its queries beside them. */
import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import type { AnswerFilter, AnswersPage } from "../../../shared/kinds/inference/answers.ts";
import type { NpyArray } from "../../../shared/protocol/npy.ts";
import type { TimelineRound } from "../../../shared/protocol/timeline-api.ts";
import type { CoordinatorState } from "../../coordinator/state.ts";
import type { JobTimelines } from "../../shell/job-timelines.ts";
import type { Store } from "../../store/store.ts";
import type { JobData } from "./engine/job-data.ts";
import { loadLabels, loadStoredJob } from "./job-loader.ts";
import type { StoredJob } from "./records.ts";
import { rowsJob } from "./rows/core/rows-job.ts";
import { SubmittedQueries } from "./submitted-queries.ts";
import { type RoundRows, timelineRounds } from "./timeline-rounds.ts";
import { type AnswersOfJob, answersPage } from "./views.ts";

/** What is looked at of a job at work. */
export interface HeldJob {
  readonly data: Pick<JobData, "labels">;
}

export interface JobLooksHost {
  /** Of a job at work; null: it has ended, or there is none. */
  workspace(jobId: string): HeldJob | null;
  answersOf(jobId: string): Promise<AnswersOfJob | null>;
}

export class JobLooks {
  readonly #store: Store;
  readonly #state: CoordinatorState;
  readonly #timelines: JobTimelines;
  readonly #host: JobLooksHost;
  readonly #queries: SubmittedQueries;

  constructor(store: Store, state: CoordinatorState, timelines: JobTimelines, host: JobLooksHost) {
    this.#store = store;
    this.#state = state;
    this.#timelines = timelines;
    this.#host = host;
    this.#queries = new SubmittedQueries(store);
  }

  async timelineRounds(jobId: string): Promise<TimelineRound[] | null> {
    const found = await this.#host.answersOf(jobId);
    if (found === null) return null;
    const labels = await this.#labels(jobId, found.job);
    return timelineRounds(await this.#roundRows(jobId), found.answers, labels);
  }

  async answers(jobId: string, offset: number, limit: number, only: AnswerFilter): Promise<AnswersPage | null> {
    const found = await this.#host.answersOf(jobId);
    if (found === null) return null;
    const touched = only === "touched" ? await this.#touchedRows(jobId, found) : null;
    const isTouched = (query: number) => touched?.has(query) === true;
    return answersPage(this.#state, found, offset, limit, { only, isTouched });
  }

  /** null: there is no such inference job, its queries are gone, or it has not so many. */
  async queries(jobId: string, indices: readonly number[]): Promise<NpyArray | null> {
    const job = await this.#stored(jobId);
    if (job === null || indices.some((query) => query >= job.queryCount)) return null;
    return this.#queries.rows(job, indices);
  }

  /** As they were uploaded; null: there is no such inference job, or none stay with it. */
  async names(jobId: string): Promise<Readable | null> {
    const { namesSha256 } = (await this.#stored(jobId)) ?? {};
    if (namesSha256 === undefined) return null;
    // They may be many, and several may ask.
    const file = await this.#store.blobFile(namesSha256);
    if (file !== null) return createReadStream(file.path);
    const bytes = await this.#store.getBlob(namesSha256);
    return bytes && Readable.from([bytes]);
  }

  async #stored(jobId: string): Promise<StoredJob | null> {
    return rowsJob(this.#state, jobId)?.stored ?? loadStoredJob(this.#store, jobId);
  }

  /** Of the queries as they were submitted: of the file, or of a stream's queries as one; null: these are gone. */
  async queriesSha256(job: StoredJob): Promise<string | null> {
    return job.queriesSha256 ?? this.#queries.sha256OfPosted(job);
  }

  /** Submitters' labels go when their job's retention is over; its answers stay. */
  async #labels(jobId: string, job: StoredJob): Promise<Int32Array | null> {
    const { labelsSha256 } = job;
    const workspace = this.#host.workspace(jobId);
    if (workspace !== null) return workspace.data.labels;
    if (labelsSha256 === null || !(await this.#store.hasBlob(labelsSha256))) return null;
    return loadLabels(this.#store, labelsSha256, job);
  }

  /** Of a job of an earlier version that has ended: nothing else has rounds. */
  async #roundRows(jobId: string): Promise<readonly RoundRows[]> {
    return this.#host.workspace(jobId) === null ? this.#store.rounds(jobId) : [];
  }

  /** Queries whose answers were taken out; of rounds that were done again, or had somebody's answer thrown out; and what quarantined volunteers gave. */
  async #touchedRows(jobId: string, { answers, job }: AnswersOfJob): Promise<Set<number>> {
    const withRejected = this.#timelines.roundsWithRejected(jobId);
    const touched = new Set(answers.takenOut);
    for (const { roundIndex, generation, queryIndices } of await this.#roundRows(jobId)) {
      if (generation === 0 && !withRejected.has(roundIndex)) continue;
      for (const query of queryIndices) touched.add(query);
    }
    for (let query = 0; query < job.queryCount; query++) {
      const volunteerId = answers.sources.volunteerOf(query);
      if (volunteerId !== null && this.#state.volunteers.get(volunteerId)?.quarantine != null) touched.add(query);
    }
    return touched;
  }
}
