/** Answers that were final, and are not any more: what a coordinator tells of them, while their job runs and after. */
import {
  type AnswerFilter,
  type AnswersPage,
  type AnswerView,
  type TakenBack,
  type TakenBackNotice,
  type TakingView,
  takenBackNoticeSchema,
  takenBackSchema,
} from "../kinds/inference/answers.ts";
import { type RedoStarted, type RedoWhich, redoStartedSchema } from "../kinds/inference/redo.ts";
import { ANSWERS_PER_PAGE_MAX } from "../protocol/limits.ts";
import { askAs, posting } from "./ask-as.ts";
import { eventsAt } from "./events-at.ts";
import { ofJob } from "./job-calls.ts";
import { type Asker, Patience, patiently } from "./patience.ts";
import type { Requester } from "./requests.ts";

/** What whoever was given answers may want to hear of them. */
export interface TakenBackHearing {
  /** These answers were called final, and should not be relied on: whoever gave them was found to have lied since. */
  readonly onTakenBack?: ((notice: TakenBackNotice) => void) | undefined;
}

export interface TakenBackEvent extends TakenBackNotice {
  /** final-again: whoever was named is believed again. */
  readonly event: "taken-back" | "final-again";
}

export interface TakenBackCalls {
  /** Has answers of a job that has ended and that are not final done again, by a job of their own; asked again, it is the same one. */
  redo(jobId: string, only?: RedoWhich, signal?: AbortSignal): Promise<RedoStarted>;
  /** Namings that took back answers of this job that were final; which answers: `answers(jobId, { only: "taken-back" })`. */
  takenBack(jobId: string, signal?: AbortSignal): Promise<TakenBack>;
  /** The same as it happens, over one connection, at first what has happened. It has no end; where the connection is lost it throws. */
  takenBackEvents(jobId: string, signal?: AbortSignal): AsyncGenerator<TakenBackEvent, void, undefined>;
}

export function takenBackCalls(requester: Requester): TakenBackCalls {
  return {
    redo: (jobId, only = "not-final", signal) =>
      askAs(requester, `${ofJob(jobId)}/redo`, redoStartedSchema, { ...posting({ only }, signal), mayTakeLong: true }),
    takenBack: (jobId, signal) => askAs(requester, `${ofJob(jobId)}/taken-back.json`, takenBackSchema, { signal }),
    async *takenBackEvents(jobId, signal) {
      for await (const { event, as } of eventsAt(requester, `${ofJob(jobId)}/taken-back.sse`, signal)) {
        if (event === "taken-back" || event === "final-again") yield { event, ...as(takenBackNoticeSchema) };
      }
    },
  };
}

/**
 * What is taken back of a job's answers, each index once, though connections are lost in between; it goes on after the job has ended, until
 * the signal says otherwise.
 * @throws ParitabApiError where the coordinator refuses, or stays away for too long
 */
export async function* watchTakenBack(
  reader: Pick<TakenBackCalls, "takenBackEvents"> & Asker,
  jobId: string,
  signal?: AbortSignal,
): AsyncGenerator<TakenBackEvent, void, undefined> {
  const told = new Map<string, Set<number>>();
  const patience = new Patience(reader, signal);
  for (;;) {
    signal?.throwIfAborted();
    try {
      for await (const notice of reader.takenBackEvents(jobId, signal)) {
        patience.renew();
        const key = keyOf(notice);
        const known = told.get(key) ?? new Set();
        told.set(key, known);
        const isTaken = notice.event === "taken-back";
        const news = notice.indices.filter((index) => known.has(index) !== isTaken);
        for (const index of news) isTaken ? known.add(index) : known.delete(index);
        if (news.length > 0) yield { ...notice, indices: news };
      }
    } catch (error) {
      patience.bear(error);
    }
    await patience.wait();
  }
}

/** Who asks for pages of answers. */
export interface TakenBackReader extends Asker {
  answers(
    jobId: string,
    page: { offset: number; limit: number; only: AnswerFilter },
    signal?: AbortSignal,
  ): Promise<AnswersPage>;
  takenBack(jobId: string, signal?: AbortSignal): Promise<TakenBack>;
}

/** Of answers that were given out: which were taken back since this was asked last. */
export class TakenBackLook {
  readonly #reader: TakenBackReader;
  readonly #jobId: string;
  #counts = "";
  readonly #told = new Set<string>();

  constructor(reader: TakenBackReader, jobId: string) {
    this.#reader = reader;
    this.#jobId = jobId;
  }

  /** @param count how many its job says. @param below of answers before this index */
  async news(count: number, below: number, signal?: AbortSignal): Promise<TakenBackNotice[]> {
    // By naming: an answer that is taken back a second time leaves their sum as it was.
    const counts = count === 0 ? "" : await this.#countsByTaking(signal);
    if (counts === this.#counts) return [];
    this.#counts = counts;
    const byTaking = new Map<string, { taking: TakingView; indices: number[] }>();
    for (let offset = 0; ; ) {
      const asked = { offset, limit: ANSWERS_PER_PAGE_MAX, only: "taken-back" as const };
      const page = await patiently(this.#reader, () => this.#reader.answers(this.#jobId, asked, signal), signal);
      for (const answer of page.answers) this.#note(answer, below, byTaking);
      offset += page.answers.length;
      if (page.answers.length === 0 || offset >= page.matching) break;
    }
    return [...byTaking.values()].map(({ taking, indices }) => ({ jobId: this.#jobId, ...taking, indices }));
  }

  async #countsByTaking(signal?: AbortSignal): Promise<string> {
    const { takings } = await patiently(this.#reader, () => this.#reader.takenBack(this.#jobId, signal), signal);
    return takings.map((taking) => `${keyOf(taking)} ${taking.count}`).join();
  }

  #note(
    { index, takenBack }: AnswerView,
    below: number,
    byTaking: Map<string, { taking: TakingView; indices: number[] }>,
  ) {
    if (takenBack === undefined || index >= below) return;
    const key = keyOf(takenBack);
    if (this.#told.has(`${key} ${index}`)) return;
    this.#told.add(`${key} ${index}`);
    const before = byTaking.get(key) ?? { taking: takenBack, indices: [] };
    before.indices.push(index);
    byTaking.set(key, before);
  }
}

const keyOf = ({ atMs, volunteerId }: Pick<TakingView, "atMs" | "volunteerId">) => `${atMs} ${volunteerId ?? ""}`;
