/** Operators who let a volunteer go, and wait until that is durable. */
import type { ApiProblem } from "../web/coordinator-port.ts";

export class Releases {
  readonly #waiting = new Map<string, (problem: ApiProblem | null) => void>();

  /** @returns null once the release of this volunteer is durable, or why it will not be */
  wait(volunteerId: string): Promise<ApiProblem | null> {
    return new Promise((resolve) => this.#waiting.set(volunteerId, resolve));
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
