/** Operators who let a volunteer go, and wait until that is durable. */
import type { VolunteerView } from "../../shared/protocol/crowd-api.ts";
import type { Happening } from "../coordinator/events.ts";
import type { CoordinatorState } from "../coordinator/state.ts";
import { type ApiProblem, isProblem } from "../web/coordinator-port.ts";
import { volunteerView } from "./crowd-views.ts";

export class Releases {
  readonly #state: CoordinatorState;
  readonly #happen: (happening: Happening) => void;
  readonly #waiting = new Map<string, (problem: ApiProblem | null) => void>();

  constructor(state: CoordinatorState, happen: (happening: Happening) => void) {
    this.#state = state;
    this.#happen = happen;
  }

  /** @returns the volunteer once its release is durable, or why it will not be */
  async release(volunteerId: string, reason: string): Promise<VolunteerView | ApiProblem> {
    const volunteer = this.#state.volunteers.get(volunteerId);
    if (volunteer === undefined) {
      return { status: 404, code: "unknown-volunteer", message: `there is no volunteer ${volunteerId}` };
    }
    if (volunteer.quarantine === null) {
      const message = "expected a quarantined volunteer, got one that is not";
      return { status: 409, code: "not-quarantined", message };
    }
    const durable = new Promise<ApiProblem | null>((resolve) => this.#waiting.set(volunteerId, resolve));
    this.#happen({ type: "volunteerReleased", volunteerId, reason });
    return (await durable) ?? volunteerView(volunteer);
  }

  /** [VF11] Everybody that one job named. @returns those who are free, once that is durable; what they are named for elsewhere stands */
  async releaseNamedBy(jobId: string, reason: string): Promise<VolunteerView[] | ApiProblem> {
    const named = [...this.#state.volunteers.values()].filter(({ quarantine }) => quarantine?.jobId === jobId);
    if (named.length === 0) {
      const message = `job ${jobId}: expected a job that quarantined volunteers, got a job that named none`;
      return { status: 409, code: "names-nobody", message };
    }
    const replies = await Promise.all(named.map(({ volunteerId }) => this.release(volunteerId, reason)));
    return replies.find(isProblem) ?? replies.flatMap((reply) => (isProblem(reply) ? [] : [reply]));
  }

  answer(volunteerId: string, problem: ApiProblem | null = null): void {
    this.#waiting.get(volunteerId)?.(problem);
    this.#waiting.delete(volunteerId);
  }

  refuseAll(message: string): void {
    const problem = { status: 503, code: "shutting-down", message };
    for (const volunteerId of [...this.#waiting.keys()]) this.answer(volunteerId, problem);
  }
}
