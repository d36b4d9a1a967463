/** Jobs on the ledger of rows in the shell: what their core asks for, carried out on their workspaces; what is stored of them, and read again. */
import { JobOver } from "../../../../shared/control/job-over.ts";
import { unreachable } from "../../../../shared/control/unreachable.ts";
import type { CoordinatorState } from "../../../coordinator/state.ts";
import type { Clock } from "../../../shell/clock.ts";
import type { DurableRecords } from "../../../shell/durable-records.ts";
import { isEndedJob } from "../../../shell/kept-jobs.ts";
import { messageOf } from "../../../store/attempt.ts";
import type { AppendRecord, StoreRecord } from "../../../store/store.ts";
import type { NumericsFailure, RestoredInference } from "../core/work.ts";
import type { StoredJob } from "../records.ts";
import type { AnswersOfJob } from "../views.ts";
import { rowsJob } from "./core/rows-job.ts";
import { blockRecord, storedAccount } from "./engine/blocks.ts";
import type { TakingAt } from "./engine/row-answers.ts";
import type { RowWorkspace } from "./engine/row-workspace.ts";
import { RowWorkspaces, type RowWorkspacesOptions } from "./row-workspaces.ts";
import type { RowsOutcome, RowsRecord, RowsWork } from "./work.ts";

/** Rows that say how long one takes; and those before them, of which the first loads the model. */
const TIMED_ROWS = 8;

/** rowMs: processor time of a row, ms, as all runs of its model came to; null: there was none. Absent: nobody measures that. */
export interface RowDeskOptions extends RowWorkspacesOptions {
  readonly rowMs?: (modelSha256: string) => number | null;
}

export interface RowDeskHost {
  readonly state: CoordinatorState;
  readonly clock: Clock;
  readonly durableRecords: DurableRecords;
  /** [TB1] What takes back the `final` of the job's answers, as they stand. */
  takingsIn(jobId: string): TakingAt;
  /** [PR113] The tab of that session hears that it may leave out what comes behind the first rows. */
  shorten(sessionId: string, assignmentId: number, rowCount: number): void;
  /** [SM2] Whoever posts to an open job hears what is durable of it. */
  answerStream(answer: { readonly jobId: string } & Extract<RowsWork, { type: "answerStream" }>): void;
  tell(jobId: string, effectId: number, outcome: RowsOutcome | PrepareFailed): void;
}

export type PrepareFailed = { readonly type: "prepareFailed" } & NumericsFailure;
type Outcome = RowsOutcome | PrepareFailed;

export class RowDesk {
  readonly workspaces: RowWorkspaces;
  readonly #options: RowDeskOptions;
  readonly #host: RowDeskHost;
  /** [PS3] What was made of a record: where the store refused that, it is written again as it was, for appends are numbered. */
  readonly #made = new WeakMap<object, StoreRecord[]>();
  /** Where rows that differ are kept: they are judged though their job has ended since. */
  readonly #judging = new Map<string, RowWorkspace>();
  #isClosed = false;

  constructor(options: RowDeskOptions, host: RowDeskHost) {
    this.#options = options;
    this.#host = host;
    this.workspaces = new RowWorkspaces(options);
  }

  close(): void {
    this.#isClosed = true;
  }

  release(jobId: string): void {
    const workspace = this.workspaces.get(jobId);
    if (workspace !== null) this.#judging.set(jobId, workspace);
    if (this.#judging.size > JUDGED_KEPT_MAX) this.#judging.delete(this.#judging.keys().next().value!);
    this.workspaces.release(jobId);
  }

  /** Before the core knows of it. */
  async restored(job: StoredJob): Promise<RestoredInference> {
    if (isEndedJob(job)) return { job, contributions: [] };
    const contributions = await this.#options.store.contributions(job.jobId);
    const onRows = await this.workspaces.restore(job);
    // [SM2] What was posted is durable before its job says how much that is.
    const posted = this.workspaces.get(job.jobId)?.answers.queryCount ?? job.queryCount;
    return { job: { ...job, queryCount: posted }, contributions, ...(onRows === null ? {} : { onRows }) };
  }

  /** null: it is not at work, or none on the ledger. */
  answersAtWork(jobId: string): AnswersOfJob | null {
    const [job, workspace] = [rowsJob(this.#host.state, jobId), this.workspaces.get(jobId)];
    if (job === undefined || workspace === null) return null;
    const { answers } = workspace;
    const durableRecords = this.#host.durableRecords.of(answers.sources.volunteers);
    return { job: job.stored, answers, records: new Map(), durableRecords };
  }

  work(jobId: string, effectId: number, work: RowsWork): void {
    const workspace = this.workspaces.get(jobId);
    const outcome = <T>(act: (job: RowWorkspace) => T | Promise<T>, done: (value: T) => Outcome, failed: Failed) =>
      this.#outcome(jobId, effectId, act, done, failed);
    switch (work.type) {
      case "prepareRows":
        return outcome(
          async (job) => ({ rowMs: await this.#rowMs(job), order: await job.order() }),
          (prepared) => ({ type: "rowsPrepared", ...prepared }),
          (failure) => ({ type: "prepareFailed", ...failure }),
        );
      case "takeRows":
        return workspace?.takeRows(work);
      case "takeMixtures":
        return workspace?.takeMixtures(work);
      case "dropMixtures":
        return workspace?.dropMixtures(work);
      case "takeDecoded":
        return workspace?.takeDecoded(work);
      case "decodeGroups":
        return outcome(
          (job) => job.decodeGroups(work),
          (groups) => ({ type: "groupsDecoded", groups }),
          (failure) => ({ type: "decodeFailed", ...failure }),
        );
      case "takeOut":
        return workspace?.takeOut(work, this.#host.takingsIn(jobId));
      case "uncheck":
        return workspace?.uncheck(this.#host.takingsIn(jobId));
      case "leaveOut": {
        const { assignmentId, sessionId, rowsNeeded } = work;
        workspace?.shorten(assignmentId, rowsNeeded);
        return this.#host.shorten(sessionId, assignmentId, rowsNeeded);
      }
      case "answerStream":
        return this.#host.answerStream({ jobId, ...work });
      case "lookKnown": {
        const { assignmentId, of } = work;
        return outcome(
          (job) => job.lookKnown(work),
          (rows) => ({ type: "knownLooked", assignmentId, volunteerId: of.volunteerId, rows }),
          (failure) => ({ type: "lookKnownFailed", assignmentId, ...failure }),
        );
      }
      case "lookCloser":
        return outcome(
          (job) => job.lookCloser(work),
          (rows) => ({ type: "lookedCloser", rows }),
          (failure) => ({ type: "lookKnownFailed", assignmentId: work.assignmentId, ...failure }),
        );
      case "recompute":
        return outcome(
          (job) => job.recompute(work),
          (rows) => ({ type: "recomputed", rows }),
          (failure) => ({ type: "recomputeFailed", ...failure }),
        );
      case "compare":
        return outcome(
          (job) => job.compare(work),
          (pairs) => ({ type: "compared", pairs }),
          (failure) => ({ type: "compareFailed", ...failure }),
        );
      case "confirmRows":
        return outcome(
          (job) => job.confirm(effectId, work),
          (judged) => ({ type: "rowsConfirmed", judged }),
          (failure) => ({ type: "confirmRowsFailed", ...failure }),
        );
      default:
        return unreachable("RowDesk: no such work", work);
    }
  }

  /** Begins at once: what an effect names is held now, and need not be once the next event has been taken. */
  #outcome<T>(
    jobId: string,
    effectId: number,
    act: (job: RowWorkspace) => T | Promise<T>,
    done: (value: T) => Outcome,
    failed: Failed,
  ): void {
    const run = async () => act(this.workspaces.get(jobId) ?? this.#judging.get(jobId) ?? this.workspaces.of(jobId));
    run().then(
      (value) => this.#host.tell(jobId, effectId, done(value)),
      (error: unknown) => {
        // After close nobody is left to tell: the next start does it again.
        if (this.#isClosed) return;
        const isOver = error instanceof JobOver;
        if (!isOver) this.#options.onProblem("numerics failed", error);
        this.#host.tell(jobId, effectId, failed({ message: messageOf(error), ...(isOver && { isOver }) }));
      },
    );
  }

  /** What a row takes this coordinator, the model being loaded; null: this clock does not tell. A machine that does much else is not taken for a slow one. */
  async #rowMs(job: RowWorkspace): Promise<number | null> {
    const { clock } = this.#host;
    const rows = Math.min(TIMED_ROWS, job.answers.queryCount);
    if (rows === 0) return null;
    await job.computed(1);
    const beganMs = clock.nowMs();
    await job.computed(rows);
    const tookMs = clock.nowMs() - beganMs;
    const processorMs = this.#options.rowMs?.(job.data.job.modelSha256) ?? Number.POSITIVE_INFINITY;
    return tookMs > 0 ? Math.min(tookMs / rows, processorMs) : null;
  }

  // --- what is stored -----------------------------------------------------------------------------------------------

  /** What is stored is what the engine holds when it is asked for first. */
  storeRecords(jobId: string, record: RowsRecord): StoreRecord[] {
    const workspace = this.workspaces.get(jobId);
    switch (record.type) {
      case "rows":
        return this.#once(record, () => appended(workspace?.appendOpened(), workspace?.appendRows(record.rows)));
      case "final":
        return this.#once(record, () =>
          appended(workspace?.appendOpened(), workspace?.appendFinal(record.blockId, record.places)),
        );
      case "block": {
        const { blockId, block } = record.block;
        if (block.state === "open" && blockId > 0) workspace?.opened(blockId);
        return [{ kind: "block", block: blockRecord(jobId, record.block) }];
      }
      case "account":
        return [storedAccount(record)];
      default:
        return unreachable("RowDesk: no such record", record);
    }
  }

  /** [TB1] What was taken back of a job that nothing checks any more is stored with it. @param record of the job */
  storedWith(jobId: string, record: { readonly job: StoredJob }): StoreRecord[] {
    if (record.job.unchecked === null) return [];
    return this.#once(record, () => appended(this.workspaces.get(jobId)?.appendDoubted()));
  }

  #once(record: object, make: () => StoreRecord[]): StoreRecord[] {
    const made = this.#made.get(record) ?? make();
    this.#made.set(record, made);
    return made;
  }

  isDurable(jobId: string, stored: readonly StoreRecord[]): void {
    const workspace = this.workspaces.get(jobId);
    for (const record of stored) if (record.kind === "append") workspace?.isStored(record.append);
  }
}

type Failed = (failure: NumericsFailure) => Outcome;
const JUDGED_KEPT_MAX = 16;

function appended(...appends: readonly (AppendRecord | null | undefined)[]): StoreRecord[] {
  return appends.flatMap((append) => (append == null ? [] : [{ kind: "append", append } as const]));
}

/** Is it a record of rows? */
export function isRowsRecord(record: { readonly type: string }): record is RowsRecord {
  return ["rows", "final", "block", "account"].includes(record.type);
}
