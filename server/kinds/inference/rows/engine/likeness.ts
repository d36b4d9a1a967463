/** Which queries of a job are alike, where rows go out with mixtures of them: groups of these are estimated better. SPEC.md SC5, ES1, LJ2. */
import type { JobAnswers } from "../../engine/job-answers.ts";
import type { Computing } from "../../engine/job-data.ts";
import { type Neighbourhood, neighbourhoodOf } from "../../engine/neighbourhood.ts";
import { bytesOfRow } from "../../engine/query-rows.ts";
import { WindowedOrder, windowQueriesOf } from "../../engine/windowed-order.ts";
import { wayOut } from "../core/group-rules.ts";

export class RowLikeness {
  readonly #windows: WindowedOrder;
  readonly #groupSize: number;
  /** By query its place in the order; null: it is not in order yet. */
  #positions: Uint32Array | null = null;

  /** @returns null: its code takes queries as they come, and so does an open job, whose order is time */
  static of(computing: Computing): RowLikeness | null {
    const { plan, job } = computing.data;
    const isSought = plan.groupsByLikeness && wayOut(plan) === "beside" && job.queriesSha256 !== null;
    return isSought ? new RowLikeness(computing) : null;
  }

  private constructor(computing: Computing) {
    const { plan, source } = computing.data;
    this.#groupSize = plan.scheme.queryCount;
    this.#windows = new WindowedOrder(computing, windowQueriesOf(this.#groupSize, bytesOfRow(source)));
  }

  /** The places of the job, groups one after the other, which go out in a secret order. Some second for each 16,384 queries. */
  async order(): Promise<readonly number[]> {
    const { order } = this.#windows;
    await this.#windows.arrangeAll(this.#groupSize);
    const positions = new Uint32Array(order.length);
    order.forEach((place, position) => {
      positions[place] = position;
    });
    this.#positions = positions;
    return [...order];
  }

  /** Queries near the rows of a group; null: nobody knows where queries lie. */
  async near(places: readonly number[], answers: JobAnswers): Promise<Neighbourhood | null> {
    if (this.#positions === null) return null;
    const first = this.#positions[places[0]!]!;
    const end = first + places.length;
    await this.#windows.arrange(first, end, this.#groupSize);
    const window = this.#windows.windowOf(first, end);
    if (window === null) return null;
    return neighbourhoodOf(window.features, window.order, answers, first - window.firstPlace, places.length);
  }
}
