/**
 * [CE12] The answers of a whole as server-sent events, in the order of its queries: those of its first part, then those of the second, and so on. What is
 * taken back of parts that were told goes on being told. Where a part's coordinator dies so does the connection, and whoever reads asks again.
 */
import type { Readable } from "node:stream";
import type { AnswersEnd } from "../../../../../shared/kinds/inference/answers.ts";
import type { InferenceJobView } from "../../../../../shared/kinds/inference/job-view.ts";
import type { PartRange } from "../../../../../shared/kinds/inference/parts.ts";
import { BEAT } from "../../../../web/event-stream.ts";

export interface WholeTold {
  readonly wholeId: string;
  readonly ranges: readonly PartRange[];
  /** The events of a part's answers, from a query of its own on. */
  answers(index: number, from: number): Promise<Readable>;
  takenBack(index: number): Promise<Readable>;
  view(): Promise<InferenceJobView>;
  /** Resolves after a while. */
  beat(): Promise<void>;
}

/** @param from the first query of the whole that is to be told */
export async function* wholeEvents(told: WholeTold, from: number): AsyncGenerator<string> {
  const { ranges, wholeId } = told;
  const news = new News(told);
  try {
    yield ": answers follow\n\n";
    for (const [index, { firstQuery, queryCount }] of ranges.entries()) {
      if (from < firstQuery + queryCount) {
        const end = yield* news.before(index, blocksOf(await told.answers(index, Math.max(0, from - firstQuery))));
        // Answers behind those that it lacks would not come in their order.
        if (end.state !== "done") break;
      }
      await news.listen(index);
    }
    for (;;) {
      const last = news.taken();
      if (last !== "") yield last;
      const { state, finishedMs, error, queryCount } = await told.view();
      if (finishedMs !== null) {
        yield `event: end\ndata: ${JSON.stringify({ jobId: wholeId, state, error, queryCount })}\n\n`;
        return;
      }
      yield BEAT;
      await told.beat();
    }
  } finally {
    news.close();
  }
}

/** What is taken back of all parts, as long as somebody listens. */
export async function* wholeTakings(told: WholeTold): AsyncGenerator<string> {
  const news = new News(told);
  try {
    yield ": what is taken back follows\n\n";
    for (const index of told.ranges.keys()) await news.listen(index);
    for (;;) {
      yield news.taken() || BEAT;
      await news.heard();
    }
  } finally {
    news.close();
  }
}

/** What is taken back of parts, gathered until it is told. */
class News {
  readonly #told: WholeTold;
  readonly #streams: Readable[] = [];
  #gathered = "";
  #failure: Error | null = null;
  #wake: () => void = () => {};

  constructor(told: WholeTold) {
    this.#told = told;
  }

  async listen(index: number): Promise<void> {
    const { wholeId, ranges } = this.#told;
    const stream = await this.#told.takenBack(index);
    this.#streams.push(stream);
    const gather = async () => {
      for await (const block of blocksOf(stream)) {
        if (block.startsWith(":")) continue;
        this.#gathered += asOfWhole(block, wholeId, ranges[index]!.firstQuery);
        this.#wake();
      }
      throw new Error("the connection to a part was lost");
    };
    gather().catch((error: Error) => {
      this.#failure = error;
      this.#wake();
    });
  }

  /** @throws Error where a part cannot be heard any more */
  taken(): string {
    if (this.#failure !== null) throw this.#failure;
    const gathered = this.#gathered;
    this.#gathered = "";
    return gathered;
  }

  /** Resolves once there is something to take, or after a while. */
  async heard(): Promise<void> {
    // Before a beat begins: one that nobody awaits would fail with nobody listening once the reader is gone.
    if (this.#gathered !== "" || this.#failure !== null) return;
    await Promise.race([
      this.#told.beat(),
      new Promise<void>((resolve) => {
        this.#wake = resolve;
      }),
    ]);
  }

  /** A part's events as those of the whole, each behind what was gathered before it. @returns its end */
  async *before(index: number, blocks: AsyncGenerator<string>): AsyncGenerator<string, AnswersEnd> {
    const { wholeId, ranges } = this.#told;
    for await (const block of blocks) {
      const news = this.taken();
      const end = /^event: end\ndata: (.*)\n/.exec(block)?.[1];
      if (end === undefined) yield news + asOfWhole(block, wholeId, ranges[index]!.firstQuery);
      else if (news !== "") yield news;
      if (end !== undefined) return JSON.parse(end) as AnswersEnd;
    }
    throw new Error("the connection to a part was lost");
  }

  close(): void {
    for (const stream of this.#streams) stream.destroy();
  }
}

/** Each event whole, with the empty line at its end. */
async function* blocksOf(stream: Readable): AsyncGenerator<string> {
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
