/** What volunteers said that they work for, kept apart from the coordinator's own books. SPEC.md WC1 to WC3, DV2. */
import type { Effect } from "../../../server/coordinator/effects.ts";
import type { CoordinatorEvent } from "../../../server/coordinator/events.ts";
import { areOne } from "../../../server/coordinator/persons.ts";
import type { CoordinatorState } from "../../../server/coordinator/state.ts";
import { INFERENCE } from "../../../server/kinds/inference/core/work.ts";
import { rowsJob } from "../../../server/kinds/inference/rows/core/rows-job.ts";
import type { RowClaim } from "../../../server/kinds/inference/rows/work.ts";
import type { WorkChoice } from "../../../shared/protocol/messages.ts";

type Sent = Extract<Effect, { type: "sendAssignment" }>;

export class ChoiceRule {
  readonly #state: CoordinatorState;
  readonly #said = new Map<string, WorkChoice>();
  /** When it stopped choosing last, by volunteer. */
  readonly #untilMs = new Map<string, number>();

  constructor(state: CoordinatorState) {
    this.#state = state;
  }

  /** The event has been applied. */
  learn(event: CoordinatorEvent): void {
    if (event.type === "sessionOpened") this.#says(event.volunteerId, event.choice ?? null);
    if (event.type !== "choiceChanged") return;
    const session = this.#state.sessions.get(event.sessionId);
    if (session !== undefined) this.#says(session.volunteerId, event.choice);
  }

  #says(volunteerId: string, choice: WorkChoice | null): void {
    const isAtWork = (jobId: string) => this.#state.jobsAtWork.has(jobId);
    const isOne = choice !== null && (choice.projects !== null || choice.refused.some(isAtWork));
    if (this.#said.has(volunteerId)) this.#untilMs.set(volunteerId, this.#state.nowMs);
    if (isOne) this.#said.set(volunteerId, choice);
    else this.#said.delete(volunteerId);
  }

  /** @returns one sentence for each rule that this assignment breaks */
  problemsOf({ volunteerId, jobId, payload, kind }: Sent): string[] {
    const job = this.#state.jobs.get(jobId);
    if (job === undefined) return [];
    const { projects = null, refused = [] } = this.#said.get(volunteerId) ?? {};
    const isTaken =
      !refused.includes(jobId) && (projects === null || projects.includes(job.stored.submission.submitter));
    const problems = isTaken ? [] : [`[WC1] ${volunteerId} does not work for ${jobId}, and is sent some of it`];
    if (kind !== INFERENCE) return problems;
    return [...problems, ...this.#problemsOfWords(volunteerId, jobId, payload as RowClaim)];
  }

  /** [RW9] [DV2] [WC3] Who gives a second word on a row is not its author, no device of the author's, and has not chosen the job. */
  #problemsOfWords(volunteerId: string, jobId: string, { rows }: RowClaim): string[] {
    const job = rowsJob(this.#state, jobId);
    return rows.flatMap(({ place, as }) => {
      const author = as === "word" ? (job?.ledger?.authorOf(place) ?? null) : null;
      if (job === undefined || author === null) return [];
      if (author === volunteerId || areOne(this.#state, author, volunteerId))
        return [`[RW9] ${volunteerId} is to check its own row ${place} of ${jobId}`];
      return this.#chose(volunteerId, job.stored.submittedMs)
        ? [`[WC3] ${volunteerId} chose ${jobId}, and checks it`]
        : [];
    });
  }

  #chose(volunteerId: string, submittedMs: number): boolean {
    return this.#said.has(volunteerId) || submittedMs <= (this.#untilMs.get(volunteerId) ?? -1);
  }
}
