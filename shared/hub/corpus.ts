/** A text model's folder and a file of texts as jobs: texts as tokens, sorted into a few lengths. */
import { Problems } from "../inputs/problems.ts";
import type { Texts } from "../inputs/texts.ts";
import { REFUSED_TEXTS_NAMED_MAX } from "../protocol/limits.ts";
import type { HubPlace } from "./hub-place.ts";
import { lengthBuckets } from "./length-buckets.ts";
import type { Pool } from "./pooling.ts";
import { type TextModel, type TextTask, textModel, textTask } from "./text-model.ts";

export interface HubCorpus {
  readonly model: TextModel;
  readonly task: TextTask;
  readonly texts: readonly string[];
  /** Ids of each text, cut where that was asked for. */
  readonly ids: readonly (readonly number[])[];
  readonly buckets: ReturnType<typeof lengthBuckets>;
  /** Texts that were cut. */
  readonly cutCount: number;
}

export interface CorpusOptions {
  readonly pool: Pool | null;
  readonly normalizes: boolean | null;
  /** Texts that are too long are cut, and not refused. */
  readonly truncates: boolean;
  /** Told now and then: how many texts are tokens. */
  onTexts(done: number, of: number): void | Promise<void>;
}

/** Between two words on how far it is. */
const TEXTS_AT_ONCE = 500;

/** @throws InputError with all that is wrong, each text by its line */
export async function hubCorpus(
  place: HubPlace,
  readTexts: () => Promise<Texts>,
  options: CorpusOptions,
): Promise<HubCorpus> {
  const problems = new Problems(REFUSED_TEXTS_NAMED_MAX);
  const model = await textModel(place, problems);
  const task = model === null ? null : await problems.attempt(() => textTask(model, options.pool, options.normalizes));
  const read = await problems.attempt(readTexts);
  problems.throwIfAny();
  const { texts, whereIs } = read!;
  const { tokens } = model!;
  const fixed = model!.fixedLength;
  const countMax = fixed ?? tokens.countMax ?? Number.MAX_SAFE_INTEGER;
  const ids: number[][] = [];
  let cutCount = 0;
  for (const [place, text] of texts.entries()) {
    const whole = tokens.encode(text);
    if (whole.length <= tokens.emptyCount) problems.add(`${whereIs(place)}: expected a text, got an empty one`);
    else if (whole.length > countMax && !options.truncates) {
      problems.add(`${whereIs(place)}: expected at most ${countMax} tokens, got ${whole.length}; --truncate cuts it`);
    }
    if (whole.length > countMax) cutCount++;
    ids.push(tokens.cut(whole, countMax));
    if (ids.length % TEXTS_AT_ONCE === 0) await options.onTexts(ids.length, texts.length);
  }
  problems.throwIfAny();
  const lengths = ids.map(({ length }) => length);
  const buckets =
    fixed === null ? lengthBuckets(lengths, countMax) : [{ length: fixed, places: lengths.map((_, place) => place) }];
  return { model: model!, task: task!, texts, ids, buckets, cutCount };
}
