/** The arrays of rounds that are open, by reference ids: batches on their way out, results that came, what they decode to. */

import { setImmediate as nextTurn } from "node:timers/promises";
import type { CodingScheme } from "../../../../shared/coding/scheme.ts";
import type { SchemeName } from "../../../../shared/coding/schemes/schemes.ts";
import type { BatchRows } from "../../../../shared/kinds/inference/batch-rows.ts";
import { encodeFrame } from "../../../../shared/protocol/frame.ts";
import type { SignedResult } from "../../../../shared/receipts/signature-lines.ts";
import { type EstimateTally, emptyTally } from "../../../../shared/verify/estimate-confidence.ts";
import type { ResultSignature } from "../../../shell/kind-desk.ts";
import type { ResultReference, RoundPlace, RoundReference } from "../core/work.ts";
import type { CheckedRows } from "./checked-rows.ts";
import { type BatchLayout, putBack } from "./golden-rows.ts";
import type { RowsSoFar } from "./held-slices.ts";
import type { Computing } from "./job-data.ts";
import { isQueryFile } from "./query-file.ts";
import { halvesOf, isOfBytes } from "./query-rows.ts";
import type { SchemeReference } from "./query-source.ts";
import { batchRowsIn, queriesHeldBy, type RoundPlan } from "./round-plan.ts";
import { originOf, signedResult } from "./signed-results.ts";
import type { InferenceOutputs } from "./task-types.ts";
import { type WireRows, wireQueries } from "./wire-queries.ts";

export interface HeldResult {
  /** G x C */
  readonly outputs: Float32Array;
  /** What it says of the golden rows that went with it: queries, and one row of outputs each. */
  readonly golden: { readonly queries: Uint32Array; readonly outputs: Float32Array };
  /** [CC4] What it says of rows that others answered: queries, and one row of outputs each. */
  readonly duplicates: { readonly queries: Uint32Array; readonly outputs: Float32Array };
  checked: CheckedRows | null;
}

export interface DecodeCandidate {
  readonly decoded: InferenceOutputs["decode"];
  /** G x K flags: estimates that are told to nobody, because they are not sure enough, or [SL6] the row's own answer is there. */
  readonly isWithheld: Uint8Array;
  readonly results: readonly ResultReference[];
}

export interface OpenRound {
  readonly reference: RoundReference;
  /** [SL3] Of fewer rows once it was cut. [SL6] With its splits. */
  plan: RoundPlan;
  /** N batches of G x D, made when first needed; those of workers that hold queries as they are, are empty. */
  batches: Promise<Float32Array[]> | null;
  readonly results: Map<number, HeldResult>;
  /** By assignment: of queries as they are, in which order they were sent. */
  readonly layouts: Map<number, BatchLayout>;
  /** [SL1] By assignment: what came before its answer. */
  readonly slices: Map<number, RowsSoFar>;
  readonly candidates: Map<number, DecodeCandidate>;
  /** What its lost rows were estimated as, told or not: G x K x C, and where they belong. null: nothing is published. */
  estimates: { readonly outputs: Float32Array; readonly codes: Uint8Array } | null;
  /** What was compared in it, to know what estimates are worth. */
  heldOut: EstimateTally;
  /** [RC9] By worker index and volunteer. */
  readonly signed: Map<string, SignedResult>;
}

/** Of a round that was stored: where its rows are, what was compared in it, and what its volunteers signed. */
export type KeptRound = Readonly<Pick<OpenRound, "plan" | "heldOut" | "signed">>;

export class OpenRounds {
  readonly #with: Computing;
  readonly #rounds = new Map<number, OpenRound>();
  readonly #keptOf: (roundIndex: number) => KeptRound | null;
  readonly #newPlan: (roundIndex: number) => RoundPlan;
  #lastTurn = Promise.resolve();

  /** @param keptOf a round that is opened again has the rows that it had. @param newPlan of one that is opened for the first time */
  constructor(
    computing: Computing,
    keptOf: (roundIndex: number) => KeptRound | null,
    newPlan: (roundIndex: number) => RoundPlan,
  ) {
    this.#with = computing;
    this.#keptOf = keptOf;
    this.#newPlan = newPlan;
  }

  /** Opened where it is asked for first; a round of a later generation has none of the earlier one's results. */
  of({ jobId, roundIndex, generation }: RoundReference): OpenRound {
    const existing = this.#rounds.get(roundIndex);
    if (existing !== undefined && existing.reference.generation === generation) return existing;
    const kept = this.#keptOf(roundIndex);
    const round: OpenRound = {
      reference: { jobId, roundIndex, generation },
      plan: existing?.plan ?? kept?.plan ?? this.#newPlan(roundIndex),
      batches: null,
      results: new Map(),
      layouts: new Map(),
      slices: new Map(),
      candidates: new Map(),
      estimates: null,
      heldOut: kept?.heldOut ?? emptyTally(),
      signed: new Map(kept?.signed),
    };
    this.#rounds.set(roundIndex, round);
    return round;
  }

  /** null: it is not open, or of another generation. */
  at({ roundIndex, generation }: RoundPlace): OpenRound | null {
    const round = this.#rounds.get(roundIndex);
    return round?.reference.generation === generation ? round : null;
  }

  /** What came with that assignment, while its round is open; null: it is not held. */
  resultOf(roundIndex: number, assignmentId: number): HeldResult | null {
    return this.#rounds.get(roundIndex)?.results.get(assignmentId) ?? null;
  }

  planOf(roundIndex: number): RoundPlan | null {
    return this.#rounds.get(roundIndex)?.plan ?? null;
  }

  drop(roundIndex: number, assignmentId: number): void {
    const round = this.#rounds.get(roundIndex);
    round?.results.delete(assignmentId);
    round?.layouts.delete(assignmentId);
    round?.slices.delete(assignmentId);
  }

  release(roundIndex: number): void {
    this.#rounds.delete(roundIndex);
  }

  /**
   * The batch of one worker index as it travels; the tab makes of it what its model takes (batch-rows.ts).
   * @param layoutOf for queries as they are: in which order they travel, and what goes with them; null: as they stand
   */
  async wireRows(
    round: OpenRound,
    workerIndex: number,
    assignmentId: number,
    layoutOf: ((own: Uint32Array) => BatchLayout) | null,
  ): Promise<WireRows> {
    const { source } = this.#with.data;
    const { inputSize, scale } = source;
    const own = queriesHeldBy(round.plan, workerIndex);
    const layout = own && layoutOf?.(own);
    if (layout) round.layouts.set(assignmentId, layout);
    const added = layout ? [...layout.duplicates, ...layout.golden] : [];
    const queries = own && layout ? layout.order.map((row) => own[row] ?? added[row - own.length]!) : own;
    const rowCount = queries?.length ?? batchRowsIn(round.plan, workerIndex);
    if (queries !== null && isQueryFile(source.values)) await this.#turn();
    if (queries !== null) return wireQueries(source, queries);
    if (source.inputs !== undefined) throw new Error("SC8: a round of whole numbers has no mixtures");
    const shape = [rowCount, inputSize];
    const wire = (rows: BatchRows): WireRows => ({
      rowCount,
      frame: encodeFrame({ rows }),
      ...(rows.dtype === "F32" ? {} : { inputScale: scale }),
    });
    const mixtures = (await this.batches(round))[workerIndex]!;
    return this.#sendsHalves
      ? wire({ dtype: "F16", shape, data: halvesOf(mixtures, scale) })
      : wire({ dtype: "F32", shape, data: mixtures });
  }

  /** [LJ4] Where a whole crowd is sent to at once, the rows of each are read from the file in a turn of their own. */
  #turn(): Promise<void> {
    this.#lastTurn = this.#lastTurn.then(() => nextTurn());
    return this.#lastTurn;
  }

  /** 8-bit queries lose less to half precision in their mixtures than they lost when they became 8 bits. */
  get #sendsHalves(): boolean {
    return isOfBytes(this.#with.data.source);
  }

  /** The batches of workers that hold mixtures; those of the others are empty. */
  batches(round: OpenRound): Promise<Float32Array[]> {
    const { data, executor } = this.#with;
    const batches =
      round.batches ??
      executor.run("encode", {
        scheme: referenceTo(round.plan.scheme),
        source: data.source,
        rows: round.plan.rows,
        placements: round.plan.placements,
        groupCount: round.plan.groupCount,
        toHalf: this.#sendsHalves,
      });
    round.batches = batches;
    // What failed is tried again when it is asked for again.
    batches.catch(() => {
      if (round.batches === batches) round.batches = null;
    });
    return batches;
  }
}

/** Which assignment a result answers, and who sent it. */
export interface ResultOrigin {
  readonly assignmentId: number;
  readonly workerIndex: number;
  readonly volunteerId: string;
  /** null: it came from a tab without a key. */
  readonly signed: ResultSignature | null;
}

/** @param sent outputs in the order in which its rows were sent */
export function holdResult(round: OpenRound, from: ResultOrigin, sent: Float32Array, width: number): void {
  const { assignmentId } = from;
  if (from.signed !== null) round.signed.set(originOf(from), signedResult(from.signed, sent, width));
  round.slices.delete(assignmentId);
  const layout = round.layouts.get(assignmentId);
  const none = { outputs: sent, duplicates: new Float32Array(), golden: new Float32Array() };
  const { outputs, duplicates, golden } = layout ? putBack(layout, sent, width) : none;
  round.results.set(assignmentId, {
    outputs,
    golden: { queries: layout?.golden ?? new Uint32Array(), outputs: golden },
    duplicates: { queries: layout?.duplicates ?? new Uint32Array(), outputs: duplicates },
    checked: null,
  });
}

/** [AS11] What the coordinator computed in place of volunteers: checked, all of it. @param outputs n x C */
export function holdOwnResult(round: OpenRound, assignmentId: number, outputs: Float32Array, rows: number): void {
  const none = { queries: new Uint32Array(), outputs: new Float32Array() };
  const checked = { flags: new Uint8Array(rows).fill(1), ownOutputs: outputs };
  round.results.set(assignmentId, { outputs, golden: none, duplicates: none, checked });
}

export function heldResult(round: OpenRound, assignmentId: number): HeldResult {
  const held = round.results.get(assignmentId);
  if (held === undefined) throw new Error(`OpenRounds: the result of assignment ${assignmentId} is not held`);
  return held;
}

export function referenceTo({ name, parameters }: CodingScheme): SchemeReference {
  // Every scheme has the name of its line (scheme.contract.ts).
  return { name: name as SchemeName, parameters };
}
