/**
 * Queries that lie near those of a round, with the answers that they have: what the neighbours' estimator looks through. Places
 * count along the order in which a job's queries are grouped; likeness makes it, so the places before a round are a good part of
 * all its neighbours.
 */

import { CELL_POINTS } from "../../../../shared/coding/nearest-cells.ts";
import type { JobAnswers } from "./job-answers.ts";
import { MARK } from "./job-answers.ts";

/** Places that neighbours are sought in: within .5 points of all 10,000 of MNIST. */
const PLACES_MAX = 4_096;
/** The thread that decodes gathers their answers: of wide outputs fewer. */
const ANSWER_BYTES_MAX = 4 * 1024 * 1024;

/** Where all queries of a job lie: queryCount x width, in the order of the queries. */
export interface QueryFeatures {
  readonly values: Float32Array;
  readonly width: number;
}

/** The same in the order of places, in shared memory: windows of it are handed to threads as they are. */
export interface PlaceFeatures extends QueryFeatures {
  /** cellCentres of the values */
  readonly centres: Float32Array;
}

export interface Neighbourhood {
  /** m x width, in the order of places */
  readonly features: Float32Array;
  readonly width: number;
  /** cellCentres of the features */
  readonly centres: Float32Array;
  /** m query numbers, in the order of places */
  readonly queries: Uint32Array;
  /** Of all queries of the job, in shared memory: as they are when the thread that decodes comes to them. */
  readonly marks: Uint8Array;
  /** queryCount x outputSize, likewise */
  readonly outputs: Float32Array;
  /** The place, among the m, of the round's first row. Its rows follow each other. */
  readonly firstPlace: number;
}

/**
 * The window of places that ends with the round, or begins with it at the front of the order.
 * @param byPlace of featuresByPlace
 * @param firstPlace of the round, in the order of the job
 * @param rowCount rows of the round that are queries of their own
 * @param placesMax places that are looked through, the round's own among them
 */
export function neighbourhoodOf(
  { values, width, centres }: PlaceFeatures,
  order: Uint32Array,
  { outputSize, marks, outputs }: JobAnswers,
  firstPlace: number,
  rowCount: number,
  placesMax = PLACES_MAX,
): Neighbourhood {
  const room = Math.min(placesMax, Math.max(rowCount, Math.floor(ANSWER_BYTES_MAX / (outputSize * 4))));
  const end = Math.min(order.length, Math.max(firstPlace + rowCount, room));
  // Whole cells, as many as there is room for and the round's own.
  const startMax = firstPlace - (firstPlace % CELL_POINTS);
  const start = Math.max(0, Math.min(startMax, Math.ceil((end - room) / CELL_POINTS) * CELL_POINTS));
  const firstCell = start / CELL_POINTS;
  return {
    features: values.subarray(start * width, end * width),
    width,
    centres: centres.subarray(firstCell * width, (firstCell + Math.ceil((end - start) / CELL_POINTS)) * width),
    // A copy: what is sent to a thread takes the whole of an array along of which it is a part.
    queries: order.slice(start, end),
    marks,
    outputs,
    firstPlace: firstPlace - start,
  };
}

/**
 * The answers of a neighbourhood that may be used: those that were checked. An answer that changes while it is read may come out as half of the
 * earlier one and half of the later one: both are answers to that query.
 * @returns m flags, and m x outputSize, of which only flagged rows are filled
 */
export function checkedAnswers(
  { queries, marks, outputs }: Pick<Neighbourhood, "queries" | "marks" | "outputs">,
  outputSize: number,
): { readonly isAnswered: Uint8Array; readonly answers: Float32Array } {
  const isAnswered = new Uint8Array(queries.length);
  const answers = new Float32Array(queries.length * outputSize);
  for (let place = 0; place < queries.length; place++) {
    const query = queries[place]!;
    const mark = marks[query];
    if (mark !== MARK.audited && mark !== MARK.exact) continue;
    isAnswered[place] = 1;
    for (let c = 0, to = place * outputSize, from = query * outputSize; c < outputSize; c++) {
      answers[to++] = outputs[from++]!;
    }
  }
  return { isAnswered, answers };
}
