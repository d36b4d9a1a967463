/** Asks the thread of tokens; see text-thread.ts. */
import { Piscina } from "piscina";
import { endOfSomeTexts } from "../../shared/hub/text-tokens.ts";
import { TOKENIZER_MS_MAX } from "../../shared/protocol/limits.ts";
import { runInTime } from "../hub/run-in-time.ts";
import type { ReceivedFile } from "../intake/received-file.ts";
import type { AskedFolder, TextAnswer, TextModelFacts, TextWork } from "./text-thread.ts";

/** A thread without texts goes after so long; the next one reads its folders anew. */
const IDLE_MS_MAX = 600_000;
/** A folder whose work did not end in time is left alone: others wait for the thread. Nothing more is asked of its folder for so long. */
const STUCK_MS = 600_000;

/** A model's folder is none that can be used: for people. */
export class TextModelError extends Error {
  override readonly name = "TextModelError";
}

export class TextWorks {
  readonly #pool = new Piscina<TextWork, TextAnswer>({
    filename: new URL("./text-thread.mjs", import.meta.url).href,
    execArgv: [],
    minThreads: 0,
    maxThreads: 1,
    idleTimeout: IDLE_MS_MAX,
    concurrentTasksPerWorker: 1,
  });
  readonly #newPath: () => string;
  readonly #workMsMax: number;
  /** Until when nothing is asked of a folder. */
  readonly #stuck = new Map<string, number>();
  /** Ends with the work that was asked for last. */
  #turn: Promise<unknown> = Promise.resolve();

  /** @param newPath where a changed model may be written, until it is taken in (ModelIntake) */
  constructor(newPath: () => string, workMsMax = TOKENIZER_MS_MAX) {
    this.#newPath = newPath;
    this.#workMsMax = workMsMax;
  }

  /** @throws TextModelError */
  async look(asked: AskedFolder): Promise<TextModelFacts> {
    return (await this.#run({ work: "look", ...asked })) as TextModelFacts;
  }

  /** @returns ids of each text, special tokens among them @throws TextModelError */
  async encode(asked: AskedFolder, texts: readonly string[]): Promise<(readonly number[])[]> {
    const all: (readonly number[])[] = [];
    for (let start = 0; start < texts.length; start = all.length) {
      const some = texts.slice(start, endOfSomeTexts(texts, start));
      const { ids } = (await this.#run({ work: "encode", texts: some, ...asked })) as Extract<
        TextAnswer,
        { ids: unknown }
      >;
      all.push(...ids);
    }
    return all;
  }

  /** @returns what is uploaded for texts of so many tokens, to be taken in (ModelIntake) @throws TextModelError */
  async files(asked: AskedFolder, length: number): Promise<readonly ReceivedFile[]> {
    const changedPath = this.#newPath();
    const answer = await this.#run({ work: "files", length, changedPath, ...asked });
    return (answer as Extract<TextAnswer, { files: unknown }>).files;
  }

  close(): Promise<void> {
    return this.#pool.destroy();
  }

  async #run(work: TextWork): Promise<TextAnswer> {
    // One after another, so that the time of each is its own.
    const run = this.#turn.then(() => this.#inTime(work));
    this.#turn = run.catch(() => undefined);
    const answer = await run;
    if ("problem" in answer) throw new TextModelError(answer.problem);
    return answer;
  }

  async #inTime(work: TextWork): Promise<TextAnswer> {
    const { folder } = work;
    const problem = `the model's folder: expected an answer within ${this.#workMsMax / 1000} s, got none; patterns of its tokenizer.json may be too slow`;
    const until = this.#stuck.get(folder);
    if (until !== undefined && until > performance.now()) return { problem };
    this.#stuck.delete(folder);
    const answer = await runInTime(this.#pool, work, this.#workMsMax);
    if (answer !== null) return answer;
    this.#stuck.set(folder, performance.now() + STUCK_MS);
    return { problem };
  }
}
