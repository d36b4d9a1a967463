/** Asks the thread of tokens; see token-thread.ts. */
import { Piscina } from "piscina";
import type { CorpusTokenizer, PairRules, TextPair } from "../../shared/hub/corpus.ts";
import type { EncodedPair, TokenizerFiles } from "../../shared/hub/text-tokens.ts";
import { InputError } from "../../shared/inputs/input-error.ts";
import { TOKENIZER_MS_MAX } from "../../shared/protocol/limits.ts";
import { runInTime } from "./run-in-time.ts";
import type { TokenAnswer, TokenWork } from "./token-thread.ts";

export class TokenWorks implements CorpusTokenizer {
  readonly #pool = new Piscina<TokenWork, TokenAnswer>({
    filename: new URL("./token-thread.mjs", import.meta.url).href,
    execArgv: [],
    // The one that has the folder's files.
    minThreads: 1,
    maxThreads: 1,
    concurrentTasksPerWorker: 1,
  });
  readonly #workMsMax: number;
  /** Loading the thread's code is not the tokenizer's time. */
  #started: Promise<unknown> | null = null;

  constructor(workMsMax = TOKENIZER_MS_MAX) {
    this.#workMsMax = workMsMax;
  }

  /** @throws InputError where it is no tokenizer that can be used, or is not ready in time */
  async prepare(files: TokenizerFiles): Promise<void> {
    const answer = await this.#inTime({ files }, "tokenizer.json");
    if ("problem" in answer) throw new InputError(answer.problem);
  }

  /** @throws InputError where that takes too long */
  async encode(texts: readonly string[], where: string): Promise<readonly (readonly number[])[]> {
    return ((await this.#inTime({ texts }, where)) as Extract<TokenAnswer, { ids: unknown }>).ids;
  }

  /** @throws InputError where that takes too long, or the tokenizer pairs texts in a way of its own */
  async encodePairs(pairs: readonly TextPair[], rules: PairRules, where: string): Promise<readonly EncodedPair[]> {
    const answer = await this.#inTime({ pairs, ...rules }, where);
    if ("problem" in answer) throw new InputError(answer.problem);
    return (answer as Extract<TokenAnswer, { pairs: unknown }>).pairs;
  }

  close(): Promise<void> {
    return this.#pool.destroy();
  }

  async #inTime(work: TokenWork, where: string): Promise<TokenAnswer> {
    this.#started ??= this.#pool.run("start");
    await this.#started;
    const answer = await runInTime(this.#pool, work, this.#workMsMax);
    if (answer !== null) return answer;
    throw new InputError(
      `${where}: expected tokens within ${this.#workMsMax / 1000} s, got none; a pattern of the folder's tokenizer.json is too slow: ` +
        "take the tokenizer.json of the model's authors, or one without that pattern (normalizer, pre_tokenizer)",
    );
  }
}
