/**
 * A regression with a crowd, in this process: the real state machine, the real numerics, shards multiplied for real, and
 * responses that take virtual time. What the master does can be free (tests) or take the time that it really took (bench).
 */

import { startRun, stepRun } from "../../server/coded/core/run.ts";
import type { RunEffect } from "../../server/coded/core/run-effects.ts";
import type { RunEvent, RunProduct } from "../../server/coded/core/run-events.ts";
import { type RunPlan, thresholdOf } from "../../server/coded/core/run-plan.ts";
import type { RunSettings } from "../../server/coded/core/run-settings.ts";
import { initialRunState, type RunState } from "../../server/coded/core/run-state.ts";
import type { BlockShape } from "../../server/coded/engine/blocks.ts";
import type { Evaluation, NamedArrays } from "../../server/coded/engine/kind-numerics.ts";
import type { EncodedShard, RoundsEngine } from "../../server/coded/engine/rounds-engine.ts";
import type { Timeless } from "../../server/coordinator/words.ts";
import type { FieldKernels, FieldMatrix } from "../../shared/compute/field/field-kernels.ts";
import type { Attack } from "./product-lies.ts";
import { VirtualClock } from "./virtual-clock.ts";

export interface CrowdMember {
  readonly volunteerId: string;
  readonly speed?: number;
  readonly isInvited?: boolean;
  /** When it is here, in pairs of from and until; absent: from the start for good. */
  readonly presence?: readonly (readonly [fromMs: number, untilMs: number])[];
  /** Virtual time from a request to the answer, for one shard; its shards are computed one after the other. */
  readonly responseMs: (round: { roundId: number; iteration: number; product: RunProduct }) => number;
  readonly attack?: Attack;
  /** For `swap`: whose results it sends. */
  readonly colluder?: string;
}

/** The part of the numerics that a crowd needs; the engine, or its replay (e2e/bench). */
export type CrowdNumerics = Pick<
  RoundsEngine,
  | "shardsOf"
  | "shapesOf"
  | "releaseCode"
  | "vectorOf"
  | "verify"
  | "isWellFormed"
  | "decode"
  | "link"
  | "update"
  | "checkpoint"
  | "restore"
>;

export interface CrowdRun {
  readonly plan: RunPlan;
  readonly settings: Partial<RunSettings>;
  readonly engine: CrowdNumerics;
  readonly prepare: () => void;
  readonly kernels: FieldKernels;
  readonly members: readonly CrowdMember[];
  /** Virtual milliseconds that a step of the master takes, given what it really took; absent: none. */
  readonly masterCost?: (effect: RunEffect["type"], measuredMs: number) => number;
  /** Virtual time to fetch so many bytes. */
  readonly transferMs?: (bytes: number) => number;
  /** After each update: virtual time, and the weights that there are now. */
  readonly onUpdate?: (iteration: number, atMs: number, weights: Float64Array, validation: Evaluation | null) => void;
  /** Every event and its effects, as they happen. */
  readonly onStep?: (event: RunEvent, effects: readonly RunEffect[]) => void;
}

export interface CrowdOutcome {
  readonly state: RunState;
  readonly weights: Float64Array | null;
  readonly endMs: number;
  /** Results that were not what their shard times the broadcast is, and how many of them entered a decode all the same. */
  readonly forged: number;
  readonly wrongAccepted: number;
  readonly honestRejected: number;
  /** Forged results that a volunteer had sent before the one that named it. */
  readonly liesBeforeNamed: number;
  /** Real milliseconds of each step of the master, by kind of effect. */
  readonly masterMs: Readonly<Record<string, readonly number[]>>;
}

type Happening = Timeless<RunEvent>;

interface HeldShard {
  readonly forward: FieldMatrix;
  readonly backward: FieldMatrix;
}

interface SentResult {
  readonly residues: Uint32Array;
  readonly isForged: boolean;
}

export async function runCrowd(run: CrowdRun): Promise<CrowdOutcome> {
  const crowd = new GradientCrowd(run);
  return crowd.play();
}

class GradientCrowd {
  readonly #run: CrowdRun;
  readonly #state: RunState;
  readonly #members: ReadonlyMap<string, CrowdMember>;
  readonly #clock = new VirtualClock();
  /** The master does one thing at a time. */
  #masterFreeMs = 0;
  /** By generation and index: shards as encoded, loaded where they are multiplied. */
  readonly #shards = new Map<string, HeldShard>();
  /** What the master would store as blobs. */
  readonly #encoded = new Map<
    string,
    EncodedShard & { readonly shapes: { readonly forward: BlockShape; readonly backward?: BlockShape } }
  >();
  readonly #busyUntilMs = new Map<string, number>();
  /** By shard, of the current round. */
  readonly #results = new Map<number, SentResult>();
  readonly #honest = new Map<number, Uint32Array>();
  readonly #previous: Record<RunProduct, Map<number, Uint32Array>> = { forward: new Map(), backward: new Map() };
  #roundId = 0;
  #roundIteration = 0;
  #broadcast: { residues: Uint32Array; width: number } | null = null;
  readonly #best = new Map<number, NamedArrays>();
  #final: NamedArrays | null = null;
  #isOver = false;
  readonly #count = { forged: 0, wrongAccepted: 0, honestRejected: 0, liesBeforeNamed: 0 };
  readonly #masterMs: Record<string, number[]> = {};

  constructor(run: CrowdRun) {
    this.#run = run;
    this.#state = initialRunState(run.plan, run.settings);
    this.#members = new Map(run.members.map((member) => [member.volunteerId, member]));
  }

  async play(): Promise<CrowdOutcome> {
    await this.#carryOut(startRun(this.#state));
    for (const { volunteerId, speed = 1, isInvited = false, presence } of this.#run.members) {
      for (const [fromMs, untilMs] of presence ?? [[0, Number.POSITIVE_INFINITY]]) {
        this.#clock.at(fromMs!, () => this.#happen({ type: "volunteerJoined", volunteerId, speed, isInvited }));
        if (untilMs !== undefined && Number.isFinite(untilMs)) {
          this.#clock.at(untilMs, () => this.#happen({ type: "volunteerLeft", volunteerId }));
        }
      }
    }
    while (!this.#isOver && (await this.#clock.nextDone()));
    for (const { forward, backward } of this.#shards.values()) {
      forward.dispose();
      backward.dispose();
    }
    return {
      state: this.#state,
      weights: this.#final?.weights ?? null,
      endMs: this.#clock.nowMs(),
      ...this.#count,
      masterMs: this.#masterMs,
    };
  }

  async #happen(happening: Happening): Promise<void> {
    if (this.#isOver) return;
    const event = { ...happening, atMs: this.#clock.nowMs() } as RunEvent;
    const effects = stepRun(this.#state, event);
    this.#run.onStep?.(event, effects);
    await this.#carryOut(effects);
  }

  async #carryOut(effects: readonly RunEffect[]): Promise<void> {
    for (const effect of effects) await this.#carryOutOne(effect);
  }

  async #carryOutOne(effect: RunEffect): Promise<void> {
    const { engine } = this.#run;
    switch (effect.type) {
      case "prepare":
        return this.#master(
          effect,
          () => this.#run.prepare(),
          () => ({ type: "prepared", effectId: effect.effectId }),
        );
      case "encodeShards":
        return this.#master(
          effect,
          () => this.#encode(effect),
          () => ({ type: "encoded", effectId: effect.effectId }),
        );
      case "sendShard": {
        const { generation, shardIndex, volunteerId } = effect;
        const bytes = this.#loadShard(generation, shardIndex);
        const ms = this.#run.transferMs?.(bytes) ?? 0;
        this.#clock.at(Math.max(this.#clock.nowMs(), this.#masterFreeMs) + ms, () =>
          this.#happen({ type: "shardHeld", generation, shardIndex, volunteerId }),
        );
        return;
      }
      case "releaseCode":
        return this.#release(effect.generation);
      case "broadcast":
        this.#roundId = effect.roundId;
        this.#roundIteration = effect.iteration;
        return this.#master(
          effect,
          () => {
            this.#broadcast = engine.vectorOf(effect.product);
          },
          () => ({ type: "broadcastReady", effectId: effect.effectId }),
        );
      case "sendProduct":
        return this.#ask(effect);
      case "endRound":
        return this.#endRound(effect.roundId);
      case "verify": {
        const { generation, product, shardIndex } = effect;
        const sent = this.#results.get(shardIndex)!;
        return this.#master(
          effect,
          () => engine.verify(generation, product, { shardIndex, residues: sent.residues }),
          (isRight) => {
            if (isRight && sent.isForged) this.#count.wrongAccepted++;
            if (!isRight && !sent.isForged) this.#count.honestRejected++;
            if (!isRight) this.#noteNamed(effect.volunteerId);
            return { type: "verified", effectId: effect.effectId, isRight };
          },
        );
      }
      case "decode": {
        const { generation, product, shardIndices, believes } = effect;
        const used = shardIndices.map((shardIndex) => ({
          shardIndex,
          residues: this.#results.get(shardIndex)!.residues,
        }));
        return this.#master(
          effect,
          () => engine.decode(generation, product, used, believes),
          (verdict) => {
            const { plan } = this.#run;
            if (verdict.kind === "decoded" && !plan.isVerified) {
              const needed = believes
                ? shardIndices.slice(0, thresholdOf(plan.blockCount, plan.maskCount))
                : shardIndices;
              for (const shardIndex of needed) {
                const isWrong = this.#results.get(shardIndex)!.isForged && !verdict.wrongShards.includes(shardIndex);
                if (isWrong) this.#count.wrongAccepted++;
              }
            }
            return { type: "decoded", effectId: effect.effectId, verdict };
          },
        );
      }
      case "link":
        return this.#master(
          effect,
          () => engine.link(),
          ({ loss }) => ({ type: "linked", effectId: effect.effectId, loss }),
        );
      case "update":
        return this.#master(
          effect,
          () => engine.update(),
          (validation) => {
            this.#run.onUpdate?.(effect.iteration + 1, this.#clock.nowMs(), engine.checkpoint().weights!, validation);
            return { type: "updated", effectId: effect.effectId, validationLoss: validation?.loss ?? null };
          },
        );
      case "checkpoint":
        if (effect.reason === "best") this.#best.set(effect.iteration, engine.checkpoint());
        if (effect.reason === "final") this.#final = engine.checkpoint();
        return;
      case "restoreWeights":
        engine.restore({ iteration: effect.iteration, arrays: this.#best.get(effect.iteration)! });
        return this.#master(
          effect,
          () => {},
          () => ({ type: "restored", effectId: effect.effectId }),
        );
      case "wakeAt":
        this.#clock.at(effect.wakeMs, () => this.#happen({ type: "woken" }));
        return;
      case "nameLiar":
        return;
      case "finish":
        this.#isOver = true;
    }
  }

  /** The master's own work: done now, ready when it is free and has taken its time. A failure comes back as an event. */
  async #master<T>(effect: RunEffect, work: () => T | Promise<T>, outcome: (value: T) => Happening): Promise<void> {
    const begunMs = performance.now();
    let happening: () => Happening;
    try {
      const value = await work();
      happening = () => outcome(value);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      happening = () => ({ type: "effectFailed", effectId: effect.effectId, message });
    }
    const tookMs = performance.now() - begunMs;
    this.#masterMs[effect.type] ??= [];
    this.#masterMs[effect.type]!.push(tookMs);
    const cost = this.#run.masterCost?.(effect.type, tookMs) ?? 0;
    this.#masterFreeMs = Math.max(this.#masterFreeMs, this.#clock.nowMs()) + cost;
    this.#clock.at(this.#masterFreeMs, () => this.#happen(happening()));
  }

  async #encode({ code, shardIndices }: Extract<RunEffect, { type: "encodeShards" }>): Promise<void> {
    const { engine } = this.#run;
    const encoded = await engine.shardsOf(code, shardIndices);
    const { forward, backward } = engine.shapesOf(code.generation);
    for (const shard of encoded) {
      this.#encoded.set(`${code.generation}/${shard.shardIndex}`, {
        ...shard,
        shapes: { forward, backward: backward! },
      });
    }
  }

  /** As a tab does when it has fetched its shards. @returns their bytes */
  #loadShard(generation: number, shardIndex: number): number {
    const key = `${generation}/${shardIndex}`;
    const { forward, backward, shapes } = this.#encoded.get(key)!;
    if (!this.#shards.has(key)) {
      const { kernels } = this.#run;
      this.#shards.set(key, {
        forward: kernels.loadMatrix(forward, shapes.forward.height, shapes.forward.columns),
        backward: kernels.loadMatrix(backward!, shapes.backward!.height, shapes.backward!.columns),
      });
    }
    return forward.byteLength + backward!.byteLength;
  }

  #release(generation: number): void {
    this.#run.engine.releaseCode(generation);
    for (const key of this.#encoded.keys()) if (key.startsWith(`${generation}/`)) this.#encoded.delete(key);
    for (const [key, shard] of this.#shards) {
      if (!key.startsWith(`${generation}/`)) continue;
      shard.forward.dispose();
      shard.backward.dispose();
      this.#shards.delete(key);
    }
  }

  #ask({ roundId, product, generation, shardIndex, volunteerId }: Extract<RunEffect, { type: "sendProduct" }>): void {
    const member = this.#members.get(volunteerId)!;
    const iteration = this.#roundIteration;
    const sentMs = Math.max(this.#clock.nowMs(), this.#masterFreeMs);
    // An older round's work is dropped where a new one is asked for; shards of one round wait for each other.
    const key = `${volunteerId}/${roundId}`;
    const atMs = Math.max(sentMs, this.#busyUntilMs.get(key) ?? 0) + member.responseMs({ roundId, iteration, product });
    this.#busyUntilMs.set(key, atMs);
    this.#clock.at(atMs, async () => {
      const asked = this.#state.round?.asked.get(shardIndex);
      const isWanted = this.#state.round?.roundId === roundId && asked?.volunteerId === volunteerId;
      // A late answer is only ever counted: its numbers are not computed here.
      if (isWanted && asked.state === "asked") {
        const residues = await this.#resultOf(member, generation, shardIndex, product, iteration);
        if (!this.#run.engine.isWellFormed(generation, product, residues)) {
          return this.#happen({ type: "resultFailed", roundId, shardIndex, volunteerId });
        }
      }
      return this.#happen({ type: "resultArrived", roundId, shardIndex, volunteerId });
    });
  }

  async #resultOf(
    member: CrowdMember,
    generation: number,
    shardIndex: number,
    product: RunProduct,
    iteration: number,
  ): Promise<Uint32Array> {
    const honest = await this.#product(generation, shardIndex, product);
    let residues = honest;
    if (member.attack !== undefined) {
      const previous = this.#previous[product].get(shardIndex) ?? null;
      const colluder = await this.#colluderResult(member, generation, product);
      residues = member.attack({ honest, iteration, shardIndex, product, previous, colluder });
    }
    const isForged = residues.length !== honest.length || residues.some((value, i) => value !== honest[i]);
    if (isForged) this.#count.forged++;
    this.#results.set(shardIndex, { residues, isForged });
    if (isForged) this.#lies.set(member.volunteerId, (this.#lies.get(member.volunteerId) ?? 0) + 1);
    return residues;
  }

  readonly #lies = new Map<string, number>();

  #noteNamed(volunteerId: string): void {
    this.#count.liesBeforeNamed += Math.max(0, (this.#lies.get(volunteerId) ?? 0) - 1);
  }

  async #colluderResult(member: CrowdMember, generation: number, product: RunProduct): Promise<Uint32Array | null> {
    const shard = this.#state.active?.shards.find(({ volunteerId }) => volunteerId === member.colluder);
    if (member.colluder === undefined || shard === undefined) return null;
    return this.#product(generation, shard.shardIndex, product);
  }

  /** Shard times the current broadcast, computed once a round. */
  async #product(generation: number, shardIndex: number, product: RunProduct): Promise<Uint32Array> {
    const known = this.#honest.get(shardIndex);
    if (known !== undefined) return known;
    const { residues, width } = this.#broadcast!;
    const computed = await this.#shards.get(`${generation}/${shardIndex}`)![product].matThin(residues, width);
    this.#honest.set(shardIndex, computed);
    return computed;
  }

  #endRound(roundId: number): void {
    if (roundId !== this.#roundId) return;
    const product = this.#state.stage === "linking" || this.#state.stage === "forward" ? "forward" : "backward";
    for (const [shardIndex, residues] of this.#honest) this.#previous[product].set(shardIndex, residues);
    this.#honest.clear();
    this.#results.clear();
  }
}
