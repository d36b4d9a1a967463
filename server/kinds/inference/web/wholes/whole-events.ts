/**
 * [CE12] The answers of a whole as server-sent events, in the order of its queries: those of its first part, then those of the second, and so on. What is
 * taken back of parts that were told goes on being told. Where the coordinator of the part that is being told dies so does the connection, and whoever reads asks
 * again.
 */
import type { Readable } from "node:stream";
import type { AnswersEnd } from "../../../../../shared/kinds/inference/answers.ts";
import type { PartRange } from "../../../../../shared/kinds/inference/parts.ts";
import { BEAT } from "../../../../web/event-stream.ts";
import { newsEvents, TakenBackTeller } from "../taken-back-teller.ts";
import { AWAY, onlyIf } from "./part-questions.ts";
import type { WholeStanding } from "./whole-looks.ts";

export interface WholeTold {
  readonly wholeId: string;
  readonly ranges: readonly (PartRange & { readonly jobId: string })[];
  /** The events of a part's answers, from a query of its own on. */
  answers(index: number, from: number): Promise<Readable>;
  /** @param partsEnded so many have ended for certain. @returns null: a part is being taken over */
  standing(partsEnded: number): Promise<WholeStanding | null>;
  /** [TB3] Queries by takingKey, for each part: not older than that standing. */
  takenBack(standing: WholeStanding): Promise<readonly ReadonlyMap<string, readonly number[]>[]>;
  /** Has nobody looked at its standing for a while? */
  isDue(): boolean;
  /** @returns after a while, or when nobody reads any more; then false */
  beat(): Promise<boolean>;
}

/** @param from the first query of the whole that is to be told */
export async function* wholeEvents(told: WholeTold, from: number): AsyncGenerator<string> {
  const { ranges, wholeId } = told;
  const news = new News(told);
  let partsEnded = 0;
  yield ": answers follow\n\n";
  for (const [index, { firstQuery, queryCount }] of ranges.entries()) {
    if (from < firstQuery + queryCount) {
      const answers = yield* opened(index, Math.max(0, from - firstQuery));
      if (answers === null) return;
      const end = yield* answersOf(index, blocksOpened(answers));
      partsEnded++;
      // Answers behind those that it lacks would not come in their order.
      if (end.state !== "done") break;
    }
    news.listenTo(index);
  }
  do {
    const standing = await told.standing(partsEnded);
    if (standing !== null) {
      const last = await news.by(standing);
      if (last !== "") yield last;
      const { state, finishedMs, error, queryCount } = standing.view;
      if (finishedMs !== null) {
        yield `event: end\ndata: ${JSON.stringify({ jobId: wholeId, state, error, queryCount })}\n\n`;
        return;
      }
    }
    yield BEAT;
  } while (await told.beat());

  /** [CE11] As soon as a coordinator has it. @returns null: nobody reads any more */
  async function* opened(index: number, first: number): AsyncGenerator<string, Readable | null> {
    for (;;) {
      const answers = await told.answers(index, first).catch(onlyIf(AWAY));
      if (answers !== null) return answers;
      yield (index > 0 && told.isDue() ? await news.now() : "") || BEAT;
      if (!(await told.beat())) return null;
    }
  }

  /** A part's events as those of the whole, each behind what was taken back before it. @returns its end */
  async function* answersOf(index: number, blocks: AsyncGenerator<string>): AsyncGenerator<string, AnswersEnd> {
    for await (const block of blocks) {
      const before = index > 0 && told.isDue() ? await news.now() : "";
      const end = /^event: end\ndata: (.*)\n/.exec(block)?.[1];
      if (end === undefined) yield before + asOfWhole(block, wholeId, ranges[index]!.firstQuery);
      else if (before !== "") yield before;
      if (end !== undefined) return JSON.parse(end) as AnswersEnd;
    }
    throw new Error("the connection to a part was lost");
  }
}

/** What is taken back of all parts, as long as somebody listens. */
export async function* wholeTakings(told: WholeTold): AsyncGenerator<string> {
  const news = new News(told);
  yield ": what is taken back follows\n\n";
  for (const index of told.ranges.keys()) news.listenTo(index);
  do {
    yield (await news.now()) || BEAT;
  } while (await told.beat());
}

/** What is taken back of parts, and was not told to this reader. */
class News {
  readonly #told: WholeTold;
  readonly #tellers = new Map<number, TakenBackTeller>();
  #standing!: WholeStanding;

  constructor(told: WholeTold) {
    this.#told = told;
  }

  /** All that was taken back of it before is news too. */
  listenTo(index: number): void {
    const takenBack = async () => (await this.#told.takenBack(this.#standing))[index] ?? null;
    const desk = {
      takings: async () => [...this.#standing.parts[index]!.takings],
      queriesTakenBack: takenBack,
      answersTo: async () => [],
    };
    this.#tellers.set(index, new TakenBackTeller(desk, this.#told.ranges[index]!.jobId));
  }

  async now(): Promise<string> {
    const standing = await this.#told.standing(0);
    return standing === null ? "" : this.by(standing);
  }

  async by(standing: WholeStanding): Promise<string> {
    this.#standing = standing;
    const { wholeId, ranges } = this.#told;
    let events = "";
    for (const [index, teller] of this.#tellers) {
      // What cannot be asked now is asked with the next look: what other tellers have told is not to be lost.
      const news = await teller.news(Number.POSITIVE_INFINITY).catch(onlyIf(AWAY));
      if (news === null) continue;
      const blocks = newsEvents(news).split("\n\n");
      for (const block of blocks) if (block !== "") events += asOfWhole(block, wholeId, ranges[index]!.firstQuery);
    }
    return events;
  }
}

/** Each event whole, with the empty line at its end. */
async function* blocksOpened(stream: Readable): AsyncGenerator<string> {
  let text = "";
  for await (const piece of stream.setEncoding("utf8")) {
    text += piece as string;
    const blocks = text.split("\n\n");
    text = blocks.pop()!;
    for (const block of blocks) yield `${block}\n\n`;
  }
}

/** Numbers of a part's queries become those of the whole. */
function asOfWhole(block: string, wholeId: string, firstQuery: number): string {
  const lines = block.trimEnd().split("\n");
  const ofWhole = lines.map((line) => {
    if (line.startsWith("id: ")) return `id: ${firstQuery + Number(line.slice(4))}`;
    if (!line.startsWith("data: ")) return line;
    const said = JSON.parse(line.slice(6)) as { jobId?: string; index?: number; indices?: number[] };
    return `data: ${JSON.stringify({
      ...said,
      ...(said.jobId === undefined ? {} : { jobId: wholeId }),
      ...(said.index === undefined ? {} : { index: firstQuery + said.index }),
      ...(said.indices === undefined ? {} : { indices: said.indices.map((query) => firstQuery + query) }),
    })}`;
  });
  return `${ofWhole.join("\n")}\n\n`;
}
