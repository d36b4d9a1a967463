/** [TB3] What one reader of a job has been told of answers whose `final` was taken back, and what there is to tell now. */
import { type Acceptance, isReady } from "../../../../shared/kinds/inference/acceptance.ts";
import type { AnswerView, TakenBackNotice, TakingView } from "../../../../shared/kinds/inference/answers.ts";
import { ANSWERS_PER_LOOK_MAX } from "../../../../shared/protocol/limits.ts";
import { takingKey } from "../core/taken-back.ts";
import type { InferencePort } from "../port.ts";

/** Indices in one event. */
const INDICES_PER_EVENT_MAX = 1_000;

/** Of each answer that is taken back: by what. */
type Told = ReadonlyMap<number, TakingView>;

export interface TakenBackNews {
  readonly takenBack: readonly TakenBackNotice[];
  /** Of whoever is believed again. */
  readonly finalAgain: readonly TakenBackNotice[];
}

export class TakenBackTeller {
  readonly #desk: Pick<InferencePort, "takings" | "queriesTakenBack" | "answersTo">;
  readonly #jobId: string;
  #counts = "";
  #told: Told = new Map();
  /** Told as taken back, and not answered again since; with whose answers are not waited for. */
  readonly #pending = new Map<number, string | null>();

  constructor(desk: Pick<InferencePort, "takings" | "queriesTakenBack" | "answersTo">, jobId: string) {
    this.#desk = desk;
    this.#jobId = jobId;
  }

  /** What has changed since this was asked last. @param below only of answers before this index: others were not given out yet */
  async news(below: number): Promise<TakenBackNews> {
    const takings = (await this.#desk.takings(this.#jobId)) ?? [];
    const counts = takings.map((taking) => `${takingKey(taking)} ${taking.count}`).join();
    if (counts === this.#counts) return { takenBack: [], finalAgain: [] };
    const queries = (await this.#desk.queriesTakenBack(this.#jobId)) ?? new Map<string, readonly number[]>();
    this.#counts = counts;
    const before = this.#told;
    const now = new Map<number, TakingView>();
    for (const { count: _count, finalAgain: _again, ...taking } of takings) {
      for (const index of queries.get(takingKey(taking)) ?? []) now.set(index, taking);
    }
    this.#told = now;
    const takenBack = this.#notices(now, before, below);
    const finalAgain = this.#notices(before, now, below);
    for (const { volunteerId, indices } of takenBack)
      for (const index of indices) this.#pending.set(index, volunteerId);
    for (const { indices } of finalAgain) for (const index of indices) this.#pending.delete(index);
    return { takenBack, finalAgain };
  }

  /** Answers that were told as taken back, and that somebody else has given since. */
  async answeredAgain(accept: Acceptance): Promise<AnswerView[]> {
    if (this.#pending.size === 0) return [];
    const asked = [...this.#pending.keys()].slice(0, ANSWERS_PER_LOOK_MAX);
    const views = (await this.#desk.answersTo(this.#jobId, asked)) ?? [];
    const again = views.filter((view) => {
      const named = this.#pending.get(view.index);
      const isAnothers = named !== null && named !== view.volunteerId && view.mark !== "missing";
      return view.final || (isAnothers && isReady(view, accept));
    });
    for (const { index } of again) this.#pending.delete(index);
    // What is not there yet is asked for behind the others.
    for (const index of asked) {
      const named = this.#pending.get(index);
      if (named !== undefined && this.#pending.delete(index)) this.#pending.set(index, named);
    }
    return again;
  }

  /** Of each taking in `told` the answers that `other` does not have so. */
  #notices(told: Told, other: Told, below: number): TakenBackNotice[] {
    const news = new Map<TakingView, number[]>();
    for (const [index, taking] of told) {
      if (index >= below || !isNews(taking, other.get(index))) continue;
      const indices = news.get(taking);
      if (indices === undefined) news.set(taking, [index]);
      else indices.push(index);
    }
    return [...news].flatMap(([taking, indices]) =>
      inParts(indices).map((part) => ({ jobId: this.#jobId, ...taking, indices: part })),
    );
  }
}

/** Of an answer that was taken back twice the later naming is said: that is news of it, and nothing of the earlier one is. */
function isNews({ atMs, volunteerId }: TakingView, other: TakingView | undefined): boolean {
  return other === undefined || atMs > other.atMs || (atMs === other.atMs && volunteerId !== other.volunteerId);
}

function inParts(indices: readonly number[]): number[][] {
  const parts: number[][] = [];
  for (let from = 0; from < indices.length; from += INDICES_PER_EVENT_MAX) {
    parts.push(indices.slice(from, from + INDICES_PER_EVENT_MAX));
  }
  return parts;
}

/** As server-sent events; none has an id: what is told again after a lost connection is the same. */
export function newsEvents({ takenBack, finalAgain }: TakenBackNews): string {
  const events = [
    ...takenBack.map((notice) => ["taken-back", notice] as const),
    ...finalAgain.map((notice) => ["final-again", notice] as const),
  ];
  return events.map(([event, notice]) => `event: ${event}\ndata: ${JSON.stringify(notice)}\n\n`).join("");
}
