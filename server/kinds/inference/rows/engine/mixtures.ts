/** Mixtures of a job on the ledger: made for the claims that take them, kept as they come, computed again, and decoded once their group has enough. */
import { DECODED_HOW } from "../../../../../shared/coding/scheme.ts";
import type { SchemeName } from "../../../../../shared/coding/schemes/schemes.ts";
import { joinFloats } from "../../../../../shared/numbers/join-floats.ts";
import { encodeFrame } from "../../../../../shared/protocol/frame.ts";
import type { BackendClass } from "../../../../../shared/verify/compare-rows.ts";
import { sumOfTallies } from "../../../../../shared/verify/estimate-confidence.ts";
import { redoesLostRows, withholdsEstimates } from "../../core/estimates.ts";
import type { AnswerRule } from "../../engine/answer-rule.ts";
import { confidenceOfCode, NO_ESTIMATE } from "../../engine/estimate-codes.ts";
import { MARK } from "../../engine/job-answers.ts";
import { type Computing, outputRow } from "../../engine/job-data.ts";
import { gatherRows, halvesOf, isOfBytes } from "../../engine/query-rows.ts";
import type { SchemeReference } from "../../engine/query-source.ts";
import type { InferenceInputs, InferenceOutputs } from "../../engine/task-types.ts";
import { type WireRows, wireQueries } from "../../engine/wire-queries.ts";
import { codeOfGroup, mixtureWorker, type WaysOut, wayOut } from "../core/group-rules.ts";
import type { ClaimRow, DecodedRows, GroupToDecode, MixtureOf, RowMark, RowsWork } from "../work.ts";
import type { HeldClaims } from "./held-claims.ts";
import type { RowLikeness } from "./likeness.ts";
import type { DecodedAnswer, RowAnswers } from "./row-answers.ts";
import { SeenMargins } from "./seen-margins.ts";

/** What somebody answered for a mixture. */
export interface MixtureSaid {
  readonly item: number;
  readonly index: number;
  readonly attempt: number;
  readonly volunteerId: string;
  readonly precision: BackendClass;
  /** C, a copy */
  readonly said: Float32Array;
}

type Decoded = InferenceOutputs["decode"];

export class RowMixtures {
  readonly #with: Computing;
  readonly #rule: AnswerRule;
  readonly #rows: RowAnswers;
  readonly #held: HeldClaims;
  readonly #way: WaysOut;
  readonly #likeness: RowLikeness | null;
  readonly #margins = new SeenMargins();
  /** By group, in the order in which they came. */
  readonly #said = new Map<number, MixtureSaid[]>();
  /** What the latest decode of a row says, until it is taken. */
  readonly #candidates = new Map<number, DecodedAnswer>();

  /** @param likeness null: its code takes queries as they come */
  constructor(
    computing: Computing,
    rule: AnswerRule,
    rows: RowAnswers,
    held: HeldClaims,
    likeness: RowLikeness | null = null,
  ) {
    this.#likeness = likeness;
    this.#with = computing;
    this.#rule = rule;
    this.#rows = rows;
    this.#held = held;
    this.#way = wayOut(computing.data.plan);
  }

  /** The rows of a claim as they travel: as they are stored where none of them is mixed, else as numbers; [PR60] as halves where queries are bytes. */
  async wire(rows: readonly ClaimRow[]): Promise<WireRows> {
    const { source } = this.#with.data;
    if (this.#way === "copies" || rows.every(({ of }) => of === undefined)) {
      const queries = rows.map(({ place, of }) => of?.places[0] ?? place);
      return wireQueries(source, Uint32Array.from(queries));
    }
    const mixed = await this.inputsOf(rows.flatMap(({ of }) => of ?? []));
    let next = 0;
    const data = joinFloats(
      rows.map(({ place, of }) => (of === undefined ? gatherRows(source, Uint32Array.of(place)) : mixed[next++]!)),
    );
    const shape = [rows.length, source.inputSize];
    const rowCount = rows.length;
    if (!isOfBytes(source)) return { rowCount, frame: encodeFrame({ rows: { dtype: "F32", shape, data } }) };
    const halves = halvesOf(data, source.scale);
    return { rowCount, frame: encodeFrame({ rows: { dtype: "F16", shape, data: halves } }), inputScale: source.scale };
  }

  /** What these mixtures are, in their order: D numbers each. Made off the main thread, groups of one size together. */
  async inputsOf(mixtures: readonly MixtureOf[]): Promise<Float32Array[]> {
    const { data, executor } = this.#with;
    const { source } = data;
    const { inputSize } = source;
    if (source.inputs !== undefined) throw new Error("SC8: rows of whole numbers have no mixtures");
    if (this.#way === "copies") return mixtures.map(({ places }) => gatherRows(source, Uint32Array.of(places[0]!)));
    const inputs: Float32Array[] = new Array(mixtures.length);
    for (const size of new Set(mixtures.map(({ places }) => places.length))) {
      const ofSize = mixtures.filter(({ places }) => places.length === size);
      const groups = [...new Map(ofSize.map(({ group, places }) => [group, places] as const))];
      const { scheme, parts } = this.#codeOf(size);
      const filled = groups.flatMap(([, places]) =>
        Array.from({ length: parts }, (_, at) => places[at] ?? places.at(-1)!),
      );
      const input: InferenceInputs["encode"] = {
        ...{ scheme, source, placements: null, groupCount: groups.length, toHalf: isOfBytes(source) },
        rows: Uint32Array.from(filled),
      };
      const batches = await executor.run("encode", input);
      // A worker whose point is one of the data's holds that row as it is: nothing was made for it.
      const { rawQueryOf } = codeOfGroup(data.plan, size);
      const rowOf = new Map(groups.map(([group], row) => [group, row]));
      mixtures.forEach(({ group, index, places }, at) => {
        if (places.length !== size) return;
        const [row, worker] = [rowOf.get(group)!, mixtureWorker(this.#way, parts, index)];
        const raw = rawQueryOf[worker]!;
        inputs[at] =
          raw >= 0
            ? gatherRows(source, Uint32Array.of(filled[row * parts + raw]!))
            : batches[worker]!.slice(row * inputSize, (row + 1) * inputSize);
      });
    }
    return inputs;
  }

  /** @returns parts: the rows of a group of that code */
  #codeOf(rows: number): { readonly scheme: SchemeReference; readonly parts: number } {
    const { name, parameters, queryCount } = codeOfGroup(this.#with.data.plan, rows);
    return { scheme: { name: name as SchemeName, parameters }, parts: queryCount };
  }

  take({ assignmentId, volunteerId, precision, mixtures }: Extract<RowsWork, { type: "takeMixtures" }>): void {
    for (const { place: item, attempt, group, index } of mixtures) {
      const said = this.#held.take(assignmentId, item);
      if (said === null) continue;
      const others = this.#said.get(group) ?? [];
      this.#said.set(group, [...others, { item, index, attempt, volunteerId, precision, said: said.slice() }]);
    }
  }

  drop(items: readonly number[]): void {
    const dropped = new Set(items);
    for (const [group, said] of this.#said) {
      const left = said.filter(({ item }) => !dropped.has(item));
      if (left.length < said.length) this.#said.set(group, left);
    }
  }

  /** All that was said of a mixture. */
  saidOf({ group, index }: MixtureOf): MixtureSaid[] {
    return (this.#said.get(group) ?? []).filter((one) => one.index === index);
  }

  /** What mixtures and rows that are there say of the others. It is held until `publish`. */
  async decode(groups: readonly GroupToDecode[]): Promise<DecodedRows[]> {
    const found: DecodedRows[] = [];
    for (const group of groups) found.push(await this.#decodeOne(group));
    return found;
  }

  async #decodeOne({ group, places }: GroupToDecode): Promise<DecodedRows> {
    const { data, executor } = this.#with;
    const { scheme, parts } = this.#codeOf(places.length);
    const { workerCount } = codeOfGroup(data.plan, places.length);
    const { arrived, batches, authors, voters } = this.#arrivedOf(group, places, parts, workerCount);
    const isMeasured = redoesLostRows(data.plan) && this.#way === "beside";
    const neighbourhood = (isMeasured && (await this.#likeness?.near(places, this.#rows.answers))) || null;
    const isOwn = (_: Float32Array, at: number) => arrived[at]! < places.length;
    const typicalMargin = isMeasured ? this.#margins.with(this.#rule, batches.filter(isOwn)) : 0;
    const earlier = this.#rows.answers.heldOut;
    const decoded = await executor.run("decode", {
      ...{ scheme, arrived, batches, placements: null, groupCount: 1 },
      ...{ outputSize: data.job.outputSize, rule: this.#rule },
      estimates: isMeasured ? { ownRows: places.length, neighbourhood, earlier, typicalMargin } : null,
    });
    const { measured, rejectedCounts } = decoded;
    const { answers } = this.#rows;
    if (measured !== null) answers.heldOut = sumOfTallies(answers.heldOut, measured.heldOut);
    const answered = places.flatMap((place, row) => {
      const candidate = this.#candidateOf(decoded, row, place, voters);
      if (candidate === null) return [];
      this.#candidates.set(place, candidate);
      return [{ place, mark: candidate.mark as RowMark, by: candidate.by?.volunteerId ?? null }];
    });
    const isVote = data.plan.verification === "votes";
    const undecided = isVote && answered.length === 0 ? voters.length : null;
    const isRejected = (worker: number) => answered.length > 0 && rejectedCounts[worker]! > 0;
    const rejected = arrived.flatMap((worker, at) => (isRejected(worker) ? (authors[at] ?? []) : []));
    return { group, answered, undecided, rejected };
  }

  /** By worker index. authors: who answered each mixture, null of a row; voters: of copies, whose each of them is. */
  #arrivedOf(group: number, places: readonly number[], parts: number, workerCount: number) {
    const { answers } = this.#rows;
    const said = (this.#said.get(group) ?? []).toSorted((a, b) => a.index - b.index || a.attempt - b.attempt);
    if (this.#way === "copies") {
      const voters = said.slice(0, workerCount);
      const batches = voters.map((vote) => vote.said);
      return {
        arrived: voters.map((_, worker) => worker),
        batches,
        authors: voters.map((vote) => vote.volunteerId),
        voters,
      };
    }
    // A group that is filled up has its last row more than once.
    const rows = this.#way === "beside" ? Array.from({ length: parts }, (_, at) => places[at] ?? places.at(-1)!) : [];
    const own = rows.flatMap((place, worker) => {
      const isIn = answers.marks[place] !== MARK.missing && answers.marks[place] !== MARK.estimated;
      return isIn ? [{ worker, output: this.#rows.outputAt(place).slice(), author: null }] : [];
    });
    const mixed = said.map(({ index, said: output, volunteerId: author }) => {
      return { worker: mixtureWorker(this.#way, parts, index), output, author };
    });
    const all = [...own, ...mixed.filter(({ worker }, at) => mixed.findIndex((one) => one.worker === worker) === at)];
    return {
      arrived: all.map(({ worker }) => worker),
      batches: all.map(({ output }) => output),
      authors: all.map(({ author }) => author),
      voters: [] as readonly MixtureSaid[],
    };
  }

  /** null: it has an answer of its own, or the decode has none for it that may be told */
  #candidateOf(
    { how, outputs, measured }: Decoded,
    row: number,
    place: number,
    voters: readonly MixtureSaid[],
  ): DecodedAnswer | null {
    const { data } = this.#with;
    const { answers } = this.#rows;
    const mark = answers.marks[place];
    const isOpen = mark === MARK.missing || mark === MARK.estimated;
    if (!isOpen || how[row] === DECODED_HOW.missing) return null;
    const output = outputRow(data, outputs, row).slice();
    const { verification, estimates } = { ...data.plan, estimates: withholdsEstimates(data.plan) };
    if (how[row] === DECODED_HOW.voted) return { output, mark: "checked", by: null, estimateCode: NO_ESTIMATE };
    // Of a row alone in its group the mixture is a copy; as with any other estimate the row's own answer is waited for.
    if (how[row] === DECODED_HOW.raw && this.#way !== "beside") {
      const by = voters[0] ?? null;
      return { output, mark: "unchecked", by, estimateCode: NO_ESTIMATE };
    }
    const estimateCode = measured?.codes[row] ?? NO_ESTIMATE;
    const confidence = confidenceOfCode(answers.heldOut, estimateCode);
    if (estimates && confidence !== null && confidence < data.job.submission.confidenceFloor) return null;
    return { output, mark: verification === "none" ? "unchecked" : "estimated", by: null, estimateCode };
  }

  /** What a decode said of these rows is the job's answer, until their own comes. */
  publish({ rows }: Extract<RowsWork, { type: "takeDecoded" }>): void {
    for (const { place, attempt } of rows) {
      const candidate = this.#candidates.get(place);
      this.#candidates.delete(place);
      if (candidate !== undefined) this.#rows.takeDecoded(place, attempt, candidate);
    }
  }
}
