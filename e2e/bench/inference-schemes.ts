/**
 * The accuracies of each way to answer where S of N = K+S workers are lost in every group, in this process, without tabs;
 * nothing is redone. Overall: of all answers. Degraded: of those that are estimates, or stand in for lost ones.
 */
import { argmax } from "../../server/kinds/inference/engine/argmax.ts";
import { gatherEntries } from "../../server/kinds/inference/engine/query-rows.ts";
import { groupsInOrder } from "../../shared/coding/locality.ts";
import { makeScheme } from "../../shared/coding/make-scheme.ts";
import { neighbourEstimates } from "../../shared/coding/neighbours.ts";
import type { CodingScheme } from "../../shared/coding/scheme.ts";
import { DECODED_HOW } from "../../shared/coding/scheme.ts";
import type { SchemeName } from "../../shared/coding/schemes/schemes.ts";
import { runAll } from "../proofs/scenarios/mnist-base.ts";
import type { InferenceCase } from "./inference-case.ts";
import { arrivedIn, heldOutIn, placesIn } from "./inference-losses.ts";
import { type Tally, tally } from "./inference-tally.ts";

export interface Setting {
  readonly inferenceCase: InferenceCase;
  readonly queryCount: number;
  readonly stragglerCount: number;
  readonly seed: number;
  /** All queries; each K in a row are a group. The last group is filled up, and padding is not counted. */
  readonly order: Uint32Array;
}

/** A code on its own: what it decodes counts, a missing answer never hits. */
export async function codeAccuracy(name: SchemeName, setting: Setting): Promise<Tally> {
  const { inferenceCase, queryCount, stragglerCount } = setting;
  const { outputSize } = inferenceCase.model.facts;
  const scheme = makeScheme(name, { queryCount, stragglerCount, liarCount: 0 });
  const result = tally();
  const answers = await codedAnswers(scheme, setting);
  forEachGroup(setting, (group, members, isPadding) => {
    const { positions, results } = arrivedResults(setting, scheme, answers, group, members);
    const { outputs, how } = scheme.decode(positions, results, outputSize);
    members.forEach((query, place) => {
      if (isPadding(place)) return;
      const hit =
        how[place] !== DECODED_HOW.missing && argmax(outputs, place, outputSize) === inferenceCase.labels[query];
      result.add(hit ? 1 : 0, how[place] !== DECODED_HOW.raw);
    });
  });
  return result;
}

/** Raw workers alone; a lost answer is one of the labels, chosen blindly. */
export function guessAccuracy(setting: Setting): Tally {
  const { inferenceCase } = setting;
  const { outputSize } = inferenceCase.model.facts;
  const result = tally();
  const { isAnswered } = answeredQueries(setting);
  for (const query of setting.order) {
    const hit = argmax(inferenceCase.outputs, query, outputSize) === inferenceCase.labels[query];
    if (isAnswered[query] === 1) result.add(hit ? 1 : 0, false);
    else result.add(1 / outputSize, true);
  }
  return result;
}

/** Raw workers; a lost answer is the mean of the nearest answered ones. One neighbour: its answer is copied. */
export function neighbourAccuracy(setting: Setting, features: Features, neighbourCount: number): Tally {
  const { inferenceCase } = setting;
  const { outputSize } = inferenceCase.model.facts;
  const { isAnswered } = answeredQueries(setting);
  const lost = Uint32Array.from(setting.order.filter((query) => isAnswered[query] === 0));
  const outputs = estimatesOf(setting, features, isAnswered, lost, neighbourCount);
  const result = tally();
  for (const query of setting.order) {
    if (isAnswered[query] === 0) continue;
    const hit = argmax(inferenceCase.outputs, query, outputSize) === inferenceCase.labels[query];
    result.add(hit ? 1 : 0, false);
  }
  lost.forEach((query, place) => {
    result.add(argmax(outputs, place, outputSize) === inferenceCase.labels[query] ? 1 : 0, true);
  });
  return result;
}

export interface Features {
  readonly projected: Float32Array;
  readonly componentCount: number;
}

/** How often each estimator says what the model says, measured as a coordinator can: on answers that did arrive. */
export interface HeldOut {
  readonly parities: number;
  readonly neighbours: number;
  readonly count: number;
}

/**
 * In each group one more raw worker is left out, beside those that are lost, and its answer is estimated both ways. Labels
 * and lost answers are not looked at.
 */
export async function heldOutAgreement(setting: Setting, features: Features, neighbourCount: number): Promise<HeldOut> {
  const { inferenceCase, queryCount, stragglerCount, seed } = setting;
  const { outputSize } = inferenceCase.model.facts;
  const scheme = makeScheme("systematic", { queryCount, stragglerCount, liarCount: 0 });
  const answers = await codedAnswers(scheme, setting);
  const { isAnswered } = answeredQueries(setting);
  const heldOut: number[] = [];
  let [parityCount, parityHits] = [0, 0];
  forEachGroup(setting, (group, members, isPadding) => {
    const { positions, results } = arrivedResults(setting, scheme, answers, group, members);
    const raw = positions.filter((position) => position < queryCount && !isPadding(position));
    const position = heldOutIn(seed, raw, group);
    if (position === undefined) return;
    const query = members[position]!;
    heldOut.push(query);
    const estimate = scheme.estimate([position], positions, results, outputSize);
    if (estimate === null) return;
    parityCount++;
    if (argmax(estimate, 0, outputSize) === argmax(inferenceCase.outputs, query, outputSize)) parityHits++;
  });
  const without = isAnswered.slice();
  for (const query of heldOut) without[query] = 0;
  const lost = Uint32Array.from(heldOut);
  const outputs = estimatesOf(setting, features, without, lost, neighbourCount);
  const neighbourHits = heldOut.filter(
    (query, place) => argmax(outputs, place, outputSize) === argmax(inferenceCase.outputs, query, outputSize),
  ).length;
  return {
    parities: parityCount === 0 ? 0 : parityHits / parityCount,
    neighbours: neighbourHits / heldOut.length,
    count: heldOut.length,
  };
}

/** In the order of `lost`, |lost| x outputSize. Neighbours are sought along the order of the groups, as the coordinator seeks them. */
export function estimatesOf(
  { inferenceCase, order }: Setting,
  { projected, componentCount }: Features,
  isAnswered: Uint8Array,
  lost: Uint32Array,
  neighbourCount: number,
): Float32Array {
  const { outputSize } = inferenceCase.model.facts;
  const placeOf = new Uint32Array(order.length);
  order.forEach((query, place) => {
    placeOf[query] = place;
  });
  return neighbourEstimates({
    features: gatherEntries(projected, componentCount, order),
    width: componentCount,
    isAnswered: Uint8Array.from(order, (query) => isAnswered[query]!),
    answers: gatherEntries(inferenceCase.outputs, outputSize, order),
    outputSize,
    lost: lost.map((query) => placeOf[query]!),
    neighbourCount,
  }).outputs;
}

/** Which queries' own workers arrived. */
function answeredQueries(setting: Setting): { isAnswered: Uint8Array } {
  const isAnswered = new Uint8Array(setting.inferenceCase.count);
  forEachGroup(setting, (group, members) => {
    for (const position of arrivedPositionsIn(setting, group)) {
      if (position < setting.queryCount) isAnswered[members[position]!] = 1;
    }
  });
  return { isAnswered };
}

/** Positions on the path of the workers that arrived, increasing: raw workers are dealt places, parities keep theirs. */
function arrivedPositionsIn({ seed, queryCount, stragglerCount }: Setting, group: number): number[] {
  const places = placesIn(seed, queryCount, group);
  return arrivedIn(seed, queryCount, stragglerCount, group)
    .map((i) => places[i] ?? i)
    .sort((a, b) => a - b);
}

export function forEachGroup(
  { order, queryCount }: Setting,
  visit: (group: number, members: Uint32Array, isPadding: (place: number) => boolean) => void,
): void {
  const { groupCount, members } = groupsInOrder(order, queryCount);
  for (let group = 0; group < groupCount; group++) {
    const first = group * queryCount;
    visit(group, members.subarray(first, first + queryCount), (place) => first + place >= order.length);
  }
}

/** For each worker that holds a mixture, groupCount x outputSize; undefined for those that hold a query as it is. */
export async function codedAnswers(scheme: CodingScheme, setting: Setting): Promise<(Float32Array | undefined)[]> {
  const { inferenceCase, order, queryCount } = setting;
  const { inputSize } = inferenceCase.model.facts;
  const { groupCount, members } = groupsInOrder(order, queryCount);
  const answers: (Float32Array | undefined)[] = [];
  for (let i = 0; i < scheme.workerCount; i++) {
    if (scheme.rawQueryOf[i]! >= 0) {
      answers.push(undefined);
      continue;
    }
    const coded = new Float32Array(groupCount * inputSize);
    for (let row = 0; row < members.length; row++) {
      const weight = scheme.encodeMatrix[i * queryCount + (row % queryCount)]!;
      const [from, to] = [members[row]! * inputSize, Math.floor(row / queryCount) * inputSize];
      for (let d = 0; d < inputSize; d++) coded[to + d]! += weight * inferenceCase.queries[from + d]!;
    }
    const model = scheme.modelOf?.[i] ? inferenceCase.parityModels.get(queryCount)! : inferenceCase.model;
    answers.push(await runAll(model, coded, groupCount));
  }
  return answers;
}

export function arrivedResults(
  setting: Setting,
  scheme: CodingScheme,
  answers: readonly (Float32Array | undefined)[],
  group: number,
  members: Uint32Array,
): { positions: number[]; results: Float32Array } {
  const { outputs, model } = setting.inferenceCase;
  const { outputSize } = model.facts;
  const positions = arrivedPositionsIn(setting, group);
  const results = new Float32Array(positions.length * outputSize);
  positions.forEach((position, r) => {
    const coded = answers[position];
    const row = coded === undefined ? members[scheme.rawQueryOf[position]!]! : group;
    results.set((coded ?? outputs).subarray(row * outputSize, (row + 1) * outputSize), r * outputSize);
  });
  return { positions, results };
}
