import { readFile } from "node:fs/promises";
import { afterEach, expect, test } from "vitest";
import { hubCorpus } from "../../shared/hub/corpus.ts";
import type { HubPlace } from "../../shared/hub/hub-place.ts";
import { TextTokens } from "../../shared/hub/text-tokens.ts";
import { hubPlace } from "./hub-folder.ts";
import { TokenWorks } from "./token-works.ts";

const ENCODER = new URL("../../e2e/models/small-encoder/", import.meta.url);
const json = async (name: string) => JSON.parse(await readFile(new URL(name, ENCODER), "utf8"));
const FILES = {
  tokenizer: await json("tokenizer.json"),
  tokenizerConfig: await json("tokenizer_config.json"),
  config: await json("config.json"),
  sentenceConfig: null,
};
/** It tries every way to divide a text's a's, and there are twice as many with each of them. */
const ENDLESS = { type: "Split", pattern: { Regex: "(a+)+$" }, behavior: "Isolated", invert: false };
const endless = { ...FILES.tokenizer, normalizer: null, pre_tokenizer: ENDLESS };
const STUCK = `${"a".repeat(60)}b`;

let works: TokenWorks;
afterEach(() => works.close());

const corpusOf = (place: HubPlace, texts: readonly string[]) =>
  hubCorpus(place, async () => ({ texts, pairs: null, whereIs: (at: number) => `x.txt, line ${at + 1}` }), {
    ...{ pool: null, normalizes: null, truncates: false, onTexts() {} },
    tokenizer: works,
  });

test("a thread's tokens are those of the folder's tokenizer", async () => {
  works = new TokenWorks();
  const texts = Array.from({ length: 600 }, (_, i) => `the ship ${i} sails`);
  const { ids } = await corpusOf(await hubPlace(ENCODER.pathname), texts);
  const tokens = new TextTokens(FILES);
  expect(ids).toEqual(texts.map((text) => tokens.encode(text)));
});

test("texts on which a pattern never ends are refused by their lines, and the process goes on", async () => {
  works = new TokenWorks(6_000);
  const place = await hubPlace(ENCODER.pathname);
  const read: HubPlace["read"] = async (name, bytesMax) =>
    name === "tokenizer.json" ? new Uint8Array(Buffer.from(JSON.stringify(endless))) : place.read(name, bytesMax);
  await expect(corpusOf({ ...place, read }, ["the king", STUCK])).rejects.toThrow(
    "x.txt, line 1 to x.txt, line 2: expected tokens within 6 s, got none; a pattern of the folder's tokenizer.json is too slow",
  );
});

test("a tokenizer that never ends at the prompt before every text is refused before any text", async () => {
  works = new TokenWorks(6_000);
  const promptConfig = { prompts: { query: STUCK }, default_prompt_name: "query" };
  await expect(works.prepare({ ...FILES, tokenizer: endless, promptConfig })).rejects.toThrow(
    /^tokenizer.json: expected tokens within 6 s/,
  );
});

test("what is no tokenizer is refused as it is without a thread", async () => {
  works = new TokenWorks();
  await expect(works.prepare({ ...FILES, tokenizer: { model: { type: "Nope" } } })).rejects.toThrow(
    /^tokenizer.json: expected a tokenizer that can be read, got another one/,
  );
});
