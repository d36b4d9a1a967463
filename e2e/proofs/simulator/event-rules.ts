/**
 * What must hold of each event and of what the coordinator makes of it, beside what must hold of its state (invariants.ts).
 * One of these watches one process of the coordinator, from its start to its crash. Names are those of SPEC.md and CODED.md.
 */
import { codedRun } from "../../../server/coded/core/run-job.ts";
import { type AskedOfShell, isRunOutcome, isRunWork, type RunAnswer } from "../../../server/coded/core/run-work.ts";
import type { Effect } from "../../../server/coordinator/effects.ts";
import type { CoordinatorEvent } from "../../../server/coordinator/events.ts";
import type { Assignment, CoordinatorState } from "../../../server/coordinator/state.ts";
import { INFERENCE } from "../../../server/kinds/inference/core/work.ts";
import type { RowsWork } from "../../../server/kinds/inference/rows/work.ts";
import { ChoiceRule } from "./choice-rule.ts";
import { CreditRule } from "./credit-rule.ts";
import type { DiskLedger } from "./disk-ledger.ts";
import { noReference } from "./references.ts";
import { RowsRules } from "./rows-rules.ts";
import { WholeLooks } from "./whole-looks.ts";

type EffectOf<T extends Effect["type"]> = Extract<Effect, { type: T }>;
type RunAskedOf<T extends AskedOfShell["type"]> = Extract<AskedOfShell, { type: T }>;

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
    this.#broken.push(...this.#rows.restored());
  }

  /** [AS1] [AS2] [AS3] An answer that nobody waits for changes nothing of its assignment. */
  #answered(sessionId: string, assignmentId: number): void {
    const { assignment, state } = this.#answering!;
    if (assignment === undefined) return;
    const isAwaited = assignment.sessionId === sessionId && (state === "outstanding" || state === "late");
    if (isAwaited || assignment.state === state) return;
    const rule = assignment.sessionId === sessionId ? "AS1" : "AS2";
    this.#broken.push(
      `[${rule}] assignment ${assignmentId} was ${state}, and an answer of ${sessionId} was applied to it`,
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
      case "answerSubmission":
        if (effect.problem === null && !this.#disk.jobs.has(effect.jobId))
          this.#broken.push(`[JB1] ${effect.jobId} is acknowledged and not durable`);
        return;
      case "work": {
        if (isRunWork(effect)) return this.#run(effect.jobId, effect.work.run);
        if (effect.kind === INFERENCE) this.#inferred(effect.jobId, effect.work as RowsWork);
        return;
      }
      default:
        return;
    }
  }

  #isAlone(assignmentId: number): boolean {
    return this.#state.assignments.get(assignmentId)?.queueing === "alone";
  }

  #inferred(jobId: string, work: RowsWork): void {
    if (work.type === "prepareRows" && !this.#disk.jobs.has(jobId))
      this.#broken.push(`[PS1] ${jobId} begins before it is durable`);
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
