/** The thread that turns texts into tokens for `paritab submit --texts`: a pattern of tokenizer.json that never ends can be ended there. */
import type { PairRules, TextPair } from "../../shared/hub/corpus.ts";
import { type EncodedPair, TextTokens, type TokenizerFiles } from "../../shared/hub/text-tokens.ts";
import { InputError } from "../../shared/inputs/input-error.ts";

/** A folder's files come once, before all texts; "start" before all else. */
export type TokenWork =
  | "start"
  | { readonly files: TokenizerFiles }
  | { readonly texts: readonly string[] }
  | ({ readonly pairs: readonly TextPair[] } & PairRules);
/** Errors lose their class between threads, so what is wrong with the folder is no exception. */
export type TokenAnswer =
  | { readonly problem: string }
  | { readonly ids: readonly (readonly number[])[] }
  | { readonly pairs: readonly EncodedPair[] };

let tokens: TextTokens | null = null;

export default function tokenWork(work: TokenWork): TokenAnswer {
  if (work === "start") return { ids: [] };
  if ("texts" in work) return { ids: work.texts.map((text) => tokens!.encode(text)) };
  try {
    if ("pairs" in work) {
      const { countMax, cuts } = work;
      return { pairs: work.pairs.map(([first, second]) => tokens!.encodePair(first, second, countMax, cuts)) };
    }
    tokens = new TextTokens(work.files);
    // What stands before every text goes through its patterns too.
    return { ids: [tokens.encode("")] };
  } catch (error) {
    if (error instanceof InputError) return { problem: error.message };
    throw error;
  }
}
