/**
 * What the shell holds of one gradient job at work: its master, the shards and broadcasts that tabs fetch, the results that
 * are waited on, and weights until they are durable. One method carries out each effect of the training.
 */
import { unreachable } from "../../shared/control/unreachable.ts";
import type { RegressionSubmission } from "../../shared/kinds/regression/submission.ts";
import type { TrainingEffect } from "../coordinator/effects.ts";
import type { TrainingOutcome } from "../coordinator/events.ts";
import type { OptimizerSettings, Weights } from "../kinds/regression/engine/optimizer.ts";
import type { PreparedFacts } from "../kinds/regression/engine/regression-engine.ts";
import { planOf } from "./core/run-lifecycle.ts";
import type { FramedBroadcast, FramedShard, GradientMaster } from "./engine/coded-engine.ts";
import type { StoredGradientCheckpoint, StoredGradientJob, StoredWeights } from "./records.ts";

export interface GradientBlobs {
  /** @throws where it is not there */
  read(sha256: string): Promise<Uint8Array>;
  checkpoint(jobId: string): Promise<StoredGradientCheckpoint | null>;
}

export interface ShareReference {
  readonly generation: number;
  readonly shardIndex: number;
  readonly roundId: number;
  readonly volunteerId: string;
}

/** Columns that are named in a note; more are counted. */
const COLUMNS_NAMED_MAX = 5;

export class GradientWorkspace {
  readonly #job: StoredGradientJob;
  readonly #master: GradientMaster;
  readonly #blobs: GradientBlobs;
  readonly #shards = new Map<string, FramedShard>();
  readonly #broadcasts = new Map<number, FramedBroadcast>();
  readonly #results = new Map<number, Map<string, Uint32Array>>();
  /** By iteration; those that are durable and not the best any more are let go. */
  readonly #weights = new Map<number, Promise<Weights>>();
  #durableWeightsOf: number | null;

  constructor(job: StoredGradientJob, master: GradientMaster, blobs: GradientBlobs) {
    this.#job = job;
    this.#master = master;
    this.#blobs = blobs;
    this.#durableWeightsOf = job.weightsOf;
  }

  /** Updates that the weights have had which the store holds; null: it holds none. */
  get durableWeightsOf(): number | null {
    return this.#durableWeightsOf;
  }

  /** @returns the outcome to tell the core; null: it waits for none */
  async carryOut(effect: TrainingEffect): Promise<{ outcome: TrainingOutcome; notes?: string[] } | null> {
    const { effectId } = effect;
    switch (effect.type) {
      case "prepare": {
        const facts = await this.#prepare(effect.weightsOf);
        return { outcome: { type: "prepared", effectId }, notes: notesOf(facts) };
      }
      case "encodeShards": {
        const { generation } = effect.code;
        for (const shard of await this.#master.encodeShards(effect.code, effect.shardIndices)) {
          this.#shards.set(shardKey(generation, shard.shardIndex), shard);
        }
        return { outcome: { type: "encoded", effectId } };
      }
      case "releaseCode":
        for (const key of this.#shards.keys()) {
          if (key.startsWith(`${effect.generation}:`)) this.#shards.delete(key);
        }
        await this.#master.releaseCode(effect.generation);
        return null;
      case "broadcast":
        this.#broadcasts.set(effect.roundId, await this.#master.broadcast(effect.product));
        return { outcome: { type: "broadcastReady", effectId } };
      case "endRound":
        this.#broadcasts.delete(effect.roundId);
        this.#results.delete(effect.roundId);
        return null;
      case "verify": {
        const { generation, product, roundId, shardIndex, volunteerId } = effect;
        const residues = this.#result(roundId, shardIndex, volunteerId);
        const isRight = await this.#master.verify(generation, product, { shardIndex, residues });
        return { outcome: { type: "verified", effectId, isRight } };
      }
      case "decode": {
        const { generation, product, roundId, shardIndices, volunteerIds, believes } = effect;
        const results = shardIndices.map((shardIndex, i) => ({
          shardIndex,
          residues: this.#result(roundId, shardIndex, volunteerIds[i]!),
        }));
        const verdict = await this.#master.decode(generation, product, results, believes);
        return { outcome: { type: "decoded", effectId, verdict } };
      }
      case "link": {
        const { loss, accuracy } = await this.#master.link();
        return { outcome: { type: "linked", effectId, loss, accuracy } };
      }
      case "update": {
        const held = await this.#master.update();
        const validation = { validationLoss: held?.loss ?? null, validationAccuracy: held?.accuracy ?? null };
        return { outcome: { type: "updated", effectId, ...validation } };
      }
      case "checkpoint": {
        const weights = this.#master.checkpoint();
        weights.catch(() => undefined);
        this.#weights.set(effect.iteration, weights);
        await weights;
        return null;
      }
      case "restoreWeights":
        await this.#master.restore(await this.#weightsAt(effect.iteration));
        return { outcome: { type: "restored", effectId } };
      default:
        return unreachable("GradientWorkspace: no such effect", effect);
    }
  }

  async #prepare(weightsOf: number | null): Promise<PreparedFacts> {
    const { jobId, submission, featuresSha256, labelsSha256, inputScale, splitSeed } = this.#job;
    const plan = planOf(this.#job);
    const [featuresNpy, labelsNpy, checkpoint] = await Promise.all([
      this.#blobs.read(featuresSha256),
      this.#blobs.read(labelsSha256),
      weightsOf === null ? null : this.#blobs.checkpoint(jobId),
    ]);
    if (checkpoint !== null) this.#hold(checkpoint);
    const weights = weightsOf === null ? null : await this.#weightsAt(weightsOf);
    if (submission.kind === "matmul") {
      const { leftFractionBits, rightFractionBits, sliceColumns } = submission;
      const files = { leftNpy: featuresNpy, rightNpy: labelsNpy, leftFractionBits, rightFractionBits, sliceColumns };
      return this.#master.prepare({ task: "matmul", ...files, plan, weights });
    }
    const { model: kind, validationShare } = submission;
    const files = { kind, featuresNpy, labelsNpy, inputScale, splitSeed, validationShare };
    return this.#master.prepare({ task: "training", ...files, plan, optimizer: optimizerOf(submission), weights });
  }

  #hold({ current, best }: StoredGradientCheckpoint): void {
    for (const held of [current, best]) if (held !== null) this.#weights.set(held.iteration, Promise.resolve(held));
  }

  async #weightsAt(iteration: number): Promise<Weights> {
    const weights = this.#weights.get(iteration);
    if (weights === undefined)
      throw new Error(`gradient job: expected the weights of iteration ${iteration}, got none`);
    return weights;
  }

  /** What a record that is being written holds. @throws where these weights are not at hand */
  async checkpoint(weightsOf: number, bestOf: number | null): Promise<StoredGradientCheckpoint> {
    const stored = async (iteration: number): Promise<StoredWeights> => {
      const { weights, lookahead } = await this.#weightsAt(iteration);
      return { iteration, weights, lookahead };
    };
    const hasOtherBest = bestOf !== null && bestOf !== weightsOf;
    return {
      jobId: this.#job.jobId,
      current: await stored(weightsOf),
      best: hasOtherBest ? await stored(bestOf) : null,
    };
  }

  /** These are durable: older ones are of no use but the best. */
  checkpointIsDurable(weightsOf: number, bestOf: number | null): void {
    this.#durableWeightsOf = weightsOf;
    for (const iteration of this.#weights.keys()) {
      if (iteration < weightsOf && iteration !== bestOf) this.#weights.delete(iteration);
    }
  }

  shard(generation: number, shardIndex: number): FramedShard | null {
    return this.#shards.get(shardKey(generation, shardIndex)) ?? null;
  }

  broadcastOf(roundId: number): FramedBroadcast | null {
    return this.#broadcasts.get(roundId) ?? null;
  }

  /** Of the right length and all residues; kept until its round ends. */
  holdResult({ roundId, shardIndex, volunteerId }: ShareReference, residues: Uint32Array): void {
    // A round that has ended holds nothing any more.
    if (!this.#broadcasts.has(roundId)) return;
    const results = this.#results.get(roundId) ?? new Map<string, Uint32Array>();
    this.#results.set(roundId, results.set(resultKey(shardIndex, volunteerId), residues));
  }

  #result(roundId: number, shardIndex: number, volunteerId: string): Uint32Array {
    const residues = this.#results.get(roundId)?.get(resultKey(shardIndex, volunteerId));
    if (residues === undefined) throw new Error(`gradient job: expected a result of shard ${shardIndex}, got none`);
    return residues;
  }

  close(): Promise<void> {
    return this.#master.close();
  }
}

function optimizerOf({ learningRate: rate, momentum, l2 }: RegressionSubmission): OptimizerSettings {
  return { rate, momentum, l2 };
}

function notesOf({ constantColumns, forwardChunks, backwardChunks }: PreparedFacts): string[] {
  const notes: string[] = [];
  if (constantColumns.length > 0) {
    const named = constantColumns.slice(0, COLUMNS_NAMED_MAX).join(", ");
    const rest = constantColumns.length - COLUMNS_NAMED_MAX;
    const columns = rest > 0 ? `${named} and ${rest} more` : named;
    notes.push(`The same number stands in every row of column ${columns}: an intercept, or of no use.`);
  }
  const chunks = Math.max(forwardChunks, backwardChunks);
  if (chunks > 1) notes.push(`Sums are cut in ${chunks} parts to stay exact, so messages are ${chunks} times as long.`);
  return notes;
}

const shardKey = (generation: number, shardIndex: number): string => `${generation}:${shardIndex}`;
const resultKey = (shardIndex: number, volunteerId: string): string => `${shardIndex}:${volunteerId}`;
