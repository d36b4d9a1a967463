/**
 * Queries that lie near those of a round, with the answers that they have: what the neighbours' estimator looks through. Places
 * count along the order in which a job's queries are grouped; likeness makes it, so the places before a round are a good part of
 * all its neighbours.
 */
import { principalProjection } from "../../shared/coding/principal-components.ts";
import type { RandomSource } from "../../shared/random/random.ts";
import type { JobAnswers } from "./job-answers.ts";
import { MARK } from "./job-answers.ts";

/** As good as 32 on MNIST and Fashion-MNIST, within .2 points; 16 cost one to two. */
const COMPONENTS_MAX = 24;
/** Places that neighbours are sought in: within .5 points of all 10,000 of MNIST. */
const PLACES_MAX = 4_096;
/** Answers are copied to the thread that decodes: of wide outputs fewer. */
const ANSWER_BYTES_MAX = 4 * 1024 * 1024;

/** Where all queries of a job lie: queryCount x width, in the order of the queries. */
export interface QueryFeatures {
  readonly values: Float32Array;
  readonly width: number;
}

export interface Neighbourhood {
  /** m x width, in the order of places */
  readonly features: Float32Array;
  readonly width: number;
  /** m flags: answered in some other round. Those of the round itself are not read. */
  readonly isAnswered: Uint8Array;
  /** m x outputSize; only answered rows are read. */
  readonly answers: Float32Array;
  /** The place, among the m, of the round's first row. Its rows follow each other. */
  readonly firstPlace: number;
}

/** @param queries queryCount x inputSize */
export function queryFeatures(
  queries: Float32Array | Uint8Array,
  queryCount: number,
  inputSize: number,
  random: RandomSource,
): QueryFeatures {
  const { projected, componentCount } = principalProjection(queries, queryCount, inputSize, random);
  const width = Math.min(componentCount, COMPONENTS_MAX);
  const values = new Float32Array(queryCount * width);
  for (let query = 0; query < queryCount; query++) {
    const at = query * componentCount;
    values.set(projected.subarray(at, at + width), query * width);
  }
  return { values, width };
}

/** The same in shared memory and in the order of places, so that a window of it can be handed to a thread as it is. */
export function featuresByPlace({ values, width }: QueryFeatures, order: Uint32Array): QueryFeatures {
  const byPlace = new Float32Array(new SharedArrayBuffer(order.length * width * 4));
  order.forEach((query, place) => {
    byPlace.set(values.subarray(query * width, (query + 1) * width), place * width);
  });
  return { values: byPlace, width };
}

/**
 * The window of places that ends with the round, or begins with it at the front of the order.
 * @param byPlace of featuresByPlace
 * @param firstPlace of the round, in the order of the job
 * @param rowCount rows of the round that are queries of their own
 */
export function neighbourhoodOf(
  { values, width }: QueryFeatures,
  order: Uint32Array,
  answers: JobAnswers,
  firstPlace: number,
  rowCount: number,
): Neighbourhood {
  const { outputSize } = answers;
  const room = Math.min(PLACES_MAX, Math.max(rowCount, Math.floor(ANSWER_BYTES_MAX / (outputSize * 4))));
  const end = Math.min(order.length, Math.max(firstPlace + rowCount, room));
  const start = Math.max(0, end - room);
  const isAnswered = new Uint8Array(end - start);
  const near = new Float32Array((end - start) * outputSize);
  for (let place = start; place < end; place++) {
    const query = order[place]!;
    const mark = answers.marks[query];
    if (mark !== MARK.audited && mark !== MARK.exact) continue;
    isAnswered[place - start] = 1;
    for (let c = 0, to = (place - start) * outputSize, from = query * outputSize; c < outputSize; c++) {
      near[to++] = answers.outputs[from++]!;
    }
  }
  return {
    features: values.subarray(start * width, end * width),
    width,
    isAnswered,
    answers: near,
    firstPlace: firstPlace - start,
  };
}
