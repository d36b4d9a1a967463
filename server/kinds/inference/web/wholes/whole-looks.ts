/** [CE12] What is looked at again and again of a whole, put together once a second at most for all who watch it here. */
import type { FastifyRequest } from "fastify";
import type { AnswerFilter } from "../../../../../shared/kinds/inference/answers.ts";
import type { InferenceJobView } from "../../../../../shared/kinds/inference/job-view.ts";
import type { JobTimeline } from "../../../../../shared/protocol/timeline-api.ts";
import type { FoundWhole } from "../../../../store/store.ts";
import { takingKey } from "../../core/taken-back.ts";
import { KeptLooks } from "./kept-looks.ts";
import { mergedTimeline, mergedView } from "./merged-view.ts";
import type { PartQuestions, PartSaid } from "./part-questions.ts";

/** What its parts say of themselves, and what it is by that. */
export interface WholeStanding {
  readonly view: InferenceJobView;
  readonly parts: readonly PartSaid["standing"][];
}

export class WholeLooks {
  readonly #questions: PartQuestions;
  readonly #kept = new KeptLooks();

  constructor(questions: PartQuestions) {
    this.#questions = questions;
  }

  /** @throws ApiFailure as PartQuestions.ask; so do the others */
  standing(request: FastifyRequest, whole: FoundWhole): Promise<WholeStanding> {
    const look = async () => {
      const parts = await this.#questions.ask(request, whole, "standing");
      return { view: mergedView(whole, parts), parts };
    };
    const endedIn = ({ parts }: WholeStanding) => parts.filter(({ view }) => view.finishedMs !== null).length;
    return this.#kept.look(whole.wholeId, "standing", whole.partsEnded, look, endedIn);
  }

  async views(request: FastifyRequest, whole: FoundWhole): Promise<InferenceJobView[]> {
    return (await this.standing(request, whole)).parts.map(({ view }) => view);
  }

  timeline(request: FastifyRequest, whole: FoundWhole): Promise<JobTimeline> {
    const look = async () =>
      mergedTimeline(whole, await this.views(request, whole), await this.#questions.ask(request, whole, "timeline"));
    return this.#kept.look(whole.wholeId, "timeline", whole.partsEnded, look);
  }

  /** How many answers of each part a filter lets through. */
  matching(request: FastifyRequest, whole: FoundWhole, only: AnswerFilter): Promise<number[]> {
    const look = () => this.#questions.ask(request, whole, "matching", only);
    return this.#kept.look(whole.wholeId, `matching ${only}`, whole.partsEnded, look);
  }

  /** [TB3] Queries by takingKey, for each part: not older than that standing. */
  takenBack(
    request: FastifyRequest,
    whole: FoundWhole,
    { parts }: WholeStanding,
  ): Promise<ReadonlyMap<string, readonly number[]>[]> {
    const look = async () =>
      (await this.#questions.ask(request, whole, "taken-back")).map((queries) => new Map(queries));
    const counts = parts.map(({ takings }) => takings.map((taking) => `${takingKey(taking)} ${taking.count}`).join());
    return this.#kept.look(whole.wholeId, `taken-back ${counts.join(";")}`, whole.partsEnded, look);
  }

  /** What is asked next sees what was changed. */
  forget(wholeId: string): void {
    this.#kept.forget(wholeId);
  }
}
