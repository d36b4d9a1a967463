/** What inference jobs ask for, carried out on their workspaces; outcomes go back to the core. */

import { JobOver } from "../../../shared/control/job-over.ts";
import { unreachable } from "../../../shared/control/unreachable.ts";
import type { CoordinatorState } from "../../coordinator/state.ts";
import type { Clock } from "../../shell/clock.ts";
import { messageOf } from "../../store/attempt.ts";
import { type Store, StoreError } from "../../store/store.ts";
import type { InferenceEffect, InferenceOutcome, NumericsFailure, RoundPlace, RowsSettled } from "./core/work.ts";
import type { JobWorkspace } from "./engine/job-workspace.ts";
import type { TakingOf } from "./engine/round-answers.ts";
import type { InferenceExecutor } from "./engine/task-types.ts";
import type { StreamDesk } from "./stream-desk.ts";
import type { Workspaces } from "./workspaces.ts";

const STORE_RETRY_MS = 1_000;
const FOUND_KEPT_MAX = 64;

export interface CarryOutOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly executor: InferenceExecutor;
  readonly onProblem: (message: string, error: unknown) => void;
}

export interface CarryOutHost {
  readonly state: CoordinatorState;
  readonly workspaces: Workspaces;
  readonly streams: StreamDesk;
  /** [TB1] What takes back the `final` of the job's answers, as they stand. */
  takingsIn(jobId: string): TakingOf;
  tell(work: InferenceEffect, outcome: InferenceOutcome): void;
}

export class CarryOut {
  readonly #options: CarryOutOptions;
  readonly #host: CarryOutHost;
  /** Where rows that differ are kept, by the effect that found them: they are judged though their job has ended since. */
  readonly #found = new Map<number, JobWorkspace>();
  #isClosed = false;

  constructor(options: CarryOutOptions, host: CarryOutHost) {
    this.#options = options;
    this.#host = host;
  }

  close(): void {
    this.#isClosed = true;
  }

  work(work: InferenceEffect): void {
    const workspace = this.#host.workspaces.get(work.jobId);
    switch (work.type) {
      case "prepare":
        return this.#outcome(
          work,
          this.#prepare(work.jobId),
          (orderSha256) => ({ type: "prepared", orderSha256 }),
          (failure) => ({ type: "prepareFailed", ...failure }),
        );
      case "encode":
        return this.#outcome(
          work,
          this.#onWorkspace(work, (job) => job.encode(work)),
          () => ({ type: "encoded", ...placeOf(work) }),
          (failure) => ({ type: "encodeFailed", ...placeOf(work), ...failure }),
        );
      case "answerStream":
        return this.#host.streams.answer(work);
      case "audit": {
        const { assignmentId } = work;
        return this.#outcome(
          work,
          this.#onWorkspace(work, (job) => job.audit(work)),
          (outcome) => {
            const { failed, golden, against, duplicates = [], words = [] } = outcome;
            const isOffAlone = failed + (golden ? golden.wrong + golden.coarse : 0) + (against?.failed ?? 0) > 0;
            const isOff =
              isOffAlone || words.length > 0 || duplicates.some((found) => found !== null && found !== "agrees");
            if (isOff) this.#keepFound(work, workspace);
            return { type: "audited", ...placeOf(work), assignmentId, ...outcome };
          },
          (failure) => ({ type: "auditFailed", ...placeOf(work), assignmentId, ...failure }),
        );
      }
      case "decode":
        return this.#outcome(
          work,
          this.#onWorkspace(work, (job) => job.decode(work)),
          (outcome) => {
            if (outcome.suspectAudits.some(({ failed }) => failed > 0)) this.#keepFound(work, workspace);
            return { type: "decoded", ...placeOf(work), outcome };
          },
          (failure) => ({ type: "decodeFailed", ...placeOf(work), ...failure }),
        );
      case "takeSlices":
        return workspace?.takeSlices(work);
      case "publish":
        return workspace?.publish(work);
      case "patch":
        return workspace?.patch(work);
      case "withdraw":
        return workspace?.withdraw(work, this.#host.takingsIn(work.jobId));
      case "settle":
        return this.#settled(work, workspace, (job) => job.settle(work));
      case "sample":
        return this.#settled(work, workspace, (job) => job.sample(work));
      case "compute": {
        const { workerIndex, assignmentId } = work;
        return this.#outcome(
          work,
          this.#onWorkspace(work, (job) => job.compute(work)),
          (notComputed) => ({ type: "computed", ...placeOf(work), workerIndex, assignmentId, notComputed }),
          (failure) => ({ type: "computeFailed", ...placeOf(work), workerIndex, ...failure }),
        );
      }
      case "topUp": {
        const { volunteerId } = work;
        return this.#outcome(
          work,
          this.#onWorkspace(work, (job) => job.topUp(work)),
          (outcome) => ({ type: "toppedUp", volunteerId, ...outcome }),
          (failure) => ({ type: "topUpFailed", volunteerId, ...failure }),
        );
      }
      case "confirm": {
        const { assignmentId, of } = work;
        const found = this.#found.get(of);
        this.#found.delete(of);
        return this.#outcome(
          work,
          found?.confirm(work) ?? this.#onWorkspace(work, (job) => job.confirm(work)),
          (judged) => ({ type: "confirmed", assignmentId, judged }),
          (failure) => ({ type: "confirmFailed", ...failure }),
        );
      }
      case "uncheck":
        return workspace?.uncheck(this.#host.takingsIn(work.jobId));
      case "releaseRound":
        return workspace?.releaseRound(work.roundIndex);
      default:
        return unreachable("CarryOut: no such work", work);
    }
  }

  #keepFound({ effectId }: InferenceEffect, workspace: JobWorkspace | null): void {
    if (workspace !== null) this.#found.set(effectId, workspace);
    // What nobody asks to be judged goes, the earliest first.
    if (this.#found.size > FOUND_KEPT_MAX) this.#found.delete(this.#found.keys().next().value!);
  }

  /** Rows that were computed at the end of a job: what differs is kept until it is judged. */
  #settled(
    work: InferenceEffect,
    workspace: JobWorkspace | null,
    compute: (job: JobWorkspace) => Promise<RowsSettled[]>,
  ): void {
    this.#outcome(
      work,
      this.#onWorkspace(work, compute),
      (found) => {
        if (found.some(({ failed }) => failed > 0)) this.#keepFound(work, workspace);
        return { type: "settled", found };
      },
      (failure) => ({ type: "settleFailed", ...failure }),
    );
  }

  #outcome<T>(
    effect: InferenceEffect,
    work: Promise<T>,
    done: (value: T) => InferenceOutcome,
    failed: (failure: NumericsFailure) => InferenceOutcome,
  ): void {
    work.then(
      (value) => this.#host.tell(effect, done(value)),
      (error: unknown) => {
        // After close nobody is left to tell: the next start does it again.
        if (this.#isClosed) return;
        // Of a job that has ended the core hears too: what it waits for counts as under way, and holds back all jobs.
        const isOver = error instanceof JobOver;
        if (!isOver) this.#options.onProblem("numerics failed", error);
        this.#host.tell(effect, failed({ message: messageOf(error), ...(isOver && { isOver }) }));
      },
    );
  }

  /** Begins at once: what an effect names is held now, and need not be once the next event has been taken. */
  async #onWorkspace<T>({ jobId }: InferenceEffect, work: (workspace: JobWorkspace) => Promise<T>): Promise<T> {
    return work(this.#host.workspaces.of(jobId));
  }

  async #prepare(jobId: string): Promise<string | null> {
    const workspace = this.#host.workspaces.of(jobId);
    const { orderSha256 } = workspace.data.job;
    if (workspace.isPrepared && orderSha256 !== null) return orderSha256;
    const order = await workspace.prepare(null);
    if (order === null) return null;
    return this.#putBlobPatiently(new Uint8Array(order.buffer, order.byteOffset, order.byteLength));
  }

  /** An accepted job does not fail because the disk is full: it waits until the store takes the blob. */
  async #putBlobPatiently(bytes: Uint8Array): Promise<string> {
    const { store, clock } = this.#options;
    for (;;) {
      try {
        return await store.putBlob(bytes);
      } catch (error) {
        if (!(error instanceof StoreError) || this.#isClosed) throw error;
        this.#options.onProblem("the store refused a blob", error);
        await new Promise<void>((resolve) => clock.at(clock.nowMs() + STORE_RETRY_MS, resolve));
      }
    }
  }
}

function placeOf({ roundIndex, generation }: RoundPlace): RoundPlace {
  return { roundIndex, generation };
}
