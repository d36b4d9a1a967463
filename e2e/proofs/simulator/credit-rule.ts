/**
 * [CR1] Credit equals verified work: counted here a second time, from events alone, and compared (whole-looks.ts).
 * What is verified becomes part of a total with the write that makes its work durable; a quarantined volunteer earns nothing.
 */
import { codedRun, codedRuns } from "../../../server/coded/core/run-job.ts";
import { isRunOutcome, isRunWork } from "../../../server/coded/core/run-work.ts";
import { productWork } from "../../../server/coded/core/shares.ts";
import type { Effect } from "../../../server/coordinator/effects.ts";
import type { CoordinatorEvent } from "../../../server/coordinator/events.ts";
import type { Assignment, CoordinatorState } from "../../../server/coordinator/state.ts";
import { waitsForVerdict } from "../../../server/kinds/inference/core/confirmations.ts";
import {
  type Batch,
  type BatchAssignment,
  COORDINATOR,
  inferenceJob,
  type Round,
  slotOf,
} from "../../../server/kinds/inference/core/job.ts";
import { classKeyOf } from "../../../server/kinds/inference/core/model-classes.ts";
import {
  INFERENCE,
  type InferenceOutcome,
  inferenceOutcomeIn,
  inferenceWorkIn,
} from "../../../server/kinds/inference/core/work.ts";
import { rowsJob } from "../../../server/kinds/inference/rows/core/rows-job.ts";
import type { RowsRecord, RowsWork } from "../../../server/kinds/inference/rows/work.ts";
import { WholeLooks } from "./whole-looks.ts";

type Work = Map<string, number>;

interface Result {
  readonly it: Assignment;
  /** Before the event. */
  readonly state: Assignment["state"];
  readonly round: Round | null;
  /** Of its audit, or of what was computed again since. */
  readonly outcome: InferenceOutcome | null;
  /** For the verdict on somebody in it. */
  readonly hasWaited: boolean;
}

interface WorkOfRound {
  readonly work: Work;
  /** Of single assignments, of which some may be found wrong later. */
  readonly counted: Map<number, number>;
  readonly jobId: string;
  readonly isAudited: boolean;
  /** So many of the round's `takenOut` have been heeded: volunteers that came back later earn anew. */
  takenOutSeen: number;
}

export class CreditRule {
  readonly #state: CoordinatorState;
  readonly #looks = new WholeLooks();
  /** Totals as they should be, by volunteer. */
  readonly #totals: Work = new Map();
  /** Verified work of rounds that are not finished; a round is one object from its opening to its end. */
  readonly #ofRounds = new Map<Round, WorkOfRound>();
  /** Verified work of trainings since their last write, and whose work effects `verify` under way are. */
  readonly #ofTrainings = new Map<string, Work>();
  readonly #verifying = new Map<string, { readonly volunteerId: string; readonly work: number }>();
  /** Verified work of batches of duplicates alone, by job: booked with the job's end. */
  readonly #ofCheckBatches = new Map<string, Work>();
  /** Second words that were counted: job, place, attempt and who gave it. */
  readonly #words = new Set<string>();
  /** Results that the event under way may verify. */
  #results: readonly Result[] = [];

  constructor(state: CoordinatorState) {
    this.#state = state;
  }

  before(event: CoordinatorEvent): void {
    const outcome = inferenceOutcomeIn(event);
    const isVerdict = outcome?.type === "audited" || outcome?.type === "confirmed";
    const named = event.type === "resultArrived" ? event : isVerdict ? outcome : null;
    const own = named === null ? null : this.#result(named.assignmentId ?? -1, outcome);
    this.#results = [...(own === null ? [] : [own]), ...this.#waiting(event)];
  }

  /** [VF15] Where a verdict is there, what waited for it is looked at anew. */
  #waiting(event: CoordinatorEvent): Result[] {
    const outcome = inferenceOutcomeIn(event);
    if (outcome?.type !== "confirmed") return [];
    const waiting = inferenceJob(this.#state, outcome.jobId)?.confirmationsWaiting ?? [];
    return waiting.flatMap(({ confirmation: { finding } }) =>
      finding.in === "audit" ? (this.#result(finding.event.assignmentId, finding.event, true) ?? []) : [],
    );
  }

  #result(assignmentId: number, outcome: InferenceOutcome | null, hasWaited = false): Result | null {
    const it = this.#state.assignments.get(assignmentId);
    if (it?.queueing !== "alone") return null;
    const round = slotOf(this.#state, it as BatchAssignment)?.round ?? null;
    const isOver = inferenceJob(this.#state, it.jobId)?.stored.finishedMs !== null;
    return round !== null || (isCheckBatch(it) && !isOver) ? { it, state: it.state, round, outcome, hasWaited } : null;
  }

  after(event: CoordinatorEvent, effects: readonly Effect[]): string[] {
    if (event.type === "restored")
      for (const { volunteerId, creditMacs } of event.volunteers) this.#totals.set(volunteerId, creditMacs);
    for (const result of this.#results) this.#countResult(event, result);
    this.#countProduct(event);
    for (const effect of effects) this.#look(effect);
    this.#countWords(effects);
    this.#book();
    return this.#looks.isDue(this.#state.volunteers.size) ? this.#compare() : [];
  }

  #countResult(event: CoordinatorEvent, { it, state, round, outcome, hasWaited }: Result): void {
    const isAccepted = event.type === "resultArrived" && state !== "accepted" && it.state === "accepted";
    const job = inferenceJob(this.#state, it.jobId);
    const isJudged = job?.stored.suspended === null && job.stored.unchecked === null;
    const waits = job !== undefined && waitsForVerdict(job, it.assignmentId);
    const isVerified =
      state === "checking" &&
      outcome !== null &&
      !waits &&
      (isJudged || !hasWaited) &&
      !this.#isAllWrong(it as BatchAssignment, round) &&
      isFoundRight(outcome, it.volunteerId, isJudged);
    if (!isAccepted && !isVerified) return;
    if (round === null) {
      const work = this.#ofCheckBatches.get(it.jobId) ?? new Map<string, number>();
      this.#ofCheckBatches.set(it.jobId, add(work, it.volunteerId, it.work));
      return;
    }
    this.#count(it, round);
  }

  /** [PC5] Its back-end had rows looked at, and none was right: what it sends is put back, though this batch was not looked at. */
  #isAllWrong({ jobId, volunteerId, workerIndex, payload }: BatchAssignment, round: Round | null): boolean {
    const job = inferenceJob(this.#state, jobId);
    const classes = this.#state.volunteers.get(volunteerId)?.classes;
    if (job === undefined || classes === undefined) return false;
    const looked = classes.get(classKeyOf(job, round, workerIndex, payload.backend));
    return looked !== undefined && looked.wrong > 0 && looked.fine + looked.coarse === 0;
  }

  #count(it: Assignment, round: Round): void {
    const { jobId } = it;
    const isAudited = inferenceJob(this.#state, jobId)?.plan.verification === "audits";
    const held = this.#ofRounds.get(round) ?? {
      work: new Map(),
      counted: new Map(),
      jobId,
      isAudited,
      takenOutSeen: round.takenOut.length,
    };
    this.#ofRounds.set(round, held);
    add(held.work, it.volunteerId, it.work);
    held.counted.set(it.assignmentId, it.work);
  }

  #countProduct(event: CoordinatorEvent): void {
    if (!isRunOutcome(event)) return;
    const { run } = event.outcome;
    if (run.type !== "verified" || !run.isRight) return;
    const key = `${event.jobId}/${run.effectId}`;
    const checked = this.#verifying.get(key);
    if (checked === undefined) return;
    this.#verifying.delete(key);
    const work = this.#ofTrainings.get(event.jobId) ?? new Map<string, number>();
    this.#ofTrainings.set(event.jobId, add(work, checked.volunteerId, checked.work));
  }

  /** [SL2] Rows that were handed over and taken in at once, for nothing is left to check them with. */
  #countSlices({ assignmentId }: { readonly assignmentId: number }): void {
    const it = this.#state.assignments.get(assignmentId);
    const round = it && slotOf(this.#state, it as BatchAssignment)?.round;
    if (round != null && it?.state === "accepted") this.#count(it, round);
  }

  /** [CR1] On the ledger a row counts when it is taken in, a second word when it agrees, in one step with the row. */
  #countRows(effect: Effect): void {
    if (effect.type === "work" && effect.kind === INFERENCE) {
      const work = effect.work as RowsWork;
      if (work.type === "takeRows") this.#bookRows(effect.jobId, work.volunteerId, work.answers.length);
      if (work.type === "takeMixtures") this.#bookRows(effect.jobId, work.volunteerId, work.mixtures.length);
    }
  }

  /** Records that are written, or wait for that. */
  #countWords(effects: readonly Effect[]): void {
    const written = effects.flatMap((effect) => (effect.type === "persist" ? effect.records : []));
    for (const record of [...written, ...this.#state.persistQueue.flatMap(({ records }) => records)]) {
      if (record.kind !== "job" || record.of !== INFERENCE) continue;
      const own = record.record as RowsRecord;
      if (own.type !== "rows") continue;
      for (const { place, attempt, partner } of own.rows) {
        const word = `${record.jobId}/${place}/${attempt}/${partner}`;
        if (partner === undefined || partner === COORDINATOR || this.#words.has(word)) continue;
        this.#words.add(word);
        this.#bookRows(record.jobId, partner, 1);
      }
    }
  }

  #bookRows(jobId: string, volunteerId: string, rows: number): void {
    const macs = rowsJob(this.#state, jobId)?.stored.macsPerQuery ?? 0;
    if (rows > 0) this.#bookAll(new Map([[volunteerId, rows * macs]]));
  }

  #look(effect: Effect): void {
    this.#countRows(effect);
    const inferred = inferenceWorkIn(effect);
    if (inferred?.type === "takeSlices") return this.#countSlices(inferred);
    if (!isRunWork(effect) || effect.work.run.type !== "verify") return;
    const job = codedRun(this.#state, effect.jobId);
    if (job === undefined) return;
    const { effectId, volunteerId, product } = effect.work.run;
    this.#verifying.set(`${effect.jobId}/${effectId}`, { volunteerId, work: productWork(job, product) });
  }

  /** Rounds that are being stored now, and trainings whose credit was taken for a write. */
  #book(): void {
    for (const [round, held] of this.#ofRounds) {
      // First of all: one event may take results out of a round and let it finish.
      if (held.isAudited) this.#takeOut(held, round);
      if (round.phase !== "finishing") continue;
      this.#ofRounds.delete(round);
      this.#bookAll(held.work);
    }
    for (const [jobId, work] of this.#ofCheckBatches) {
      for (const volunteerId of work.keys())
        if (this.#state.volunteers.get(volunteerId)?.quarantine != null) work.delete(volunteerId);
      if (inferenceJob(this.#state, jobId)?.stored.finishedMs === null) continue;
      this.#ofCheckBatches.delete(jobId);
      this.#bookAll(work);
    }
    for (const [jobId, work] of this.#ofTrainings) {
      const job = codedRun(this.#state, jobId);
      if (job === undefined || job.credits.size > 0) continue;
      this.#ofTrainings.delete(jobId);
      this.#bookAll(work);
    }
  }

  /**
   * [VF4] [PC5] [PC11] Nothing of a quarantined volunteer stays in an open round, nor of one that computes the model wrong. A release
   * brings none of it back, but counts again from then on, as another back-end of the volunteer does. Whose batch was taken out
   * because a liar had vouched for it keeps the credit; what was found wrong itself has none.
   */
  #takeOut(held: WorkOfRound, { takenOut }: Round): void {
    const job = inferenceJob(this.#state, held.jobId);
    for (const { volunteerId, wrongAssignmentId } of takenOut.slice(held.takenOutSeen)) {
      const wrong = held.counted.get(wrongAssignmentId ?? -1) ?? 0;
      if (wrong > 0) add(held.work, volunteerId, -wrong);
      // [PC11] What was taken out once cards are left out was a card's.
      if (job?.unfit.has(volunteerId) || job?.stored.fixedOnly !== undefined) held.work.delete(volunteerId);
    }
    held.takenOutSeen = takenOut.length;
    for (const volunteerId of held.work.keys()) {
      if (this.#state.volunteers.get(volunteerId)?.quarantine != null) held.work.delete(volunteerId);
    }
  }

  #bookAll(work: Work): void {
    for (const [volunteerId, macs] of work)
      if (this.#state.volunteers.get(volunteerId)?.quarantine === null) add(this.#totals, volunteerId, macs);
  }

  #compare(): string[] {
    const broken: string[] = [];
    // Votes and error correction prove results by decoding them: those are not counted here.
    if (codedRuns(this.#state).some(({ plan }) => !plan.isVerified)) return broken;
    for (const { volunteerId, creditMacs } of this.#state.volunteers.values()) {
      const expected = this.#totals.get(volunteerId) ?? 0;
      if (creditMacs === expected) continue;
      broken.push(`[CR1] ${volunteerId} has credit for ${creditMacs} multiply-adds, ${expected} were verified`);
      this.#totals.set(volunteerId, creditMacs);
    }
    return broken;
  }
}

function isCheckBatch({ kind, payload }: Assignment): boolean {
  return kind === INFERENCE && (payload as Batch).isCheckBatch === true;
}

/** [VF15] Nothing is taken in before whoever differs has been judged. @param isJudged false: the job cannot be checked */
function isFoundRight(outcome: InferenceOutcome, volunteerId: string, isJudged: boolean): boolean {
  if (outcome.type === "audited") return outcome.failed === 0;
  if (outcome.type !== "confirmed" || !isJudged) return false;
  return outcome.judged.every((judged) => judged.volunteerId !== volunteerId || judged.verdict === "agrees");
}

function add(work: Work, volunteerId: string, macs: number): Work {
  return work.set(volunteerId, (work.get(volunteerId) ?? 0) + macs);
}
