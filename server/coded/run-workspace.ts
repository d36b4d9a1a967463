/**
 * What the shell holds of one coded run at work: its engine, the shards and vectors that tabs fetch, the results that are
 * waited on, and arrays until they are durable. One method carries out each effect of the run.
 */

import { unreachable } from "../../shared/control/unreachable.ts";
import { utf8 } from "../../shared/receipts/bytes.ts";
import { base64Of } from "../../shared/receipts/ed25519.ts";
import { sha256Hex } from "../sha256-hex.ts";
import type { ResultSignature } from "../shell/kind-desk.ts";
import type { AskedOfShell, RunOutcome } from "./core/run-work.ts";
import type { CodedEngine } from "./engine/coded-engine.ts";
import type { EngineJob, HeldArrays } from "./engine/kind-numerics.ts";
import type { FramedShard, FramedVector } from "./engine/rounds-engine.ts";
import type { RunCheckpoint, RunRecord } from "./records.ts";
import { RunTrace, type TakenProduct } from "./run-trace.ts";

/** Where a run's data is. */
export interface RunData {
  /** What the engine is made for. @throws where a blob is not there */
  engineJob(): Promise<EngineJob>;
  /** What is durable; null: nothing. */
  checkpoint(): Promise<RunCheckpoint | null>;
}

export interface ShareReference {
  readonly shardIndex: number;
  readonly roundId: number;
  readonly volunteerId: string;
}

interface HeldProduct {
  /** height x width */
  readonly residues: Uint32Array;
  /** null: it came from a tab without a key. */
  readonly signed: ResultSignature | null;
}

export class RunWorkspace {
  readonly #engine: CodedEngine;
  readonly #data: RunData;
  readonly #shards = new Map<string, FramedShard>();
  readonly #broadcasts = new Map<number, FramedVector>();
  readonly #results = new Map<number, Map<string, HeldProduct>>();
  /** [RC10] */
  readonly trace: RunTrace;
  /** By iteration; those that are durable and not the best any more are let go. */
  readonly #weights = new Map<number, Promise<HeldArrays>>();
  #durableWeightsOf: number | null;

  constructor(engine: CodedEngine, data: RunData, { weightsOf, trace = [] }: Pick<RunRecord, "weightsOf" | "trace">) {
    this.#engine = engine;
    this.#data = data;
    this.#durableWeightsOf = weightsOf;
    this.trace = new RunTrace(trace);
  }

  /** Updates that the weights have had which the store holds; null: it holds none. */
  get durableWeightsOf(): number | null {
    return this.#durableWeightsOf;
  }

  /** @returns the outcome to tell the core; null: it waits for none */
  async carryOut(effect: AskedOfShell): Promise<RunOutcome | null> {
    const { effectId } = effect;
    switch (effect.type) {
      case "prepare": {
        const notes = await this.#prepare(effect.weightsOf);
        return { type: "run", run: { type: "prepared", effectId }, notes };
      }
      case "encodeShards": {
        const { generation } = effect.code;
        this.trace.code(effect.code);
        for (const shard of await this.#engine.encodeShards(effect.code, effect.shardIndices)) {
          this.#shards.set(shardKey(generation, shard.shardIndex), shard);
        }
        return { type: "run", run: { type: "encoded", effectId } };
      }
      case "releaseCode":
        for (const key of this.#shards.keys()) {
          if (key.startsWith(`${effect.generation}:`)) this.#shards.delete(key);
        }
        await this.#engine.releaseCode(effect.generation);
        return null;
      case "broadcast":
        this.#broadcasts.set(effect.roundId, await this.#engine.broadcast(effect.product));
        return { type: "run", run: { type: "broadcastReady", effectId } };
      case "endRound":
        this.#broadcasts.delete(effect.roundId);
        this.#results.delete(effect.roundId);
        return null;
      case "verify": {
        const { generation, product, roundId, shardIndex, volunteerId } = effect;
        const { residues } = this.#result(roundId, shardIndex, volunteerId);
        const isRight = await this.#engine.verify(generation, product, { shardIndex, residues });
        return { type: "run", run: { type: "verified", effectId, isRight } };
      }
      case "decode": {
        const { generation, product, roundId, shardIndices, volunteerIds, believes } = effect;
        const results = shardIndices.map((shardIndex, i) => {
          const volunteerId = volunteerIds[i]!;
          return { shardIndex, volunteerId, ...this.#result(roundId, shardIndex, volunteerId) };
        });
        const shards = results.map(({ shardIndex, residues }) => ({ shardIndex, residues }));
        const verdict = await this.#engine.decode(generation, product, shards, believes);
        if (verdict.kind === "decoded") {
          const { wrongShards } = verdict;
          this.trace.decoded(
            product,
            generation,
            takenFrom(results.filter((one) => !wrongShards.includes(one.shardIndex))),
          );
        }
        return { type: "run", run: { type: "decoded", effectId, verdict } };
      }
      case "link": {
        const { loss, accuracy } = await this.#engine.link();
        return { type: "run", run: { type: "linked", effectId, loss, accuracy } };
      }
      case "update": {
        const held = await this.#engine.update();
        const standing = await this.#engine.standing();
        this.trace.updated(effect.iteration + 1, await this.#engine.digests());
        const validation = { validationLoss: held?.loss ?? null, validationAccuracy: held?.accuracy ?? null };
        return { type: "run", run: { type: "updated", effectId, ...validation, ...standing } };
      }
      case "checkpoint": {
        const { iteration } = effect;
        const held = this.#engine.checkpoint().then((arrays) => ({ iteration, arrays }));
        held.catch(() => undefined);
        this.#weights.set(iteration, held);
        await held;
        return null;
      }
      case "restoreWeights":
        await this.#engine.restore(await this.#weightsAt(effect.iteration));
        return { type: "run", run: { type: "restored", effectId } };
      default:
        return unreachable("RunWorkspace: no such effect", effect);
    }
  }

  async #prepare(weightsOf: number | null): Promise<string[]> {
    const [job, checkpoint] = await Promise.all([
      this.#data.engineJob(),
      weightsOf === null ? null : this.#data.checkpoint(),
    ]);
    for (const held of [checkpoint?.current, checkpoint?.best]) {
      if (held != null) this.#weights.set(held.iteration, Promise.resolve(held));
    }
    return this.#engine.prepare(job, weightsOf === null ? null : await this.#weightsAt(weightsOf));
  }

  async #weightsAt(iteration: number): Promise<HeldArrays> {
    const weights = this.#weights.get(iteration);
    if (weights === undefined) throw new Error(`coded run: expected the weights of iteration ${iteration}, got none`);
    return weights;
  }

  /** What a record that is being written holds. @throws where these arrays are not at hand */
  async checkpoint(weightsOf: number, bestOf: number | null): Promise<RunCheckpoint> {
    const hasOtherBest = bestOf !== null && bestOf !== weightsOf;
    return {
      current: await this.#weightsAt(weightsOf),
      best: hasOtherBest ? await this.#weightsAt(bestOf) : null,
    };
  }

  /** What people are shown of how good the arrays are with which the run ends, as the bytes of JSON; null: nothing. */
  async evaluation(held: HeldArrays): Promise<Uint8Array | null> {
    const found = await this.#engine.evaluation(held);
    return found === null ? null : utf8(JSON.stringify(found));
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

  vectorOf(roundId: number): FramedVector | null {
    return this.#broadcasts.get(roundId) ?? null;
  }

  /** Of the right length and all residues; kept until its round ends. */
  holdResult(
    { roundId, shardIndex, volunteerId }: ShareReference,
    residues: Uint32Array,
    signed: ResultSignature | null,
  ): void {
    // A round that has ended holds nothing any more.
    if (!this.#broadcasts.has(roundId)) return;
    const results = this.#results.get(roundId) ?? new Map<string, HeldProduct>();
    this.#results.set(roundId, results.set(resultKey(shardIndex, volunteerId), { residues, signed }));
  }

  #result(roundId: number, shardIndex: number, volunteerId: string): HeldProduct {
    const held = this.#results.get(roundId)?.get(resultKey(shardIndex, volunteerId));
    if (held === undefined) throw new Error(`coded run: expected a result of shard ${shardIndex}, got none`);
    return held;
  }

  close(): Promise<void> {
    return this.#engine.close();
  }
}

function takenFrom(results: readonly (HeldProduct & Omit<TakenProduct, "sha256" | "signed">)[]): TakenProduct[] {
  return results.map(({ shardIndex, volunteerId, residues: { buffer, byteOffset, byteLength }, signed }) => ({
    shardIndex,
    volunteerId,
    sha256: sha256Hex(new Uint8Array(buffer, byteOffset, byteLength)),
    signed: signed && {
      assignmentId: signed.assignmentId,
      publicKey: base64Of(signed.publicKey),
      signature: base64Of(signed.signature),
    },
  }));
}

const shardKey = (generation: number, shardIndex: number): string => `${generation}:${shardIndex}`;
const resultKey = (shardIndex: number, volunteerId: string): string => `${shardIndex}:${volunteerId}`;
