/**
 * The order by likeness of the queries of a job. They are cut into windows as they came; those of a window are put in order among themselves, and never
 * leave it. Groups of the order are dealt in secret.
 */
import { cellCentres } from "../../../../shared/coding/nearest-cells.ts";
import { sampledQueriesMax } from "../../../../shared/coding/principal-components.ts";
import type { Computing } from "./job-data.ts";
import type { PlaceFeatures } from "./neighbourhood.ts";
import { inShared } from "./shared-floats.ts";

/** Put in order in about a second; more would find hardly better neighbours (neighbourhood.ts looks through 4,096). */
const WINDOW_QUERIES_MAX = 16_384;
/** Wide queries come fewer to a window: it is read before its first group goes out. */
const WINDOW_BYTES_MAX = 256 * 1024 * 1024;
/** Windows of which is held where their queries lie. */
const WINDOWS_HELD_MAX = 16;

interface Axes {
  readonly values: Float64Array;
  readonly width: number;
}

export interface QueryWindow {
  readonly firstPlace: number;
  readonly order: Uint32Array;
  readonly features: PlaceFeatures;
}

/** Query numbers by place, none of them moved. */
export function asTheyCame(queryCount: number): Uint32Array {
  const order = new Uint32Array(queryCount);
  for (let query = 0; query < queryCount; query++) order[query] = query;
  return order;
}

/**
 * [LJ2] Queries of a window: whole groups, at least one.
 * @param rowBytes of a query as it is stored
 * @example windowQueriesOf(4, 784) // -> 16384
 */
export function windowQueriesOf(groupSize: number, rowBytes: number): number {
  const most = Math.min(WINDOW_QUERIES_MAX, Math.floor(WINDOW_BYTES_MAX / rowBytes));
  return groupSize * Math.max(1, Math.floor(most / groupSize));
}

export class WindowedOrder {
  readonly #with: Computing;
  readonly #windowQueries: number;
  /** Query numbers by place. Of a window that is not in order yet, as they came. */
  readonly order: Uint32Array;
  #axes: Promise<Axes> | null = null;
  readonly #arranged = new Map<number, Promise<void>>();
  /** The latest that were asked for last. */
  readonly #held = new Map<number, Promise<QueryWindow>>();
  /** Those of them that are there. */
  readonly #found = new Map<number, QueryWindow>();

  constructor(computing: Computing, windowQueries: number) {
    this.#with = computing;
    this.#windowQueries = windowQueries;
    this.order = asTheyCame(computing.data.job.queryCount);
  }

  /** Resolves when these places are in order, and it is known where their queries lie; goes on with the window behind them. */
  async arrange(firstPlace: number, endPlace: number, groupSize: number): Promise<void> {
    const last = this.#windowAt(endPlace - 1);
    for (let window = this.#windowAt(firstPlace); window <= last; window++) await this.#window(window, groupSize);
    if (this.#endOf(last) < this.order.length) {
      // Who needs it asks again, and hears why where it fails.
      this.#window(last + 1, groupSize).catch(() => {});
    }
  }

  /** All of it, one window after the other. */
  async arrangeAll(groupSize: number): Promise<void> {
    const { length } = this.order;
    for (let first = 0; first < length; first += this.#windowQueries)
      await this.arrange(first, Math.min(length, first + this.#windowQueries), groupSize);
  }

  /** The window that holds all of these places; null: none does, or it is not known any more where its queries lie. */
  windowOf(firstPlace: number, endPlace: number): QueryWindow | null {
    const window = this.#windowAt(firstPlace);
    return endPlace <= this.#endOf(window) ? (this.#found.get(window) ?? null) : null;
  }

  #window(window: number, groupSize: number): Promise<QueryWindow> {
    const held = this.#held.get(window) ?? this.#made(window, groupSize);
    this.#held.delete(window);
    this.#held.set(window, held);
    for (const earliest of this.#held.keys()) {
      if (this.#held.size <= WINDOWS_HELD_MAX) break;
      this.#held.delete(earliest);
      this.#found.delete(earliest);
    }
    return held;
  }

  #made(window: number, groupSize: number): Promise<QueryWindow> {
    const made = this.#make(window, groupSize);
    made.then(
      (found) => {
        if (this.#held.get(window) === made) this.#found.set(window, found);
      },
      () => {
        if (this.#held.get(window) === made) this.#held.delete(window);
      },
    );
    return made;
  }

  async #make(window: number, groupSize: number): Promise<QueryWindow> {
    const { executor, data } = this.#with;
    const axes = await this.#axesOf();
    await this.#inOrder(window, groupSize, axes);
    const firstPlace = window * this.#windowQueries;
    const order = this.order.subarray(firstPlace, this.#endOf(window));
    const values = await executor.run("project", { source: data.source, queries: order.slice(), axes: axes.values });
    const centres = inShared(cellCentres(values, axes.width));
    return { firstPlace, order, features: { values, width: axes.width, centres } };
  }

  #inOrder(window: number, groupSize: number, axes: Axes): Promise<void> {
    const known = this.#arranged.get(window);
    if (known !== undefined) return known;
    const arranged = this.#putInOrder(window, groupSize, axes);
    this.#arranged.set(window, arranged);
    arranged.catch(() => this.#arranged.delete(window));
    return arranged;
  }

  async #putInOrder(window: number, groupSize: number, axes: Axes): Promise<void> {
    const { executor, data } = this.#with;
    const firstPlace = window * this.#windowQueries;
    const queries = this.order.slice(firstPlace, this.#endOf(window));
    const asked = { source: data.source, queries, groupSize, axes: axes.values, width: axes.width };
    this.order.set(await executor.run("orderOf", asked), firstPlace);
  }

  #axesOf(): Promise<Axes> {
    const { executor, data } = this.#with;
    if (this.#axes !== null) return this.#axes;
    const { source, job } = data;
    const sampleCount = Math.min(job.queryCount, sampledQueriesMax(source.inputSize));
    const axes = executor
      .run("sampledAxes", { source, queryCount: job.queryCount, sampleCount })
      .then(({ axes: values, width }) => ({ values, width }));
    this.#axes = axes;
    axes.catch(() => {
      this.#axes = null;
    });
    return axes;
  }

  #windowAt(place: number): number {
    return Math.floor(place / this.#windowQueries);
  }

  #endOf(window: number): number {
    return Math.min(this.order.length, (window + 1) * this.#windowQueries);
  }
}
