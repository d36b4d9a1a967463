/**
 * The order of a job that has more queries than are put in order before it begins. Its queries are cut into windows as they came;
 * those of a window are put in order by likeness among themselves while the window before it is computed, and never leave it; where nothing
 * is estimated they are dealt in secret, whatever they are like. Only what durable rounds hold is durable of it: after a restart the other
 * places of a window are dealt anew, among the same queries.
 */
import { cellCentres } from "../../../../shared/coding/nearest-cells.ts";
import { sampledQueriesMax } from "../../../../shared/coding/principal-components.ts";
import { shuffle } from "../../../../shared/random/draws.ts";
import { seeksLikeness } from "../core/estimates.ts";
import type { Computing } from "./job-data.ts";
import type { PlaceFeatures } from "./neighbourhood.ts";
import { inShared } from "./shared-floats.ts";

/** Windows of which is held where their queries lie: those at work, and some that are done again. */
const WINDOWS_HELD_MAX = 16;

interface Axes {
  readonly values: Float64Array;
  readonly width: number;
}

export interface QueryWindow {
  readonly firstPlace: number;
  readonly order: Uint32Array;
  /** null: nobody asks what is like what. */
  readonly features: PlaceFeatures | null;
}

/** Query numbers by place, none of them moved. */
export function asTheyCame(queryCount: number): Uint32Array {
  const order = new Uint32Array(queryCount);
  for (let query = 0; query < queryCount; query++) order[query] = query;
  return order;
}

export class WindowedOrder {
  readonly #with: Computing;
  readonly #windowQueries: number;
  /** Query numbers by place. Of a window that is not in order yet, as they came. */
  readonly order: Uint32Array;
  /** By place: 1 where a durable round holds a query. */
  readonly #isFixed: Uint8Array;
  readonly #isByLikeness: boolean;
  /** Is it asked where queries lie? */
  #isLocated: boolean;
  #axes: Promise<Axes> | null = null;
  readonly #arranged = new Map<number, Promise<void>>();
  /** The latest that were asked for last. */
  readonly #held = new Map<number, Promise<QueryWindow>>();
  /** Those of them that are there. */
  readonly #found = new Map<number, QueryWindow>();

  constructor(computing: Computing, windowQueries: number) {
    this.#with = computing;
    this.#windowQueries = windowQueries;
    const { plan, job } = computing.data;
    const { queryCount } = job;
    this.#isByLikeness = seeksLikeness(plan, job);
    this.#isLocated = this.#isByLikeness;
    this.order = asTheyCame(queryCount);
    this.#isFixed = new Uint8Array(queryCount);
  }

  /** Puts the queries of durable rounds in their places, and all others in the places that are left, in the order in which they came. */
  restore(rounds: Iterable<{ readonly firstPlace: number; readonly queries: Uint32Array }>): void {
    const isPlaced = new Uint8Array(this.order.length);
    for (const { firstPlace, queries } of rounds) {
      this.order.set(queries, firstPlace);
      this.#isFixed.fill(1, firstPlace, firstPlace + queries.length);
      for (const query of queries) isPlaced[query] = 1;
    }
    let query = 0;
    for (let place = 0; place < this.order.length; place++) {
      if (this.#isFixed[place] === 1) continue;
      while (isPlaced[query] === 1) query++;
      this.order[place] = query++;
    }
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

  /** From now on it is known where the queries of a window lie, in whatever order they are. */
  locate(): void {
    if (this.#isLocated) return;
    this.#isLocated = true;
    this.#held.clear();
    this.#found.clear();
  }

  /** [SL3] Queries changed places within the window. */
  moved(firstPlace: number): void {
    if (!this.#isLocated) return;
    const window = this.#windowAt(firstPlace);
    this.#held.delete(window);
    this.#found.delete(window);
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
    const axes = this.#isLocated ? await this.#axesOf() : null;
    await this.#inOrder(window, groupSize, this.#isByLikeness ? axes : null);
    const firstPlace = window * this.#windowQueries;
    const order = this.order.subarray(firstPlace, this.#endOf(window));
    if (axes === null) return { firstPlace, order, features: null };
    const values = await executor.run("project", { source: data.source, queries: order.slice(), axes: axes.values });
    const centres = inShared(cellCentres(values, axes.width));
    return { firstPlace, order, features: { values, width: axes.width, centres } };
  }

  /** @param axes of likeness; null: places are dealt in secret */
  #inOrder(window: number, groupSize: number, axes: Axes | null): Promise<void> {
    const known = this.#arranged.get(window);
    if (known !== undefined) return known;
    const arranged = this.#putInOrder(window, groupSize, axes);
    this.#arranged.set(window, arranged);
    arranged.catch(() => this.#arranged.delete(window));
    return arranged;
  }

  async #putInOrder(window: number, groupSize: number, axes: Axes | null): Promise<void> {
    const { executor, data, secretRandom } = this.#with;
    const places: number[] = [];
    for (let place = window * this.#windowQueries; place < this.#endOf(window); place++) {
      if (this.#isFixed[place] === 0) places.push(place);
    }
    if (places.length === 0) return;
    const queries = Uint32Array.from(places, (place) => this.order[place]!);
    const isDealt = data.job.crossChecks !== null;
    const order =
      axes === null
        ? shuffle(queries, secretRandom)
        : await executor.run("orderOf", {
            ...{ source: data.source, queries, groupSize, isDealt },
            ...{ axes: axes.values, width: axes.width },
          });
    places.forEach((place, i) => {
      this.order[place] = order[i]!;
    });
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
