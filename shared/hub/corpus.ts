/** A text model's folder and a file of texts as jobs: texts as tokens, sorted into a few lengths. */
import { Problems } from "../inputs/problems.ts";
import type { Texts } from "../inputs/texts.ts";
import { REFUSED_TEXTS_NAMED_MAX } from "../protocol/limits.ts";
import type { HubPlace } from "./hub-place.ts";
import { lengthBuckets } from "./length-buckets.ts";
import type { Pool } from "./pooling.ts";
import { type TextModel, type TextTask, textModel, textTask } from "./text-model.ts";
import { endOfSomeTexts, type TokenizerFiles } from "./text-tokens.ts";

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

/** Where a folder's patterns go through texts, if not here: they may never end. */
export interface CorpusTokenizer {
  /** Before a tokenizer is made of the files here. @throws InputError */
  prepare(files: TokenizerFiles): Promise<void>;
  /** @param where the texts stand, for errors. @returns ids of each, special tokens among them @throws InputError */
  encode(texts: readonly string[], where: string): Promise<readonly (readonly number[])[]>;
}

export interface CorpusOptions {
  readonly pool: Pool | null;
  readonly normalizes: boolean | null;
  /** Texts that are too long are cut, and not refused. */
  readonly truncates: boolean;
  readonly tokenizer?: CorpusTokenizer;
  /** Told now and then: how many texts are tokens. */
  onTexts(done: number, of: number): void | Promise<void>;
}

/** @throws InputError with all that is wrong, each text by its line */
export async function hubCorpus(
  place: HubPlace,
  readTexts: () => Promise<Texts>,
  options: CorpusOptions,
): Promise<HubCorpus> {
  const problems = new Problems(REFUSED_TEXTS_NAMED_MAX);
  const { tokenizer } = options;
  const model = await textModel(place, problems, (files) => tokenizer?.prepare(files));
  const task = model === null ? null : await problems.attempt(() => textTask(model, options.pool, options.normalizes));
  const read = await problems.attempt(readTexts);
  problems.throwIfAny();
  const { texts, whereIs } = read!;
  const { tokens } = model!;
  const fixed = model!.fixedLength;
  const countMax = fixed ?? tokens.countMax ?? Number.MAX_SAFE_INTEGER;
  const emptyCount = tokens.emptyCount;
  const ids: number[][] = [];
  let cutCount = 0;
  for (let start = 0; start < texts.length; ) {
    const end = endOfSomeTexts(texts, start);
    const some = texts.slice(start, end);
    const where = end - start === 1 ? whereIs(start) : `${whereIs(start)} to ${whereIs(end - 1)}`;
    const encoded = (await tokenizer?.encode(some, where)) ?? some.map((text) => tokens.encode(text));
    for (const [i, whole] of encoded.entries()) {
      const at = whereIs(start + i);
      if (whole.length <= emptyCount) problems.add(`${at}: expected a text, got an empty one`);
      else if (whole.length > countMax && !options.truncates) {
        problems.add(`${at}: expected at most ${countMax} tokens, got ${whole.length}; --truncate cuts it`);
      }
      if (whole.length > countMax) cutCount++;
      ids.push(tokens.cut(whole, countMax));
    }
    start = end;
    await options.onTexts(ids.length, texts.length);
  }
  problems.throwIfAny();
  const lengths = ids.map(({ length }) => length);
  const buckets =
    fixed === null ? lengthBuckets(lengths, countMax) : [{ length: fixed, places: lengths.map((_, place) => place) }];
  return { model: model!, task: task!, texts, ids, buckets, cutCount };
}
