/**
 * GET /api/jobs/:jobId/taken-back.json and .sse: answers of a job that were final, and are not any more. They are told as long as the job is
 * kept, however long ago it ended. SPEC.md TB rules.
 */
import { takenBackNoticeSchema, takenBackSchema } from "../../../../shared/kinds/inference/answers.ts";
import { partyAsking } from "../../../web/access-hooks.ts";
import { BEAT, type Bell, sendEvents } from "../../../web/event-stream.ts";
import { unknownJob } from "../../../web/job-address.ts";
import { content, jobParams, route } from "../../../web/route.ts";
import type { Web } from "../../../web/web-kind.ts";
import type { InferencePort } from "../port.ts";
import type { Readers, ReaderTimes } from "./answer-readers.ts";
import { requireInference } from "./stream-routes.ts";
import { newsEvents, TakenBackTeller } from "./taken-back-teller.ts";

const about =
  "Which volunteers were named, when and why, and how many answers of this job were final until then. The answers: answers.json?only=taken-back.";
const eventsAbout =
  "The same as server-sent events, with the indices: `taken-back`, first of all answers taken back before; `final-again` when the named volunteer " +
  "is believed again. There is no end: the events go on as long as a client listens, even after the job has ended.";

export function addTakenBackRoutes(
  { app, port }: Pick<Web, "app" | "port">,
  desk: InferencePort,
  readers: Readers,
  times: ReaderTimes,
): void {
  app.get(
    "/api/jobs/:jobId/taken-back.json",
    route(
      { name: "takenBack", group: "answers", about, scope: "read" },
      { params: jobParams, response: { 200: takenBackSchema.describe("one row a naming, the earliest first") } },
    ),
    async ({ params: { jobId } }) => {
      requireInference(port, desk, jobId);
      return { jobId, takings: (await desk.takings(jobId)) ?? unknownJob(jobId) };
    },
  );

  const options = route(
    { name: "takenBackSse", group: "streams", about: eventsAbout, scope: "read" },
    {
      params: jobParams,
      response: {
        200: content("`taken-back` and `final-again` events", { "text/event-stream": takenBackNoticeSchema }),
      },
    },
  );
  app.get("/api/jobs/:jobId/taken-back.sse", options, async (request, reply) => {
    const { jobId } = request.params;
    requireInference(port, desk, jobId);
    const bell = readers.bellFor(desk, jobId, partyAsking(request), reply.raw);
    return sendEvents(reply, events(desk, jobId, bell, times.beatMs), times.stuckMs);
  });
}

async function* events(desk: InferencePort, jobId: string, bell: Bell, beatMs: number): AsyncGenerator<string> {
  yield ": what is taken back follows\n\n";
  const teller = new TakenBackTeller(desk, jobId);
  while (!bell.isOver) {
    const rings = bell.rings;
    const news = newsEvents(await teller.news(Number.POSITIVE_INFINITY));
    if (news !== "") yield news;
    if (!(await bell.heard(rings, beatMs))) yield BEAT;
  }
}
