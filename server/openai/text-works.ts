/** Asks the threads of tokens; see text-thread.ts. */
import { rm } from "node:fs/promises";
import { endOfSomeTexts } from "../../shared/hub/text-tokens.ts";
import { THREAD_QUICK_MS_MAX, TOKENIZER_MS_MAX } from "../../shared/protocol/limits.ts";
import { FairThreads } from "../fair-threads.ts";
import type { ReceivedFile } from "../intake/received-file.ts";
import type { AskedFolder, TextAnswer, TextModelFacts, TextWork } from "./text-thread.ts";

/** A thread without texts goes after so long; the next one reads its folders anew. */
const IDLE_MS_MAX = 600_000;
/** A folder whose work did not end in time is left alone: others wait for the threads. Nothing more is asked of its folder for so long. */
const STUCK_MS = 600_000;

/** A model's folder is none that can be used: for people. */
export class TextModelError extends Error {
  override readonly name = "TextModelError";
}

export class TextWorks {
  readonly #threads: FairThreads<TextWork, TextAnswer>;
  readonly #newPath: () => string;
  readonly #workMsMax: number;
  /** Until when nothing is asked of a folder. */
  readonly #stuck = new Map<string, number>();

  /** @param newPath where a changed model may be written, until it is taken in (ModelIntake) */
  constructor(newPath: () => string, workMsMax = TOKENIZER_MS_MAX, quickMsMax = THREAD_QUICK_MS_MAX) {
    this.#newPath = newPath;
    this.#workMsMax = workMsMax;
    const filename = new URL("./text-thread.mjs", import.meta.url).href;
    this.#threads = new FairThreads({ filename, idleMs: IDLE_MS_MAX, workMsMax, quickMsMax });
  }

  /** @param party who takes turns with whom @throws TextModelError */
  async look(asked: AskedFolder, party: string): Promise<TextModelFacts> {
    return (await this.#run(party, asked, () => ({ work: "look", ...asked }))) as TextModelFacts;
  }

  /** @returns ids of each text, special tokens among them @throws TextModelError */
  async encode(asked: AskedFolder, texts: readonly string[], party: string): Promise<(readonly number[])[]> {
    const all: (readonly number[])[] = [];
    for (let start = 0; start < texts.length; start = all.length) {
      const some = texts.slice(start, endOfSomeTexts(texts, start));
      const answer = await this.#run(party, asked, () => ({ work: "encode", texts: some, ...asked }));
      all.push(...(answer as Extract<TextAnswer, { ids: unknown }>).ids);
    }
    return all;
  }

  /** @returns what is uploaded for texts of so many tokens, to be taken in (ModelIntake) @throws TextModelError */
  async files(asked: AskedFolder, length: number, party: string): Promise<readonly ReceivedFile[]> {
    const paths: string[] = [];
    const answer = await this.#run(party, asked, () => {
      const changedPath = this.#newPath();
      paths.push(changedPath);
      return { work: "files", length, changedPath, ...asked };
    });
    // What a turn that was taken back has begun to write.
    for (const path of paths.slice(0, -1)) await rm(path, { force: true });
    return (answer as Extract<TextAnswer, { files: unknown }>).files;
  }

  close(): Promise<void> {
    return this.#threads.close();
  }

  async #run(party: string, { folder }: AskedFolder, work: () => TextWork): Promise<TextAnswer> {
    const problem = `the model's folder: expected an answer within ${this.#workMsMax / 1000} s, got none; patterns of its tokenizer.json may be too slow`;
    const known = () => (this.#isStuck(folder) ? { problem } : null);
    let answer = await this.#threads.run({ party, work, known });
    if (answer === null) {
      this.#stuck.set(folder, performance.now() + STUCK_MS);
      answer = { problem };
    }
    if ("problem" in answer) throw new TextModelError(answer.problem);
    return answer;
  }

  #isStuck(folder: string): boolean {
    const until = this.#stuck.get(folder);
    if (until !== undefined && until > performance.now()) return true;
    this.#stuck.delete(folder);
    return false;
  }
}
