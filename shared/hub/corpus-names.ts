/** What of a corpus is needed to read the model's answers, wherever that is: it stays with the jobs. */
import { contextTokens } from "./answer-spans.ts";
import type { HubCorpus } from "./corpus.ts";
import type { KeptTexts } from "./kept-names.ts";
import { ownTokens } from "./token-lines.ts";

/** @returns of all texts, in order; no jobs are known yet */
export function textsToKeep({ model, task, texts, pairs, ids, paired }: HubCorpus): Omit<KeptTexts, "seal" | "top"> {
  const { gives, normalizes, output } = task;
  const { labels, tokens } = model;
  return {
    kind: "texts",
    texts: [...texts],
    pairs: pairs && [...pairs],
    ...{ gives, normalizes, output },
    labels: labels && { holds: labels.holds, names: [...labels.names] },
    tokens: gives === "tokens" ? ids.map((own) => mutable(ownTokens(own, tokens))) : null,
    spans: gives === "spans" ? ids.map((own, at) => mutable(contextTokens(own, paired![at]!.second, tokens))) : null,
    candidates: null,
    jobs: [],
    places: texts.map((_, at) => at),
    total: texts.length,
  };
}

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] extends readonly (infer One)[] ? One[] : T[Name] };
const mutable = <T>(given: T) => given as Mutable<T>;
