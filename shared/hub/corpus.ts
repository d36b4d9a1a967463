/** A text model's folder and a file of texts as jobs: texts as tokens, sorted into a few lengths. */
import { Problems } from "../inputs/problems.ts";
import type { Texts } from "../inputs/texts.ts";
import { REFUSED_TEXTS_NAMED_MAX } from "../protocol/limits.ts";
import type { HubPlace } from "./hub-place.ts";
import { lengthBuckets } from "./length-buckets.ts";
import type { Pool } from "./pooling.ts";
import { type TextModel, type TextTask, textModel, textTask } from "./text-model.ts";
import { type EncodedPair, endOfSomeTexts, type PairCuts, type TokenizerFiles } from "./text-tokens.ts";

export interface HubCorpus {
  readonly model: TextModel;
  readonly task: TextTask;
  readonly texts: readonly string[];
  /** The second text of each; null: they are single. */
  readonly pairs: readonly string[] | null;
  /** Ids of each text, cut where that was asked for. */
  readonly ids: readonly (readonly number[])[];
  /** Of pairs: types of the tokens, and where the second text's stand; null: they are single. */
  readonly paired: readonly Pick<EncodedPair, "types" | "second">[] | null;
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
  encodePairs(pairs: readonly TextPair[], rules: PairRules, where: string): Promise<readonly EncodedPair[]>;
}

export type TextPair = readonly [first: string, second: string];
export interface PairRules {
  readonly countMax: number;
  readonly cuts: PairCuts;
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
  const read = await problems.attempt(readTexts);
  const arePairs = read?.pairs != null;
  const task =
    model === null ? null : await problems.attempt(() => textTask(model, options.pool, options.normalizes, arePairs));
  problems.throwIfAny();
  const { texts, pairs, whereIs } = read!;
  const { tokens } = model!;
  const fixed = model!.fixedLength;
  const countMax = fixed ?? tokens.countMax ?? Number.MAX_SAFE_INTEGER;
  const emptyCount = tokens.emptyCount;
  const ids: (readonly number[])[] = [];
  const paired: Pick<EncodedPair, "types" | "second">[] = [];
  const cuts = task!.gives === "spans" ? "second" : "longest";
  const encodedPairs = async (start: number, end: number, where: string) => {
    const some = texts.slice(start, end).map((text, i) => [text, pairs![start + i]!] as const);
    return (
      (await tokenizer?.encodePairs(some, { countMax, cuts }, where)) ??
      some.map(([first, second]) => tokens.encodePair(first, second, countMax, cuts))
    );
  };
  let cutCount = 0;
  for (let start = 0; start < texts.length; ) {
    const end = endOfSomeTexts(texts, start);
    const some = texts.slice(start, end);
    const where = end - start === 1 ? whereIs(start) : `${whereIs(start)} to ${whereIs(end - 1)}`;
    const isEmpty = (place: number) => texts[place]!.trim() === "" || pairs![place]!.trim() === "";
    const encoded =
      pairs === null
        ? ((await tokenizer?.encode(some, where)) ?? some.map((text) => tokens.encode(text))).map((whole) => ({
            ids: tokens.cut(whole, countMax),
            count: whole.length,
            isEmpty: whole.length <= emptyCount,
          }))
        : (await encodedPairs(start, end, where)).map((pair, i) => {
            paired.push({ types: pair.types, second: pair.second });
            return { ids: pair.ids, count: pair.count, isEmpty: isEmpty(start + i) };
          });
    for (const [i, { ids: kept, count, isEmpty }] of encoded.entries()) {
      const at = whereIs(start + i);
      if (isEmpty) problems.add(`${at}: expected a text, got an empty one`);
      else if (count > countMax && !options.truncates) {
        problems.add(`${at}: expected at most ${countMax} tokens, got ${count}; --truncate cuts it`);
      }
      if (count > countMax) cutCount++;
      ids.push(kept);
    }
    start = end;
    await options.onTexts(ids.length, texts.length);
  }
  problems.throwIfAny();
  const lengths = ids.map(({ length }) => length);
  const buckets =
    fixed === null ? lengthBuckets(lengths, countMax) : [{ length: fixed, places: lengths.map((_, place) => place) }];
  return { model: model!, task: task!, texts, pairs, ids, paired: pairs === null ? null : paired, buckets, cutCount };
}
