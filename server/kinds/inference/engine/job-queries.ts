/**
 * The queries of a job and the order in which they are grouped: by likeness where that helps estimates, in a secret one where nothing is
 * estimated, as they came for the baselines. Of a stream both grow while it runs; of a job with very many the order does.
 */
import { CELL_POINTS, cellCentres } from "../../../../shared/coding/nearest-cells.ts";
import { placements } from "../../../../shared/coding/placement.ts";
import { shuffle } from "../../../../shared/random/draws.ts";
import type { StoredPiece, StoredRound } from "../../../store/store.ts";
import { seeksLikeness } from "../core/estimates.ts";
import { firstPlaceOf, groupsInRound, type InferencePlan, ownRowsIn } from "../core/inference-plan.ts";
import { windowQueriesAt } from "../core/query-windows.ts";
import { restoredWindows, StreamSchedule, type StreamWindow } from "../core/round-schedule.ts";
import { dealGroups } from "./deal-groups.ts";
import type { JobAnswers } from "./job-answers.ts";
import type { Computing } from "./job-data.ts";
import {
  featuresByPlace,
  type Neighbourhood,
  neighbourhoodOf,
  type PlaceFeatures,
  type QueryFeatures,
} from "./neighbourhood.ts";
import { bytesOfRow } from "./query-rows.ts";
import type { RoundPlan } from "./round-plan.ts";
import { STREAM_PLACES_MAX, StreamOrder } from "./stream-order.ts";
import { StreamQueries } from "./stream-queries.ts";
import { asTheyCame, WindowedOrder } from "./windowed-order.ts";

interface StreamArrays {
  readonly queries: StreamQueries;
  readonly order: StreamOrder;
}

export class JobQueries {
  readonly #with: Computing;
  /** Of a stream: its queries, and their order as far as windows go. null: all queries were there when the job began. */
  readonly #stream: StreamArrays | null;
  #order: Uint32Array | null = null;
  /** Where queries lie, by their place in the order; null where they are not grouped by likeness, or in windows. */
  #features: PlaceFeatures | null = null;
  /** Of a job that has too many to be put in order before it begins. */
  #windowed: WindowedOrder | null = null;
  readonly #windowQueries: number;
  /** Where queries lie, while it is found out. */
  #locating: Promise<QueryFeatures> | null = null;
  /** Of a stream: likeness is sought from now on. */
  #isLocated = false;

  /** @param windowQueriesMax queries that are put in order together, at most */
  constructor(computing: Computing, windowQueriesMax: number) {
    this.#with = computing;
    this.#windowQueries = windowQueriesAt(computing.data.plan, bytesOfRow(computing.data.source), windowQueriesMax);
    const { source } = computing.data;
    this.#stream = source instanceof StreamQueries ? { queries: source, order: new StreamOrder() } : null;
  }

  get isStream(): boolean {
    return this.#stream !== null;
  }

  get isPrepared(): boolean {
    return this.#stream !== null || this.#order !== null;
  }

  /** Is likeness sought in windows, while the job runs? So it is where no order of all was kept. */
  get isInWindows(): boolean {
    const { plan, job } = this.#with.data;
    return this.#stream === null && plan.groupsByLikeness && job.queryCount > this.#windowQueries;
  }

  /** As many as there are; of a stream, as many as came. */
  get count(): number {
    return this.#stream?.queries.count ?? this.#with.data.job.queryCount;
  }

  /**
   * Puts the queries in order.
   * @param earlier the durable order of a job that goes on after a restart
   * @returns null: a stream has none beforehand, and one in windows none that is kept
   */
  async prepare(earlier: Uint32Array | null): Promise<Uint32Array | null> {
    if (this.#stream !== null || this.#windowed !== null) return null;
    const { data, executor } = this.#with;
    const { plan, source, job } = data;
    const groupSize = plan.scheme.queryCount;
    const { queryCount } = job;
    if (!plan.groupsByLikeness) {
      this.#order = earlier ?? asTheyCame(queryCount);
      return this.#order;
    }
    if (earlier === null && this.isInWindows) {
      this.#windowed = new WindowedOrder(this.#with, this.#windowQueries);
      this.#order = this.#windowed.order;
      return null;
    }
    if (!seeksLikeness(plan, job)) {
      this.#order = earlier ?? shuffle(asTheyCame(queryCount), this.#with.secretRandom);
      return this.#order;
    }
    const features = await executor.run("features", { source, queryCount });
    this.#order = earlier ?? (await this.#newOrder(features, queryCount, groupSize));
    this.#features = featuresByPlace(features, this.#order);
    return this.#order;
  }

  /** [CC4] Where a row may travel with those of other rounds, rounds are cut from groups in a secret order. */
  async #newOrder(features: QueryFeatures, queryCount: number, groupSize: number): Promise<Uint32Array> {
    const { data, executor, secretRandom } = this.#with;
    const order = await executor.run("order", { features, queryCount, groupSize });
    return data.job.crossChecks === null ? order : dealGroups(order, groupSize, secretRandom);
  }

  /** [RS1] Puts the queries of durable rounds back in their places, where no order of all queries was kept, or [SL3] rounds were cut since. */
  restorePlaces(rounds: readonly StoredRound[], planOf: (roundIndex: number) => InferencePlan): void {
    const placed = rounds.map(({ roundIndex, queryIndices }) => ({
      firstPlace: firstPlaceOf(planOf(roundIndex), roundIndex),
      queries: queryIndices,
    }));
    if (this.#windowed !== null) this.#windowed.restore(placed);
    else if (this.#stream === null && this.#order !== null && this.#with.data.job.cuts !== undefined)
      this.#order = placedAgain(this.#order, placed);
  }

  // --- streams ------------------------------------------------------------------------------------------------------

  /** @param rows D numbers each */
  append(rows: readonly ArrayLike<number>[]): void {
    const { queries } = this.#streamed();
    for (const row of rows) queries.append(row);
  }

  /** What was posted last is taken back: it could not be made durable. */
  truncate(queryCount: number): void {
    this.#streamed().queries.truncate(queryCount);
  }

  /** Queries of a stream, as they are to be stored. */
  piece(firstQuery: number, queryCount: number): StoredPiece {
    const values = this.#streamed().queries.rows(firstQuery, queryCount).slice();
    return { jobId: this.#with.data.job.jobId, firstQuery, queryCount, values };
  }

  /** Puts the queries of a round in order before it is encoded, where they are not. */
  async arrange(plan: InferencePlan, roundIndex: number): Promise<void> {
    if (this.#windowed === null) return this.#arrangeWindow(plan);
    await this.arrangeInWindow(plan, roundIndex);
  }

  /** [LJ2] The same where likeness is sought in windows: a round that needs no encoding is not asked for it before it goes out. */
  async arrangeInWindow(plan: InferencePlan, roundIndex: number): Promise<void> {
    const firstPlace = firstPlaceOf(plan, roundIndex);
    await this.#windowed?.arrange(firstPlace, firstPlace + ownRowsIn(plan, roundIndex), plan.scheme.queryCount);
  }

  async #arrangeWindow(plan: InferencePlan): Promise<void> {
    if (this.#stream === null) return;
    const { queries, order } = this.#stream;
    const { scheme, firstPlace, endPlace } = plan;
    const window: StreamWindow = { firstPlace, endPlace };
    if (this.#isLocated || seeksLikeness(plan, this.#with.data.job))
      await order.arrange(this.#with.executor, queries, window, scheme.queryCount);
    else order.place(window);
  }

  /** Puts the queries of durable rounds back in their places. @returns the windows of the stream, as the core knows them next */
  restoreWindows(rounds: readonly StoredRound[]): StreamSchedule {
    const { order } = this.#streamed();
    const durable = rounds.map(windowOfRound);
    rounds.forEach(({ queryIndices }, i) => {
      order.place(durable[i]!, queryIndices);
    });
    return new StreamSchedule(this.#with.data.job, restoredWindows(durable));
  }

  #streamed(): StreamArrays {
    if (this.#stream === null) throw new Error(`JobQueries: job ${this.#with.data.job.jobId} is no stream`);
    return this.#stream;
  }

  // --- rounds -------------------------------------------------------------------------------------------------------

  /** Where the rows of a round are, the first time that it is opened: places are dealt in secret. */
  newPlan(plan: InferencePlan, roundIndex: number): RoundPlan {
    const dealt = seeksLikeness(plan, this.#with.data.job)
      ? placements(this.#with.secretRandom, groupsInRound(plan, roundIndex), plan.scheme.queryCount)
      : null;
    return this.planWith(plan, roundIndex, dealt);
  }

  /** @param dealt places, as they were dealt */
  planWith(plan: InferencePlan, roundIndex: number, dealt: Uint32Array | null): RoundPlan {
    const order = this.#stream?.order.order ?? this.#order;
    if (order === null) throw new Error("JobQueries: prepare comes before the first round");
    const { scheme } = plan;
    const groupCount = groupsInRound(plan, roundIndex);
    const start = firstPlaceOf(plan, roundIndex);
    const ownRows = ownRowsIn(plan, roundIndex);
    const last = order[start + ownRows - 1]!;
    const rows = new Uint32Array(groupCount * scheme.queryCount).fill(last);
    rows.set(order.subarray(start, start + ownRows));
    return { scheme, rows, ownRows, placements: dealt, groupCount, splits: [] };
  }

  /** [SL3] The round and its rest have the same queries, in another order. @param plan of the round, that of its rest follows */
  reorder(plan: InferencePlan, roundIndex: number, queries: Uint32Array): void {
    if (this.#order === null) throw new Error("JobQueries: prepare comes before the first round");
    const firstPlace = firstPlaceOf(plan, roundIndex);
    if (this.#features !== null) moveFeatures(this.#features, this.#order, firstPlace, queries);
    this.#order.set(queries, firstPlace);
    this.#windowed?.moved(firstPlace);
  }

  /** [VF2] Answers of this round are compared with those of queries that are alike: where they lie is found out, if it is not known yet. */
  async locate(plan: InferencePlan, roundIndex: number): Promise<void> {
    if (!plan.groupsByLikeness) return;
    this.#isLocated = true;
    if (this.#windowed !== null) {
      this.#windowed.locate();
      await this.arrangeInWindow(plan, roundIndex);
    } else if (this.#stream === null && this.#order !== null && this.#features === null) {
      const { data, executor } = this.#with;
      const { source, job } = data;
      this.#locating ??= executor.run("features", { source, queryCount: job.queryCount });
      const found = await this.#locating;
      this.#features ??= featuresByPlace(found, this.#order);
    }
  }

  /** What lies near the queries of a round; null where nobody knows what lies where. */
  neighbourhood(plan: InferencePlan, roundIndex: number, ownRows: number, answers: JobAnswers): Neighbourhood | null {
    if (this.#windowed !== null) {
      const first = firstPlaceOf(plan, roundIndex);
      const window = this.#windowed.windowOf(first, first + ownRows);
      if (window === null || window.features === null) return null;
      return neighbourhoodOf(window.features, window.order, answers, first - window.firstPlace, ownRows);
    }
    const { order, features } = this.#stream?.order ?? { order: this.#order, features: this.#features };
    if (features === null) return null;
    const placesMax = this.#stream === null ? undefined : STREAM_PLACES_MAX;
    return neighbourhoodOf(features, order!, answers, firstPlaceOf(plan, roundIndex), ownRows, placesMax);
  }
}

/** Queries of some places change among these. @param queries as they will be */
function moveFeatures(
  { values, width, centres }: PlaceFeatures,
  order: Uint32Array,
  firstPlace: number,
  queries: Uint32Array,
): void {
  const endPlace = firstPlace + queries.length;
  const places = new Map<number, number>();
  for (let place = firstPlace; place < endPlace; place++) places.set(order[place]!, place);
  const before = values.slice(firstPlace * width, endPlace * width);
  queries.forEach((query, n) => {
    const from = (places.get(query)! - firstPlace) * width;
    values.set(before.subarray(from, from + width), (firstPlace + n) * width);
  });
  const [firstCell, endCell] = [Math.floor(firstPlace / CELL_POINTS), Math.ceil(endPlace / CELL_POINTS)];
  const cells = values.subarray(firstCell * CELL_POINTS * width, endCell * CELL_POINTS * width);
  centres.set(cellCentres(cells, width), firstCell * width);
}

/** Those of the rounds in their places, all others in the places that are left, in the order that they had. */
function placedAgain(
  order: Uint32Array,
  rounds: readonly { readonly firstPlace: number; readonly queries: Uint32Array }[],
): Uint32Array {
  const again = order.slice();
  const [isTaken, isPlaced] = [new Uint8Array(order.length), new Uint8Array(order.length)];
  for (const { firstPlace, queries } of rounds) {
    again.set(queries, firstPlace);
    isTaken.fill(1, firstPlace, firstPlace + queries.length);
    for (const query of queries) isPlaced[query] = 1;
  }
  let place = 0;
  for (const query of order) {
    if (isPlaced[query] === 1) continue;
    while (isTaken[place] === 1) place++;
    again[place++] = query;
  }
  return again;
}

/** The part of a stream's queries that a durable round answers. */
export function windowOfRound({
  roundIndex,
  queryIndices,
}: Pick<StoredRound, "roundIndex" | "queryIndices">): { readonly roundIndex: number } & StreamWindow {
  const firstPlace = queryIndices.reduce((least, query) => Math.min(least, query), Number.POSITIVE_INFINITY);
  return { roundIndex, firstPlace, endPlace: firstPlace + queryIndices.length };
}
