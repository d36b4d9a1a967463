/**
 * The broker of trusted model runs: takes rows of a model, cuts them into pieces that are bounded by what inspection predicts, shares the
 * pieces fairly between submitters, and has them computed in processes that may die of them.
 *
 * What breaks its process is tried once more, alone, in a fresh one; only then its own run fails, with a reason that its submitter
 * understands. Whatever else the process had loaded is loaded again elsewhere, and nobody notices.
 *
 * Ordinary pieces of checks go to other machines where there are any. Trials stay here, and so does whatever could name somebody a liar:
 * runs in fresh processes, and on other implementations than the first.
 */

import { inspectModel } from "../../shared/compute/inspect-model.ts";
import type { Implementation } from "../../shared/compute/model-runtime.ts";
import { FairQueue, type Ticket } from "../../shared/control/fair-queue.ts";
import { JobOver } from "../../shared/control/job-over.ts";
import {
  AUDITOR_BACKLOG_MS_MAX,
  AUDITOR_SILENT_MS_MAX,
  TRIAL_MS_MAX,
  TRUSTED_QUANTUM_MS,
  TRUSTED_QUICK_MS_MAX,
  TRUSTED_WORTH_STARTING_MS,
} from "../../shared/protocol/limits.ts";
import { type SaidRows, saidWithin } from "../../shared/verify/said-rows.ts";
import type { Elsewhere } from "./elsewhere.ts";
import {
  type InspectedModel,
  MeasuredPace,
  modelTooLarge,
  type ProcessRoom,
  pieceMsMax,
  processRoomOf,
  rowsAtOnce,
  type TrustedModel,
} from "./model-cost.ts";
import { ModelRunError } from "./model-run-error.ts";
import { ProcessPool, type ProcessSlot } from "./process-pool.ts";
import { brokenTwice, trialTooLong } from "./run-words.ts";
import type { ProcessLost, TrustedProcess } from "./trusted-process.ts";
import { type Lane, TrustedTimes } from "./trusted-times.ts";

export interface ModelRun {
  readonly model: TrustedModel;
  /** rowCount x D */
  readonly inputs: Float32Array;
  readonly rowCount: number;
  readonly jobId: string;
  readonly submitter: string;
  readonly lane: Lane;
  /** The first, unless told. */
  readonly implementation?: Implementation;
  /** In a process that has run nothing before. */
  readonly inFreshProcess?: boolean;
  /** What volunteers answered to these rows: other machines may say whether they are right. Absent: only this machine computes them. */
  readonly said?: SaidRows | undefined;
}

export interface ModelRunsOptions {
  /** For checks; trials have processes of their own. One of several takes only quick pieces. */
  readonly processes: number;
  /** Processor time of one trial. */
  readonly trialMsMax?: number;
  /** What a process runs, and the most it may hold: for tests. */
  readonly entry?: URL;
  readonly bytesMax?: number;
  readonly largeBytesMax?: number;
  readonly silentMsMax?: number;
  /** Other machines; by default there are none. */
  readonly elsewhere?: Elsewhere;
  /** A process was ended for something that broke it. */
  readonly onLost?: (lost: ProcessLost) => void;
}

interface Run {
  readonly jobId: string;
  readonly submitter: string;
  readonly model: InspectedModel;
  readonly inputs: Float32Array;
  readonly rowCount: number;
  readonly lane: Lane;
  /** Whose processes compute it. */
  readonly place: Lane;
  readonly inFreshProcess: boolean;
  readonly said: SaidRows | null;
  readonly outputs: Float32Array;
  rowsDone: number;
  cpuMs: number;
  isOver: boolean;
  /** That compute pieces of it now. */
  readonly processes: Set<TrustedProcess>;
  resolve(outputs: Float32Array): void;
  reject(error: ModelRunError | JobOver): void;
}

interface Piece extends Ticket {
  readonly run: Run;
  readonly first: number;
  readonly count: number;
  /** How it broke a process before. */
  readonly brokeBefore: ProcessLost | null;
}

const MODELS_INSPECTED_MAX = 256;
/** To start a process for one piece takes as long as a slow piece: it never ends the process that quick ones wait for, and is worth another one. */
const OWN_PROCESS_MS = TRUSTED_WORTH_STARTING_MS;
const STOPPING = "the coordinator is stopping";
const CONFIRMED_WRONGLY =
  "an auditor was dismissed that had confirmed wrong rows of this job, together with volunteers: submit the job again";

export class ModelRuns {
  readonly times = new TrustedTimes();
  readonly #pool: ProcessPool;
  readonly #pace = new MeasuredPace();
  readonly #trialMsMax: number;
  readonly #onLost: (lost: ProcessLost) => void;
  readonly #queues: Readonly<Record<Lane, FairQueue<Piece>>> = {
    trial: new FairQueue(TRUSTED_QUANTUM_MS),
    check: new FairQueue(TRUSTED_QUANTUM_MS),
  };
  readonly #elsewhere: Elsewhere | null;
  /** Pieces that other machines may compute. */
  readonly #away = new FairQueue<Piece>(TRUSTED_QUANTUM_MS);
  /** By hash, the least recently used first. */
  readonly #inspected = new Map<string, Pick<InspectedModel, "facts" | keyof ProcessRoom>>();
  /** Neither done nor failed. */
  readonly #open = new Set<Run>();
  /** Whose next piece has a large model, for which there was no room beside others. */
  readonly #waitForRoom = new Set<Lane>();
  /** Jobs of which wrong rows were confirmed elsewhere: nothing more is computed for them, so that they fail. */
  readonly #wrongJobs = new Set<string>();
  #lostCount = 0;
  #isClosed = false;

  constructor({ processes, trialMsMax = TRIAL_MS_MAX, onLost = () => {}, elsewhere, ...process }: ModelRunsOptions) {
    this.#pool = new ProcessPool({ checks: processes, ...process });
    this.#trialMsMax = trialMsMax;
    this.#onLost = onLost;
    this.#elsewhere = elsewhere ?? null;
    elsewhere?.onChange(() => this.#begin("check"));
    elsewhere?.onWrong((jobId) => {
      this.#wrongJobs.add(jobId);
      for (const run of this.#open) if (run.jobId === jobId) this.#fail(run, new ModelRunError(CONFIRMED_WRONGLY));
    });
  }

  /**
   * @returns rowCount x C
   * @throws ModelError where it is no valid model, ModelRunError where it cannot be run here, JobOver where its job has ended
   */
  async run(asked: ModelRun): Promise<Float32Array> {
    const { model, inputs, rowCount, jobId, submitter, lane, implementation = "first", inFreshProcess = false } = asked;
    const { said = null } = asked;
    const mayGoAway = said !== null && lane === "check" && implementation === "first" && !inFreshProcess;
    const { behind } = model;
    const inspected = { ...(await this.#inspect(model)), implementation, ...(behind === undefined ? {} : { behind }) };
    const problem = modelTooLarge(inspected);
    if (problem !== null) throw new ModelRunError(problem);
    if (this.#isClosed) throw new ModelRunError(STOPPING);
    if (this.#wrongJobs.has(jobId)) throw new ModelRunError(CONFIRMED_WRONGLY);
    if (rowCount === 0) return new Float32Array(0);
    return new Promise((resolve, reject) => {
      const outputs = new Float32Array(rowCount * inspected.facts.outputSize);
      const counted = { rowsDone: 0, cpuMs: 0, isOver: false, processes: new Set<TrustedProcess>() };
      const atOnce = rowsAtOnce(inspected);
      const isQuickHere = !inFreshProcess && this.#isQuickHere(inspected, Math.min(atOnce, rowCount));
      const place = isQuickHere ? "check" : lane;
      const what = { jobId, submitter, model: inspected, inputs, rowCount, lane, place, inFreshProcess, said };
      const run: Run = { ...what, outputs, ...counted, resolve, reject };
      this.#open.add(run);
      const queue = mayGoAway && this.#seats > 0 ? this.#away : this.#queues[place];
      for (let first = 0; first < rowCount; first += atOnce) {
        const count = Math.min(atOnce, rowCount - first);
        const predictedMs = this.#pace.predictedMs(inspected, count);
        const cost = inFreshProcess ? predictedMs + OWN_PROCESS_MS : predictedMs;
        queue.add({ run, first, count, submitter, job: jobId, cost, brokeBefore: null });
      }
      this.#begin(place);
    });
  }

  /** Is it known to be quick, and loaded where checks are computed? Then no check waits for its trial longer than for another check. */
  #isQuickHere(model: InspectedModel, rowCount: number): boolean {
    if (!this.#pace.isMeasured(model) || !this.#pool.hasLoaded(model)) return false;
    return this.#pace.predictedMs(model, rowCount) <= TRUSTED_QUICK_MS_MAX;
  }

  /** Processor milliseconds that a row of this model takes here. @returns null: none of its rows has been computed yet */
  rowMs(sha256: string): number | null {
    return this.#pace.rowMs({ sha256, implementation: "first" });
  }

  /** A job will be submitted soon: what it is tried in starts now, for that takes longer than a trial. */
  expectJob(): void {
    this.#pool.warm();
  }

  /** Processes that are there, how many were ended because something broke them, and what other machines could compute at once. */
  figures(): { processes: number; lost: number; waiting: number; elsewhere: number } {
    const waiting = this.#queues.trial.size + this.#queues.check.size + this.#away.size;
    return { processes: this.#pool.size, lost: this.#lostCount, waiting, elsewhere: this.#seats };
  }

  /** Nobody wants what is computed for this job any more. */
  cancel(jobId: string): void {
    this.#wrongJobs.delete(jobId);
    for (const run of this.#open) if (run.jobId === jobId) this.#fail(run, new JobOver());
  }

  /** Ends all processes; what is under way fails. */
  close(): void {
    this.#isClosed = true;
    for (const run of this.#open) this.#fail(run, new ModelRunError(STOPPING));
    this.#pool.close();
  }

  async #inspect({ sha256, bundle }: TrustedModel): Promise<Omit<InspectedModel, "implementation">> {
    const known = this.#inspected.get(sha256) ?? {
      facts: await inspectModel(bundle),
      ...processRoomOf(bundle),
    };
    this.#inspected.delete(sha256);
    this.#inspected.set(sha256, known);
    if (this.#inspected.size > MODELS_INSPECTED_MAX) this.#inspected.delete(this.#inspected.keys().next().value!);
    return { sha256, bundle, ...known };
  }

  #begin(lane: Lane): void {
    if (lane === "check") this.#beginAway();
    const queue = this.#queues[lane];
    const lendsHand = () => lane === "check" && this.#lendsHand();
    const waitingMs = () => queue.waitingCost() + (lendsHand() ? this.#away.waitingCost() : 0);
    for (const slot of this.#pool.idle(lane, waitingMs)) {
      const suits = slot.isQuickOnly ? (piece: Piece) => this.#isQuick(piece) : undefined;
      const own = queue.take(suits);
      const piece = own ?? (lendsHand() ? this.#away.take(suits) : null);
      if (piece === null) continue;
      if (this.#pool.hasRoomFor(piece.run.model, slot)) void this.#compute(slot, piece);
      else {
        (own === null ? this.#away : queue).add(piece, true);
        this.#waitForRoom.add(lane);
        return;
      }
    }
  }

  #isQuick({ run: { model }, cost }: Piece): boolean {
    return cost <= TRUSTED_QUICK_MS_MAX && !this.#pace.loadsSlowly(model);
  }

  get #seats(): number {
    return this.#elsewhere?.seats ?? 0;
  }

  /** More waits for other machines than they do soon, or they have gone. */
  #lendsHand(): boolean {
    return this.#away.waitingCost() > AUDITOR_BACKLOG_MS_MAX * this.#seats;
  }

  #beginAway(): void {
    while (this.#elsewhere?.isFree === true) {
      const piece = this.#away.take();
      if (piece === null) return;
      void this.#computeAway(this.#elsewhere, piece);
    }
  }

  /** Never rejects, for only answered rows wait there. */
  async #computeAway(elsewhere: Elsewhere, piece: Piece): Promise<void> {
    const { run, first, count } = piece;
    const { model, submitter, jobId, said } = run;
    if (said === null) throw new Error("computeAway: expected rows that somebody answered");
    const rows = rowsOf(piece);
    // [VF17] Whatever checks are computed with here, they are compared on the same code, of which no bit differs.
    const ours = { model, inputs: rows, rowCount: count, jobId, submitter, implementation: "tab" } as const;
    const here = () => this.run({ ...ours, lane: "check" });
    const limitMs = pieceMsMax(piece.cost) + AUDITOR_SILENT_MS_MAX;
    try {
      const asked = {
        model,
        rows,
        rowCount: count,
        said: saidWithin(said, first, count),
        jobId,
        limitMs,
      };
      const { outputs, cpuMs } = await elsewhere.compute(asked, here);
      this.#away.charge(piece, cpuMs - piece.cost);
      this.#done(piece, outputs);
    } catch {
      if (!run.isOver) this.#queues.check.add(piece, true);
    } finally {
      this.#begin("check");
    }
  }

  #done({ run, first, count }: Piece, outputs: Float32Array): void {
    run.outputs.set(outputs, first * run.model.facts.outputSize);
    run.rowsDone += count;
    if (run.rowsDone === run.rowCount && !run.isOver) this.#end(run, () => run.resolve(run.outputs));
  }

  /** Never rejects. */
  async #compute(slot: ProcessSlot, piece: Piece): Promise<void> {
    const { run, count, brokeBefore } = piece;
    const { model, place } = run;
    const process = this.#pool.take(slot, brokeBefore !== null || run.inFreshProcess, model);
    const wasFresh = process.isFresh;
    run.processes.add(process);
    try {
      const { outputs, cpuMs, runMs } = await process.run({
        model,
        rows: rowsOf(piece),
        rowCount: count,
        // Whatever broke it: one row at a time takes least.
        batch: brokeBefore === null ? count : 1,
        cpuMsMax: this.#limitMs(slot, piece),
        loadMsMax: slot.loadMsMax,
      });
      this.#spent(piece, cpuMs);
      this.#pace.measured(model, count, runMs);
      this.#done(piece, outputs);
    } catch (error) {
      this.#wasLost(slot, piece, error as ProcessLost, wasFresh);
    } finally {
      run.processes.delete(process);
      this.#pool.giveBack(slot);
      for (const lane of new Set([place, ...this.#waitForRoom])) {
        this.#waitForRoom.delete(lane);
        this.#begin(lane);
      }
    }
  }

  #limitMs(slot: ProcessSlot, { run, cost }: Piece): number {
    if (run.lane === "trial") return Math.min(slot.cpuMsMax, Math.max(1, this.#trialMsMax - run.cpuMs));
    return Math.min(slot.cpuMsMax, pieceMsMax(cost));
  }

  #spent(piece: Piece, cpuMs: number): void {
    piece.run.cpuMs += cpuMs;
    this.times.add(piece, piece.run.lane, cpuMs);
    this.#queues[piece.run.place].charge(piece, cpuMs - piece.cost);
  }

  /** @param wasFresh nothing had run in that process before */
  #wasLost(slot: ProcessSlot, piece: Piece, lost: ProcessLost, wasFresh: boolean): void {
    const { run, count, brokeBefore } = piece;
    this.#spent(piece, lost.cpuMs);
    if (run.isOver) return;
    const again = (how: Partial<Piece>) => this.#queues[run.place].add({ ...piece, ...how }, true);
    // It was only too slow for where it was.
    const isTooSlowHere = lost.kind === "time" && slot.isQuickOnly;
    // The time of a model that was being loaded says nothing of its rows.
    if (lost.isLoading && isTooSlowHere) {
      this.#pace.loadedSlowly(run.model);
      return again({});
    }
    if (lost.kind === "time" && !lost.isLoading) this.#pace.atLeast(run.model, lost.cpuMs / count);
    if (isTooSlowHere) return again({ cost: Math.max(lost.cpuMs, TRUSTED_QUICK_MS_MAX + 1) });
    this.#lostCount++;
    this.#onLost(lost);
    if (lost.kind === "refused" && wasFresh) return this.#fail(run, new ModelRunError(lost.message));
    if (lost.kind === "time" && run.lane === "trial") {
      const message = trialTooLong(run, this.#trialMsMax, this.#pace.predictedMs(run.model, 1));
      return this.#fail(run, new ModelRunError(message));
    }
    if (brokeBefore !== null) return this.#fail(run, new ModelRunError(brokenTwice(run.model, lost)));
    again({ brokeBefore: lost, cost: Math.max(piece.cost, OWN_PROCESS_MS + 1) });
  }

  #fail(run: Run, why: ModelRunError | JobOver): void {
    this.#end(run, () => run.reject(why));
    // Nobody waits for what they compute, and it may take minutes.
    for (const process of run.processes) process.end();
  }

  #end(run: Run, settle: () => void): void {
    run.isOver = true;
    this.#open.delete(run);
    for (const queue of [this.#queues[run.place], this.#away]) queue.remove((piece) => piece.run === run);
    settle();
  }
}

/** count x D */
function rowsOf({ run: { inputs, model }, first, count }: Piece): Float32Array {
  const { inputSize } = model.facts;
  return inputs.subarray(first * inputSize, (first + count) * inputSize);
}
