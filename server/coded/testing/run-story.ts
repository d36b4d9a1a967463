/**
 * A coded run to tell stories with: volunteers answer when a test says so; whatever the shell and the numerics would do is
 * answered at once and well, unless a test holds it back.
 */
import type { Timeless } from "../../coordinator/words.ts";
import { startRun, stepRun } from "../core/run.ts";
import type { RunEffect } from "../core/run-effects.ts";
import type { RunEvent } from "../core/run-events.ts";
import { planRun, type RunParameters } from "../core/run-plan.ts";
import type { RunSettings } from "../core/run-settings.ts";
import { initialRunState, type RunState } from "../core/run-state.ts";

type EffectType = RunEffect["type"];
type EffectOf<T extends EffectType> = Extract<RunEffect, { type: T }>;
type Happening = Timeless<RunEvent>;

export interface RunStoryOptions {
  readonly code: RunParameters;
  readonly settings?: Partial<RunSettings>;
  /** Effects of these types are left for the test to answer. */
  readonly hold?: readonly EffectType[];
  /** Volunteers whose results are wrong. */
  readonly liars?: readonly string[];
  /** The loss at the weights of an iteration; falls by default. */
  readonly lossOf?: (iteration: number) => number;
  readonly validationLossOf?: (iteration: number) => number;
}

export class RunStory {
  readonly state: RunState;
  /** Everything asked for, oldest first. */
  readonly effects: RunEffect[] = [];
  readonly events: RunEvent[] = [];
  readonly hold: Set<EffectType>;
  nowMs = 1_000;
  readonly #options: RunStoryOptions;

  constructor(options: RunStoryOptions) {
    this.#options = options;
    this.hold = new Set(options.hold ?? []);
    this.state = initialRunState(planRun(options.code), options.settings);
    this.#react(startRun(this.state));
  }

  happen(happening: Happening): void {
    const event = { ...happening, atMs: this.nowMs } as RunEvent;
    this.events.push(event);
    this.#react(stepRun(this.state, event));
  }

  /** Volunteers v0, v1, ... join. */
  join(count: number, { from = 0, speed = 1, isInvited = true } = {}): this {
    for (let i = from; i < from + count; i++) {
      this.happen({ type: "volunteerJoined", volunteerId: `v${i}`, speed, isInvited });
    }
    return this;
  }

  leave(...volunteerIds: string[]): this {
    for (const volunteerId of volunteerIds) this.happen({ type: "volunteerLeft", volunteerId });
    return this;
  }

  /** Lets time pass, and wakes the job. */
  pass(ms: number): this {
    this.nowMs += ms;
    this.happen({ type: "woken" });
    return this;
  }

  all<T extends EffectType>(type: T): EffectOf<T>[] {
    return this.effects.filter((effect): effect is EffectOf<T> => effect.type === type);
  }

  last<T extends EffectType>(type: T): EffectOf<T> {
    const found = this.all(type).at(-1);
    if (found === undefined) throw new Error(`story: expected an effect ${type}, got none`);
    return found;
  }

  /** Products of the open round that wait for an answer. */
  asked(): EffectOf<"sendProduct">[] {
    const { round } = this.state;
    return this.all("sendProduct").filter((effect) => {
      const product = effect.roundId === round?.roundId ? round.asked.get(effect.shardIndex) : undefined;
      return product?.state === "asked" && product.volunteerId === effect.volunteerId;
    });
  }

  /** One volunteer answers everything that it was asked in the open round. */
  answer(volunteerId: string): void {
    for (const asked of this.asked()) if (asked.volunteerId === volunteerId) this.#arrive(asked);
  }

  #arrive({ roundId, shardIndex, volunteerId }: EffectOf<"sendProduct">): void {
    this.happen({ type: "resultArrived", roundId, shardIndex, volunteerId });
  }

  /**
   * Rounds until so many iterations are done: everybody answers after 10 ms, too late for the round or not; the slow answer
   * after 1,000 ms, where the round waits for them. Ends early where the round waits for nobody who could answer.
   */
  iterate(count: number, slow: readonly string[] = []): this {
    const until = this.state.iteration + count;
    while (this.state.iteration < until && this.state.phase === "running" && this.state.round !== null) {
      const { roundId } = this.state.round;
      const asked = this.asked();
      this.nowMs += 10;
      for (const product of asked) if (!slow.includes(product.volunteerId)) this.#arrive(product);
      if (this.state.round?.roundId !== roundId) continue;
      this.nowMs += 990;
      for (const product of this.asked()) if (this.state.round?.roundId === roundId) this.#arrive(product);
      if (this.state.round?.roundId === roundId) return this;
    }
    return this;
  }

  #react(effects: readonly RunEffect[]): void {
    // Outcomes come back after all effects of the step are out, as they would.
    this.effects.push(...effects);
    for (const effect of effects) {
      const outcome = this.hold.has(effect.type) ? null : this.outcomeOf(effect);
      if (outcome !== null) this.happen(outcome);
    }
  }

  /** What the shell would say to it if all goes well. */
  outcomeOf(effect: RunEffect): Happening | null {
    const { effectId } = effect;
    const { liars = [], lossOf = (iteration) => 1 / (1 + iteration), validationLossOf } = this.#options;
    switch (effect.type) {
      case "prepare":
        return { type: "prepared", effectId };
      case "encodeShards":
        return { type: "encoded", effectId };
      case "sendShard": {
        const { generation, shardIndex, volunteerId } = effect;
        return { type: "shardHeld", generation, shardIndex, volunteerId };
      }
      case "broadcast":
        return { type: "broadcastReady", effectId };
      case "verify":
        return { type: "verified", effectId, isRight: !liars.includes(effect.volunteerId) };
      case "decode":
        return { type: "decoded", effectId, verdict: { kind: "decoded", wrongShards: [] } };
      case "link":
        return { type: "linked", effectId, loss: lossOf(effect.iteration) };
      case "update":
        return { type: "updated", effectId, validationLoss: validationLossOf?.(effect.iteration + 1) ?? null };
      case "restoreWeights":
        return { type: "restored", effectId };
      default:
        return null;
    }
  }
}
