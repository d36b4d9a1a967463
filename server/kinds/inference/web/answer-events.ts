/** GET /api/jobs/:jobId/answers.sse: the answers of a job in the order of its queries, each as soon as it is ready. */
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { ACCEPTANCES, type Acceptance, acceptanceOf, isReady } from "../../../../shared/kinds/inference/acceptance.ts";
import {
  type AnswersEnd,
  type AnswerView,
  answersEndSchema,
  answerViewSchema,
  takenBackNoticeSchema,
} from "../../../../shared/kinds/inference/answers.ts";
import {
  ANSWER_READER_BEAT_MS,
  ANSWER_READER_STUCK_MS_MAX,
  ANSWERS_PER_LOOK_MAX,
} from "../../../../shared/protocol/limits.ts";
import { partyAsking } from "../../../web/access-hooks.ts";
import { ApiFailure } from "../../../web/api-failure.ts";
import { BEAT, type Bell, sendEvents } from "../../../web/event-stream.ts";
import { unknownJob } from "../../../web/job-address.ts";
import { content, jobParams, route } from "../../../web/route.ts";
import type { Web } from "../../../web/web-kind.ts";
import type { InferencePort } from "../port.ts";
import type { Readers, ReaderTimes } from "./answer-readers.ts";
import { requireInference } from "./stream-routes.ts";
import { addTakenBackRoutes } from "./taken-back-routes.ts";
import { newsEvents, TakenBackTeller } from "./taken-back-teller.ts";

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
  "id is its index, and at last one `end`. Without an `end` the connection was lost: ask again from the last index. About answers that were given " +
  "out: `taken-back` when it turns out that they should not have been called final, `answer-again` once another volunteer has answered them, " +
  "`final-again` when the named volunteer is believed again. After the end `taken-back.sse` goes on telling.";

const TIMES: ReaderTimes = { beatMs: ANSWER_READER_BEAT_MS, stuckMs: ANSWER_READER_STUCK_MS_MAX };

export function addAnswerEvents(
  { app, port }: Pick<Web, "app" | "port">,
  desk: InferencePort,
  readers: Readers,
  times = TIMES,
): void {
  addTakenBackRoutes({ app, port }, desk, readers, times);
  // A stop waits for requests that are being answered: these would be for ever.
  app.addHook("preClose", async () => readers.endAll());

  const options = route(
    { name: "answersSse", group: "streams", about, scope: "read" },
    {
      headers: lastSeenHeader,
      params: jobParams,
      querystring: readingSchema,
      response: {
        200: content("`answer` events, and events about answers that were taken back; then `end`", {
          "text/event-stream": z.union([answerViewSchema, takenBackNoticeSchema, answersEndSchema]),
        }),
      },
    },
  );
  app.get("/api/jobs/:jobId/answers.sse", options, async (request, reply) => {
    const { jobId } = request.params;
    const standing = requireInference(port, desk, jobId);
    const { from, accept = acceptanceOf(standing) } = request.query;
    const bell = readers.bellFor(desk, jobId, partyAsking(request), reply.raw);
    const events = answerEvents(desk, jobId, { from: nextUnseen(request) ?? from, accept }, bell, times.beatMs);
    return sendEvents(reply, events, times.stuckMs);
  });
}

/**
 * What a browser sends when it connects again: the id of the last event that it had.
 * @returns the query behind it; null: it sends none
 * @throws ApiFailure
 */
export function nextUnseen({ headers }: { readonly headers: FastifyRequest["headers"] }): number | null {
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
  const teller = new TakenBackTeller(desk, jobId);
  for (let next = from; !bell.isOver; ) {
    const rings = bell.rings;
    // The state first: what a job that was done by then has to say is all in the pages that follow.
    const { state, finishedMs, queryCount, error } = desk.standing(jobId) ?? unknownJob(jobId);
    const isDone = state === "done";
    const news = newsEvents(await teller.news(next));
    const again = await teller.answeredAgain(accept);
    if (news !== "" || again.length > 0) yield news + again.map(againEventOf).join("");
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
    if (!(await bell.heard(rings, beatMs))) yield BEAT;
  }
}

function readyOf(answers: readonly AnswerView[], accept: Acceptance, isDone: boolean): readonly AnswerView[] {
  const blocked = answers.findIndex((answer) => !isDone && !isReady(answer, accept));
  return blocked < 0 ? answers : answers.slice(0, blocked);
}

/** Without an id: the last one stays that of the answers in their order. */
function againEventOf(answer: AnswerView): string {
  return `event: answer-again\ndata: ${JSON.stringify(answer)}\n\n`;
}

function eventOf(answer: AnswerView): string {
  return `id: ${answer.index}\nevent: answer\ndata: ${JSON.stringify(answer)}\n\n`;
}
