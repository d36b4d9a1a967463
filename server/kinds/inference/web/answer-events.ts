/** GET /api/jobs/:jobId/answers.sse: the answers of a job in the order of its queries, each as soon as it is ready. */
import { Readable } from "node:stream";
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { ACCEPTANCES, type Acceptance, acceptanceOf, isReady } from "../../../../shared/kinds/inference/acceptance.ts";
import {
  type AnswersEnd,
  type AnswerView,
  answersEndSchema,
  answerViewSchema,
} from "../../../../shared/kinds/inference/answers.ts";
import {
  ANSWER_READER_BEAT_MS,
  ANSWER_READER_STUCK_MS_MAX,
  ANSWER_READERS_MAX,
  ANSWER_READERS_PER_JOB_MAX,
  ANSWERS_PER_LOOK_MAX,
} from "../../../../shared/protocol/limits.ts";
import { ApiFailure } from "../../../web/api-failure.ts";
import { Bell, unlessStuck } from "../../../web/event-stream.ts";
import { unknownJob } from "../../../web/job-address.ts";
import { content, jobParams, route } from "../../../web/route.ts";
import type { Web } from "../../../web/web-kind.ts";
import type { InferencePort } from "../port.ts";
import { requireInference } from "./stream-routes.ts";

const readingSchema = z.object({
  from: z.coerce.number().int().min(0).default(0).describe("the first query"),
  accept: z
    .enum(ACCEPTANCES)
    .optional()
    .describe(
      "when an answer is ready: whatever there is, estimates too; checked; or not taken back any more. Unless it is said: first for jobs that are `fast`, else verified",
    ),
});
const lastSeenHeader = z.looseObject({
  "last-event-id": z.any().optional().describe("goes on behind this answer; browsers send it when they connect again"),
});
const about =
  "The answers of an inference job as server-sent events, in the order of its queries, each as soon as it is ready: `answer`, whose " +
  "id is its index, and at last one `end`. Without that the connection was lost: ask again from where it was.";

export interface ReaderTimes {
  readonly beatMs: number;
  readonly stuckMs: number;
}
const TIMES: ReaderTimes = { beatMs: ANSWER_READER_BEAT_MS, stuckMs: ANSWER_READER_STUCK_MS_MAX };

export function addAnswerEvents({ app, port }: Pick<Web, "app" | "port">, desk: InferencePort, times = TIMES): void {
  const readers = new Readers();
  // A stop waits for requests that are being answered: these would be for ever.
  app.addHook("preClose", async () => readers.endAll());

  const options = route(
    { name: "answersSse", group: "streams", about, scope: "read" },
    {
      headers: lastSeenHeader,
      params: jobParams,
      querystring: readingSchema,
      response: {
        200: content("`answer` events, then `end`", {
          "text/event-stream": z.union([answerViewSchema, answersEndSchema]),
        }),
      },
    },
  );
  app.get("/api/jobs/:jobId/answers.sse", options, async (request, reply) => {
    const { jobId } = request.params;
    const standing = requireInference(port, desk, jobId);
    const { from, accept = acceptanceOf(standing) } = request.query;
    const bell = new Bell();
    const leave = readers.enter(jobId, bell);
    const stopWatching = desk.watchAnswers(jobId, () => bell.ring());
    reply.raw.once("close", () => {
      stopWatching();
      leave();
      bell.end();
    });
    const events = answerEvents(desk, jobId, { from: lastSeen(request) ?? from, accept }, bell, times.beatMs);
    const body = Readable.from(
      unlessStuck(events, times.stuckMs, () => reply.raw.destroy()),
      { highWaterMark: 1 },
    );
    return reply.type("text/event-stream; charset=utf-8").header("x-accel-buffering", "no").send(body);
  });
}

/** What a browser sends when it connects again: the id of the last event that it had. */
function lastSeen({ headers }: { readonly headers: FastifyRequest["headers"] }): number | null {
  const id = headers["last-event-id"];
  if (id === undefined) return null;
  const index = Number(id);
  if (typeof id === "string" && id !== "" && Number.isSafeInteger(index) && index >= 0) return index + 1;
  throw new ApiFailure(400, "bad-request", "Last-Event-ID: expected the index of an answer, got something else");
}

async function* answerEvents(
  desk: InferencePort,
  jobId: string,
  { from, accept }: { readonly from: number; readonly accept: Acceptance },
  bell: Bell,
  beatMs: number,
): AsyncGenerator<string> {
  // So that whoever waits for the first answer knows that it is heard.
  yield ": answers follow\n\n";
  for (let next = from; !bell.isOver; ) {
    const rings = bell.rings;
    // The state first: what a job that was done by then has to say is all in the pages that follow.
    const { state, finishedMs, queryCount, error } = desk.standing(jobId) ?? unknownJob(jobId);
    const isDone = state === "done";
    const page = await desk.answers(jobId, next, ANSWERS_PER_LOOK_MAX);
    const ready = readyOf(page?.answers ?? [], accept, isDone);
    if (ready.length > 0) {
      yield ready.map(eventOf).join("");
      next += ready.length;
      continue;
    }
    const hasEnded = finishedMs !== null && state !== "finishing";
    if (hasEnded && (!isDone || next >= queryCount)) {
      const end: AnswersEnd = { jobId, state, error, queryCount };
      yield `event: end\ndata: ${JSON.stringify(end)}\n\n`;
      return;
    }
    if (!(await bell.heard(rings, beatMs))) yield ":\n\n";
  }
}

function readyOf(answers: readonly AnswerView[], accept: Acceptance, isDone: boolean): readonly AnswerView[] {
  const blocked = answers.findIndex((answer) => !isDone && !isReady(answer, accept));
  return blocked < 0 ? answers : answers.slice(0, blocked);
}

function eventOf(answer: AnswerView): string {
  return `id: ${answer.index}\nevent: answer\ndata: ${JSON.stringify(answer)}\n\n`;
}

/** Readers of all jobs; each costs a look at every change. */
class Readers {
  readonly #byJob = new Map<string, Set<Bell>>();
  #count = 0;

  /** @returns leaves @throws ApiFailure where there are too many */
  enter(jobId: string, bell: Bell): () => void {
    const ofJob = this.#byJob.get(jobId) ?? new Set();
    if (ofJob.size >= ANSWER_READERS_PER_JOB_MAX || this.#count >= ANSWER_READERS_MAX) {
      const [max, of] =
        ofJob.size >= ANSWER_READERS_PER_JOB_MAX
          ? [ANSWER_READERS_PER_JOB_MAX, "this job"]
          : [ANSWER_READERS_MAX, "all jobs"];
      throw new ApiFailure(429, "too-many-readers", `expected at most ${max} readers of ${of} at once, got one more`);
    }
    this.#byJob.set(jobId, ofJob.add(bell));
    this.#count++;
    return () => {
      if (!ofJob.delete(bell)) return;
      this.#count--;
      if (ofJob.size === 0) this.#byJob.delete(jobId);
    };
  }

  endAll(): void {
    for (const bells of this.#byJob.values()) for (const bell of bells) bell.end();
  }
}
