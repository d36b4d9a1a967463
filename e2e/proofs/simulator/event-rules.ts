/**
 * What must hold of each event and of what the coordinator makes of it, beside what must hold of its state (invariants.ts).
 * One of these watches one process of the coordinator, from its start to its crash. Names are those of SPEC.md and CODED.md.
 */
import { codedRun } from "../../../server/coded/core/run-job.ts";
import { type AskedOfShell, isRunOutcome, isRunWork, type RunAnswer } from "../../../server/coded/core/run-work.ts";
import type { Effect } from "../../../server/coordinator/effects.ts";
import type { CoordinatorEvent } from "../../../server/coordinator/events.ts";
import type { Assignment, CoordinatorState } from "../../../server/coordinator/state.ts";
import { isChecked } from "../../../server/kinds/inference/core/batch-source.ts";
import { auditRowsLeft } from "../../../server/kinds/inference/core/batches.ts";
import { inferenceJob } from "../../../server/kinds/inference/core/job.ts";
import {
  type InferenceEffect,
  inferenceOutcomeIn,
  inferenceRecordIn,
  inferenceWorkIn,
  type ResultReference,
} from "../../../server/kinds/inference/core/work.ts";
import { ChoiceRule } from "./choice-rule.ts";
import { CreditRule } from "./credit-rule.ts";
import type { DiskLedger } from "./disk-ledger.ts";
import { noReference } from "./references.ts";
import { RowsRules } from "./rows-rules.ts";
import { WholeLooks } from "./whole-looks.ts";

type EffectOf<T extends Effect["type"]> = Extract<Effect, { type: T }>;
type RunAskedOf<T extends AskedOfShell["type"]> = Extract<AskedOfShell, { type: T }>;
type WorkOf<T extends InferenceEffect["type"]> = Extract<InferenceEffect, { type: T }>;

export class EventRules {
  readonly #state: CoordinatorState;
  readonly #disk: DiskLedger;
  readonly #credit: CreditRule;
  readonly #choices: ChoiceRule;
  readonly #rows: RowsRules;
  readonly #looks = new WholeLooks();
  readonly #broken: string[] = [];
  readonly #probed = new Set<string>();
  /** Sessions that have said that they want no work. */
  readonly #paused = new Set<string>();
  /** By session: what it was told to drop and has not let go of. */
  readonly #dropping = new Map<string, Set<number>>();
  readonly #auditsAsked = new Set<number>();
  readonly #auditsPassed = new Set<number>();
  /** [VF10] Results that were taken in unchecked when the operator's cap left no audit. */
  readonly #takenUnchecked = new Set<number>();
  /** Verifications of trainings under way, by job and effect; and those that passed, by job, round, shard and volunteer. */
  readonly #verifying = new Map<string, string>();
  readonly #verified = new Set<string>();
  #quarantinedBefore: ReadonlySet<string> = new Set();
  #nowMs = 0;
  #answering: { readonly assignment: Assignment | undefined; readonly state: string | undefined } | null = null;

  constructor(state: CoordinatorState, disk: DiskLedger) {
    this.#state = state;
    this.#disk = disk;
    this.#credit = new CreditRule(state);
    this.#choices = new ChoiceRule(state);
    this.#rows = new RowsRules(state, disk);
  }

  /** The event is about to be applied. */
  before(event: CoordinatorEvent): void {
    this.#credit.before(event);
    if (this.#quarantinedBefore.size !== this.#state.quarantinedCount) this.#quarantinedBefore = this.#quarantined();
    const assignment = event.type === "resultArrived" ? this.#state.assignments.get(event.assignmentId) : undefined;
    this.#answering = event.type === "resultArrived" ? { assignment, state: assignment?.state } : null;
  }

  /** @returns one sentence for each rule that this event broke */
  after(event: CoordinatorEvent, effects: readonly Effect[]): string[] {
    if (this.#state.nowMs < this.#nowMs) this.#broken.push("[EV4] time runs backwards");
    this.#nowMs = this.#state.nowMs;
    this.#learn(event);
    this.#choices.learn(event);
    for (const it of [event, ...effects]) {
      const problem = noReference(it);
      if (problem !== null) this.#broken.push(`[EV2] ${it.type}: ${problem}`);
    }
    for (const effect of effects) this.#look(effect);
    this.#broken.push(...this.#rows.after(effects));
    this.#broken.push(...this.#credit.after(event, effects), ...this.#disk.broken.splice(0));
    if (this.#looks.isDue(this.#state.volunteers.size)) this.#compareWithDisk();
    return this.#broken.splice(0);
  }

  /** When nothing waits to be written, the disk has what the coordinator believes. */
  #compareWithDisk(): void {
    if (this.#state.persistQueue.length > 0) return;
    const { quarantined, creditMacs } = this.#disk;
    for (const { volunteerId, quarantine, creditMacs: macs } of this.#state.volunteers.values()) {
      if (macs !== (creditMacs.get(volunteerId) ?? 0))
        this.#broken.push(`[CR1] the disk has other credit of ${volunteerId}`);
      if ((quarantine !== null) !== quarantined.has(volunteerId))
        this.#broken.push(`[VF3] the disk has another standing of ${volunteerId}`);
    }
  }

  #quarantined(): Set<string> {
    const volunteers = [...this.#state.volunteers.values()];
    return new Set(volunteers.filter(({ quarantine }) => quarantine !== null).map(({ volunteerId }) => volunteerId));
  }

  #learn(event: CoordinatorEvent): void {
    switch (event.type) {
      case "restored":
        return this.#restored();
      case "sessionProbed":
        if (event.precision !== null) this.#probed.add(event.sessionId);
        return;
      case "availabilityChanged":
        if (event.available) this.#paused.delete(event.sessionId);
        else this.#paused.add(event.sessionId);
        return;
      case "assignmentReturned":
        this.#dropping.get(event.sessionId)?.delete(event.assignmentId);
        return;
      case "sessionClosed":
        this.#dropping.delete(event.sessionId);
        return;
      case "resultArrived":
        return this.#answered(event.sessionId, event.assignmentId);
      case "outcome": {
        if (isRunOutcome(event)) return this.#ran(event.jobId, event.outcome.run);
        const outcome = inferenceOutcomeIn(event);
        if (outcome?.type === "audited" && outcome.failed === 0) this.#auditsPassed.add(outcome.assignmentId);
        // [AS11] The coordinator computed all of it.
        if (outcome?.type === "computed") this.#auditsPassed.add(outcome.assignmentId);
        // [VF15] What differed from one run of the model, and from none that counts.
        if (outcome?.type === "confirmed" && outcome.assignmentId !== null)
          this.#auditsPassed.add(outcome.assignmentId);
        return;
      }
      default:
        return;
    }
  }

  #restored(): void {
    const { jobs, volunteers } = this.#state;
    for (const jobId of this.#disk.jobs.keys())
      if (!jobs.has(jobId)) this.#broken.push(`[JB1] ${jobId} did not survive the restart`);
    for (const volunteerId of this.#disk.quarantined)
      if (volunteers.get(volunteerId)?.quarantine == null)
        this.#broken.push(`[VF3] the quarantine of ${volunteerId} did not survive the restart`);
    for (const key of this.#disk.rounds.keys()) {
      const at = key.lastIndexOf("/");
      const job = inferenceJob(this.#state, key.slice(0, at));
      const roundIndex = Number(key.slice(at + 1));
      const isAtWork = job !== undefined && job.stored.state === "preparing";
      if (isAtWork && !job.finishedRounds.has(roundIndex) && !job.openRounds.has(roundIndex))
        this.#broken.push(`[RS1] round ${key} did not survive the restart`);
    }
    this.#broken.push(...this.#rows.restored());
  }

  /** [AS1] [AS2] [AS3] An answer that nobody waits for changes nothing of its assignment. */
  #answered(sessionId: string, assignmentId: number): void {
    const { assignment, state } = this.#answering!;
    if (assignment === undefined) return;
    const isAwaited = assignment.sessionId === sessionId && (state === "outstanding" || state === "late");
    if (isAwaited) this.#takenIn(assignment);
    if (isAwaited || assignment.state === state) return;
    const rule = assignment.sessionId === sessionId ? "AS1" : "AS2";
    this.#broken.push(
      `[${rule}] assignment ${assignmentId} was ${state}, and an answer of ${sessionId} was applied to it`,
    );
  }

  /** [VF10] A result is taken in at once where nothing is left of the operator's cap, and only there. */
  #takenIn(assignment: Assignment | undefined): void {
    if (assignment === undefined) return;
    const { assignmentId, kind, jobId, roundIndex, workerIndex } = assignment;
    const job = kind === "inference" ? inferenceJob(this.#state, jobId) : undefined;
    if (job === undefined || job.plan.verification !== "audits" || job.stored.unchecked !== null) return;
    const accepted = job.openRounds.get(roundIndex)?.slots[workerIndex]?.accepted;
    if (accepted?.assignmentId !== assignmentId || isChecked(accepted)) return;
    this.#takenUnchecked.add(assignmentId);
    const left = auditRowsLeft(this.#state, job);
    if (left > 0)
      this.#broken.push(
        `[VF10] assignment ${assignmentId} of ${jobId} is taken in unchecked, ${left} rows before the cap`,
      );
  }

  #ran(jobId: string, outcome: RunAnswer): void {
    if (outcome.type !== "verified") return;
    const shard = this.#verifying.get(`${jobId}/${outcome.effectId}`);
    if (shard !== undefined && outcome.isRight) this.#verified.add(shard);
  }

  #look(effect: Effect): void {
    switch (effect.type) {
      case "sendAssignment":
        this.#broken.push(...this.#choices.problemsOf(effect));
        if (this.#isAlone(effect.assignmentId) && (this.#dropping.get(effect.sessionId)?.size ?? 0) > 0)
          this.#broken.push(`[AS8] ${effect.sessionId} has not let go of a batch, and is sent another`);
        return this.#sent(effect.sessionId);
      case "voidAssignment":
        return this.#voided(effect);
      case "persist":
        return this.#persisted(effect);
      case "answerSubmission":
        if (effect.problem === null && !this.#disk.jobs.has(effect.jobId))
          this.#broken.push(`[JB1] ${effect.jobId} is acknowledged and not durable`);
        return;
      case "work": {
        if (isRunWork(effect)) return this.#run(effect.jobId, effect.work.run);
        const work = inferenceWorkIn(effect);
        return work === null ? undefined : this.#inferred(work);
      }
      default:
        return;
    }
  }

  #isAlone(assignmentId: number): boolean {
    return this.#state.assignments.get(assignmentId)?.queueing === "alone";
  }

  #inferred(work: InferenceEffect): void {
    const { jobId } = work;
    switch (work.type) {
      case "audit":
        if (this.#auditsAsked.has(work.assignmentId))
          this.#broken.push(`[AS1] assignment ${work.assignmentId} is audited twice`);
        this.#auditsAsked.add(work.assignmentId);
        return;
      case "decode":
      case "patch":
        for (const result of work.results) this.#used(jobId, result, work.type);
        return;
      case "takeSlices":
        return this.#takenIn(this.#state.assignments.get(work.assignmentId));
      case "prepare":
        if (!this.#disk.jobs.has(jobId)) this.#broken.push(`[PS1] ${jobId} begins before it is durable`);
        return;
      case "releaseRound":
        return this.#released(work);
      default:
        return;
    }
  }

  #voided({ sessionId, assignmentId, tell }: EffectOf<"voidAssignment">): void {
    if (!tell || !this.#state.sessions.has(sessionId)) return;
    const dropping = this.#dropping.get(sessionId) ?? new Set<number>();
    this.#dropping.set(sessionId, dropping.add(assignmentId));
  }

  /** Who was quarantined, was not measured or has gone away gets no work. */
  #sent(sessionId: string): void {
    const session = this.#state.sessions.get(sessionId);
    if (session === undefined) return void this.#broken.push(`[SE3] ${sessionId} is gone, and is sent work`);
    if (!this.#probed.has(sessionId)) this.#broken.push(`[SE1] ${sessionId} was not measured, and is sent work`);
    if (this.#paused.has(sessionId)) this.#broken.push(`[SE4] ${sessionId} wants no work, and is sent some`);
    if (this.#quarantinedBefore.has(session.volunteerId))
      this.#broken.push(`[VF3] ${session.volunteerId} is quarantined, and is sent work`);
  }

  /** [VF1] Nothing unverified reaches a decoder or an answer, as long as the operator's cap leaves an audit. */
  #used(jobId: string, { assignmentId, opinionBy, volunteerId }: ResultReference, use: string): void {
    const job = inferenceJob(this.#state, jobId);
    if (job === undefined || job.plan.verification !== "audits" || job.stored.unchecked !== null) return;
    const wasAudited = this.#auditsPassed.has(assignmentId) || opinionBy !== null;
    if (!wasAudited && !this.#takenUnchecked.has(assignmentId))
      this.#broken.push(`[VF1] assignment ${assignmentId} of ${volunteerId} goes unaudited into a ${use} of ${jobId}`);
  }

  /** [JB3] The end of a job is written when every one of its rounds is on the disk. */
  #persisted({ records }: EffectOf<"persist">): void {
    for (const record of records) {
      const own = inferenceRecordIn(record);
      if (own?.type !== "job" || own.job.state !== "done") continue;
      const { jobId } = own.job;
      const roundCount = inferenceJob(this.#state, jobId)?.schedule.roundCount ?? 0;
      for (let round = 0; round < roundCount; round++)
        if (!this.#disk.rounds.has(`${jobId}/${round}`))
          this.#broken.push(`[JB3] ${jobId} is written as done, and round ${round} is not durable`);
    }
  }

  /** [RD5] What a round of a running job held is let go when its answers are durable. */
  #released({ jobId, roundIndex }: WorkOf<"releaseRound">): void {
    const job = this.#state.jobs.get(jobId);
    if (job?.stored.state !== "running") return;
    if (!this.#disk.rounds.has(`${jobId}/${roundIndex}`))
      this.#broken.push(`[RD5] round ${roundIndex} of ${jobId} counts as done, and is not durable`);
  }

  #run(jobId: string, effect: AskedOfShell): void {
    if (effect.type === "verify") {
      const { effectId, roundId, shardIndex, volunteerId } = effect;
      this.#verifying.set(`${jobId}/${effectId}`, `${jobId}/${roundId}/${shardIndex}/${volunteerId}`);
    }
    if (effect.type === "decode") this.#decodedRun(jobId, effect);
  }

  /** [GR4] [GR5] As many different verified products as the code asks for. */
  #decodedRun(jobId: string, effect: RunAskedOf<"decode">): void {
    const job = codedRun(this.#state, jobId);
    if (job === undefined || !job.plan.isVerified) return;
    const { roundId, shardIndices, volunteerIds } = effect;
    shardIndices.forEach((shardIndex, i) => {
      if (!this.#verified.has(`${jobId}/${roundId}/${shardIndex}/${volunteerIds[i]}`))
        this.#broken.push(
          `[GR4] shard ${shardIndex} of ${volunteerIds[i]} goes unverified into round ${roundId} of ${jobId}`,
        );
    });
    const code = job.run?.active;
    if (code == null) return;
    // A product is linear in its shard: the degree is 1.
    const needed = code.blockCount + code.maskCount;
    const got = new Set(shardIndices).size;
    if (got < needed)
      this.#broken.push(`[GR5] round ${roundId} of ${jobId} is decoded from ${got} shards, expected ${needed}`);
  }
}
