/**
 * The order in which the queries of a stream are grouped, and where they lie. Queries of one window are put in order by likeness
 * among themselves; neighbours of an answer are looked for among all. The directions along which likeness is measured are
 * taken from the first queries, and anew each time that twice as many have come.
 */

import { CELL_POINTS, CELLS_SEARCHED, cellCentres } from "../../../../shared/coding/nearest-cells.ts";
import type { StreamWindow } from "../core/round-schedule.ts";
import type { PlaceFeatures } from "./neighbourhood.ts";
import type { QuerySource } from "./query-source.ts";
import { inShared, sharedFloats } from "./shared-floats.ts";
import type { InferenceExecutor } from "./task-types.ts";

/** Fewer say nothing of directions: until then queries are grouped as they come. */
const FITTED_QUERIES_MIN = 64;
/** More change the directions no more. */
const FITTED_QUERIES_MAX = 4_096;

/**
 * Places in which neighbours are sought: the latest, and no more than are looked through one by one. Windows that follow each other
 * are not alike, as the places of a job are that was all there, so that their cells say little of where to look.
 */
export const STREAM_PLACES_MAX = CELLS_SEARCHED * CELL_POINTS;

export class StreamOrder {
  /** Query numbers by place; a place that was never put in order holds its own number. */
  #order = new Uint32Array(0);
  /** By place: endPlace x width, and the centres of their cells. */
  #features: Float32Array = new Float32Array(0);
  #centres: Float32Array = new Float32Array(0);
  #axes: { readonly values: Float64Array; readonly width: number; readonly fittedOn: number } | null = null;
  /** Behind the last place that is in a window. */
  #endPlace = 0;

  /** By place, as far as windows go. */
  get order(): Uint32Array {
    return this.#order.subarray(0, this.#endPlace);
  }

  /** null: too few queries have come. */
  get features(): PlaceFeatures | null {
    if (this.#axes === null) return null;
    const { width } = this.#axes;
    const cells = Math.ceil(this.#endPlace / CELL_POINTS);
    const values = this.#features.subarray(0, this.#endPlace * width);
    return { values, width, centres: this.#centres.subarray(0, cells * width) };
  }

  /** Takes the queries of a window as they come, or as they were before a restart. */
  place({ firstPlace, endPlace }: StreamWindow, queries?: Uint32Array): void {
    this.#makeRoom(endPlace);
    if (queries !== undefined) this.#order.set(queries, firstPlace);
  }

  /** Puts the queries of a window in order by likeness. @param groupSize K of the window */
  async arrange(
    executor: InferenceExecutor,
    source: QuerySource,
    window: StreamWindow,
    groupSize: number,
  ): Promise<void> {
    this.place(window);
    const { endPlace } = window;
    const fittedOn = Math.min(endPlace, FITTED_QUERIES_MAX);
    const isStale = fittedOn >= Math.max(FITTED_QUERIES_MIN, 2 * (this.#axes?.fittedOn ?? 0));
    if (isStale) {
      const fitted = await executor.run("axes", { source, queryCount: fittedOn, order: this.order });
      this.#axes = { values: fitted.axes, width: fitted.width, fittedOn };
      this.#features = fitted.features;
      this.#centres = sharedFloats(0);
      this.#findCentres(0, endPlace);
      if (fittedOn < window.firstPlace) await this.#project(executor, source, fittedOn, window.firstPlace);
    }
    if (this.#axes === null) return;
    const { width, values: axes } = this.#axes;
    const arranged = await executor.run("arrange", { source, window, groupSize, axes, width });
    this.#makeRoom(endPlace);
    this.#order.set(arranged.order, window.firstPlace);
    this.#features.set(arranged.features, window.firstPlace * width);
    this.#findCentres(window.firstPlace, endPlace);
  }

  /** Places whose queries nobody asked about when they came. */
  async #project(executor: InferenceExecutor, source: QuerySource, firstPlace: number, endPlace: number) {
    const { width, values: axes } = this.#axes!;
    const queries = this.#order.slice(firstPlace, endPlace);
    this.#makeRoom(endPlace);
    this.#features.set(await executor.run("project", { source, queries, axes }), firstPlace * width);
    this.#findCentres(firstPlace, endPlace);
  }

  /** Of the cells that hold these places. */
  #findCentres(firstPlace: number, endPlace: number): void {
    const { width } = this.#axes!;
    const firstCell = Math.floor(firstPlace / CELL_POINTS);
    const endCell = Math.ceil(endPlace / CELL_POINTS);
    this.#centres = withRoom(this.#centres, endCell * width);
    const places = this.#features.subarray(firstCell * CELL_POINTS * width, endPlace * width);
    this.#centres.set(cellCentres(places, width), firstCell * width);
  }

  #makeRoom(endPlace: number): void {
    this.#endPlace = Math.max(this.#endPlace, endPlace);
    if (this.#order.length < this.#endPlace) {
      const order = Uint32Array.from({ length: 2 * this.#endPlace }, (_, place) => place);
      order.set(this.#order);
      this.#order = order;
    }
    this.#features = withRoom(this.#features, this.#endPlace * (this.#axes?.width ?? 0));
  }
}

/** In shared memory: a window of it is handed to a thread with every decode. */
function withRoom(values: Float32Array, length: number): Float32Array {
  if (values.length >= length) return values;
  return inShared(values, 2 * length);
}
