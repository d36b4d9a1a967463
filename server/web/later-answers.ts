/**
 * [PR104] Answers that take long: to look through, pack or try a large model takes minutes. A proxy ends a connection that says nothing for a minute,
 * and Node's fetch one that says nothing for five. Whoever can ask again is told after a while where the answer will be.
 */
import { randomBytes } from "node:crypto";
import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import {
  type AnsweredLater,
  LATER_PREFERENCE,
  type LaterAnswer,
  laterAnswerSchema,
  laterSchema,
} from "../../shared/protocol/later-api.ts";
import { LATER_ANSWER_KEPT_MS, LATER_ANSWER_WAIT_MS, LATER_ANSWERS_HELD_MAX } from "../../shared/protocol/limits.ts";
import { markedToken } from "../cells/cell-marks.ts";
import { errorBodyAt } from "../openai/openai-error.ts";
import { identityOf } from "./access-hooks.ts";
import { ApiFailure, RETRY_AFTER_S } from "./api-failure.ts";
import { goesOn } from "./goes-on.ts";
import { problemOf } from "./problem-of.ts";
import { type App, id, route } from "./route.ts";

const ID_BYTES = 18;

interface Held {
  readonly submitter: string;
  readonly outcome: Promise<LaterAnswer>;
  /** null: it is not there yet. */
  settledMs: number | null;
}

export interface LaterOptions {
  /** [CE7] In front of ids: whose they are, of several coordinators; absent: there is one. */
  readonly mark?: string | undefined;
  readonly waitMs?: number | undefined;
}

/** Of requests that were answered with a 202. */
const outcomes = new WeakMap<FastifyRequest, Promise<LaterAnswer>>();

/** How the request was answered in the end; null: its response says so. */
export function laterOutcomeOf(request: FastifyRequest): Promise<LaterAnswer> | null {
  return outcomes.get(request) ?? null;
}

/** Beside the other answers of a route that may be given later. */
export const orLater = {
  202: laterSchema.describe(
    `it takes longer, and the request says \`Prefer: ${LATER_PREFERENCE}\`: where the answer will be`,
  ),
};

export class LaterAnswers {
  readonly #options: LaterOptions;
  readonly #waitMs: number;
  /** The oldest first. */
  readonly #held = new Map<string, Held>();
  /** Ends of waiting. */
  readonly #waiting = new Set<() => void>();
  #isStopping = false;

  constructor(options: LaterOptions) {
    this.#options = options;
    this.#waitMs = options.waitMs ?? LATER_ANSWER_WAIT_MS;
  }

  /**
   * Answers a request with what `work` returns, under this status; or, where that takes longer and the client can ask again, with 202. What
   * `work` throws is the answer too. The work goes on if the client does not.
   */
  async give<T>(
    request: FastifyRequest,
    reply: FastifyReply,
    status: number,
    work: () => Promise<T>,
  ): Promise<T | AnsweredLater> {
    const working = goesOn(request, work);
    const now = () => {
      reply.code(status);
      return working;
    };
    if (!canAskAgain(request)) return now();
    if (await this.#isOver(working)) return now();
    const outcome = working.then(
      (answer): LaterAnswer => ({ status, retryAfterS: null, answer }),
      (error: FastifyError): LaterAnswer => {
        const problem = problemOf(error, request);
        const retryAfterS = problem.status === 503 ? RETRY_AFTER_S : null;
        return { status: problem.status, retryAfterS, answer: errorBodyAt(request.url, problem) };
      },
    );
    outcomes.set(request, outcome);
    reply.code(202);
    return { later: this.hold(identityOf(request).submitter, outcome) };
  }

  /** @returns null: there is none with this id, or it is another submitter's; "not yet": ask again */
  async ask(later: string, submitter: string): Promise<LaterAnswer | "not yet" | null> {
    const held = this.#held.get(later);
    if (held === undefined || held.submitter !== submitter) return null;
    return (await this.#isOver(held.outcome)) ? held.outcome : "not yet";
  }

  /** Nobody is kept waiting any more. */
  stop(): void {
    this.#isStopping = true;
    for (const end of this.#waiting) end();
  }

  /** Waits a while for it. */
  async #isOver(work: Promise<unknown>): Promise<boolean> {
    let end: () => void = () => {};
    const tooLong = new Promise<boolean>((resolve) => {
      end = () => resolve(false);
    });
    const timer = setTimeout(end, this.#isStopping ? 0 : this.#waitMs);
    this.#waiting.add(end);
    const over = work.then(
      () => true,
      () => true,
    );
    const isOver = await Promise.race([over, tooLong]);
    clearTimeout(timer);
    this.#waiting.delete(end);
    return isOver;
  }

  /** @returns the id under which this submitter alone may ask for it */
  hold(submitter: string, outcome: Promise<LaterAnswer>): string {
    this.#makeRoom(submitter);
    const later = markedToken(this.#options.mark, randomBytes(ID_BYTES).toString("base64url"));
    const held: Held = { submitter, outcome, settledMs: null };
    this.#held.set(later, held);
    void outcome.then(() => {
      held.settledMs = performance.now();
    });
    return later;
  }

  /** What was answered long ago goes, and the oldest answers of a submitter that has too many: nobody drives out those of others. */
  #makeRoom(submitter: string): void {
    const beforeMs = performance.now() - LATER_ANSWER_KEPT_MS;
    let own = 0;
    for (const held of this.#held.values()) if (held.submitter === submitter) own++;
    for (const [later, held] of this.#held) {
      if (held.settledMs === null) continue;
      const isOneTooMany = held.submitter === submitter && own >= LATER_ANSWERS_HELD_MAX;
      if (held.settledMs >= beforeMs && !isOneTooMany) continue;
      this.#held.delete(later);
      if (held.submitter === submitter) own--;
    }
  }
}

/** Clients that say nothing of it wait for as long as it takes. */
function canAskAgain({ headers }: FastifyRequest): boolean {
  const preferred = headers.prefer;
  return typeof preferred === "string" && preferred.split(/[,;]/).some((one) => one.trim() === LATER_PREFERENCE);
}

const about =
  "The answer to a request that was answered with 202, once it is there: waits a while for it. It is kept for ten minutes after it is there, " +
  "and goes with a restart of the coordinator: then send the request again.";

export function addLaterRoutes(app: App, answers: LaterAnswers): void {
  // A stop waits for requests that are being answered.
  app.addHook("preClose", async () => answers.stop());
  const options = route(
    { name: "laterAnswer", group: "uploads", about, scope: "submit" },
    {
      params: z.object({ later: id("later answer's") }),
      response: { 200: laterAnswerSchema.describe("it is there"), 202: laterSchema.describe("ask again") },
    },
  );
  app.get("/api/later-answers/:later", options, async (request, reply) => {
    const { later } = request.params;
    const answer = await answers.ask(later, identityOf(request).submitter);
    if (answer === null) {
      const message =
        "there is no such answer (any more): the coordinator may have been started anew; send the request again";
      throw new ApiFailure(404, "unknown-answer", message);
    }
    if (answer !== "not yet") return answer;
    reply.code(202);
    return { later };
  });
}
