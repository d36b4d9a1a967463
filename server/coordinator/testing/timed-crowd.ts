/**
 * A crowd, a store and the coordinator's own processor on virtual time: each takes so many milliseconds for what it is asked. What threads compute takes
 * turns as the real ones' does (shared/control/fair-queue.ts).
 */
import { FairQueue } from "../../../shared/control/fair-queue.ts";
import { must } from "../assert.ts";
import { partyOf } from "../parties.ts";
import { type Asked, type AskedOf, goodOutcome, Story, storedJob } from "./story.ts";

export interface Takes {
  /** A tab, for a batch and for each row of it. */
  readonly batchMs: number;
  readonly rowMs: number;
  /** The coordinator's processor, for what is encoded, audited or decoded at once. */
  readonly taskMs: number;
  readonly writeMs: number;
}

type Task = AskedOf<"encode" | "audit" | "decode">;
interface Queued {
  readonly submitter: string;
  readonly job: string;
  readonly cost: number;
  readonly task: Task;
}

export class TimedCrowd {
  readonly story = new Story({ hold: ["encode", "audit", "decode", "persist"] });
  readonly #takes: Takes;
  readonly #later: { readonly atMs: number; readonly order: number; readonly happen: () => void }[] = [];
  readonly #tasks: FairQueue<Queued>;
  /** By session, the one that it is at first. */
  readonly #hands = new Map<string, AskedOf<"sendAssignment">[]>();
  #isProcessorBusy = false;
  #order = 0;
  #told = 0;

  constructor(tabs: number, takes: Takes) {
    this.#takes = takes;
    this.#tasks = new FairQueue(takes.taskMs);
    this.story.crowd(tabs);
    this.#hear();
  }

  get nowMs(): number {
    return this.story.nowMs;
  }

  at(atMs: number, happen: () => void): void {
    this.#later.push({ atMs, order: this.#order++, happen });
    this.#later.sort((a, b) => b.atMs - a.atMs || b.order - a.order);
  }

  /** All that happens until then, in its order. */
  pass(untilMs: number): void {
    for (let next = this.#later.at(-1); next !== undefined && next.atMs <= untilMs; next = this.#later.at(-1)) {
      this.#later.pop();
      this.story.nowMs = Math.max(this.story.nowMs, next.atMs);
      next.happen();
      this.#hear();
    }
    this.story.nowMs = untilMs;
  }

  openStream(jobId: string, submitter: string, source: Record<string, unknown> = {}): void {
    const code = { scheme: "systematic", queriesPerGroup: 1, stragglers: 0, liars: 0, submitter };
    const stream = { kind: "stream", modelSha256: "0".repeat(64), closeAfterMs: 0, idleMs: 600_000, ...source };
    const stored = storedJob(jobId, { ...code, source: stream }, 0, this.nowMs);
    this.story.submitJob({ ...stored, queriesSha256: null, isOpen: true });
    this.#hear();
  }

  post(jobId: string, queryCount: number): number {
    const firstQuery = this.story.job(jobId).stream!.received;
    this.story.happen({ type: "queriesPosted", jobId, firstQuery, queryCount });
    this.#hear();
    return firstQuery;
  }

  #hear(): void {
    const { effects } = this.story;
    while (this.#told < effects.length) this.#carryOut(effects[this.#told++]!);
  }

  #carryOut(asked: Asked): void {
    switch (asked.type) {
      case "setTimer":
        return this.at(asked.atMs, () => {
          if (this.story.state.timers.has(asked.timerId))
            this.story.happen({ type: "timerFired", timerId: asked.timerId });
        });
      case "persist":
        return this.at(this.nowMs + this.#takes.writeMs, () => this.#goesWell(asked));
      case "encode":
      case "audit":
      case "decode":
        return this.#compute(asked);
      case "sendAssignment": {
        const hand = this.#hands.get(asked.sessionId) ?? [];
        this.#hands.set(asked.sessionId, hand);
        if (hand.push(asked) === 1) this.#begin(asked);
        return;
      }
      case "voidAssignment": {
        const hand = this.#hands.get(asked.sessionId) ?? [];
        const place = hand.findIndex(({ assignmentId }) => assignmentId === asked.assignmentId);
        if (place < 0) return;
        hand.splice(place, 1);
        if (place === 0 && hand.length > 0) this.#begin(hand[0]!);
      }
    }
  }

  #goesWell(asked: Asked): void {
    const outcome = goodOutcome(asked);
    if (outcome !== null) this.story.happen(outcome);
  }

  #compute(task: Task): void {
    const { jobId } = task;
    const submitter = partyOf(must(this.story.state.jobs.get(jobId), `a job that is there, not ${jobId}`));
    this.#tasks.add({ submitter, job: jobId, cost: this.#takes.taskMs, task });
    this.#computeNext();
  }

  #computeNext(): void {
    const next = this.#isProcessorBusy ? null : this.#tasks.take();
    if (next === null) return;
    this.#isProcessorBusy = true;
    this.at(this.nowMs + next.cost, () => {
      this.#isProcessorBusy = false;
      this.#goesWell(next.task);
      this.#computeNext();
    });
  }

  #begin(batch: AskedOf<"sendAssignment">): void {
    const { assignmentId, sessionId, jobId } = batch;
    const work = this.story.state.assignments.get(assignmentId)?.work ?? 0;
    const rows = work / this.story.job(jobId).stored.macsPerQuery;
    this.at(this.nowMs + this.#takes.batchMs + rows * this.#takes.rowMs, () => {
      const hand = this.#hands.get(sessionId)!;
      if (hand[0] !== batch) return;
      hand.shift();
      this.story.happen({ type: "resultArrived", sessionId, assignmentId, draw: this.story.draw });
      if (hand.length > 0) this.#begin(hand[0]!);
    });
  }
}
