/**
 * [CE12] A whole has no state of its own: what is asked about it, whichever coordinator is asked, is put together from what its parts say, and what is to be
 * done with it is done with each of them.
 */
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { AnswersPage, TakenBack } from "../../../../../shared/kinds/inference/answers.ts";
import type { InferenceJobView, RoundView } from "../../../../../shared/kinds/inference/job-view.ts";
import { wholeIdOf } from "../../../../../shared/kinds/inference/parts.ts";
import type { InferenceReceipt } from "../../../../../shared/kinds/inference/receipt.ts";
import type { RedoStarted } from "../../../../../shared/kinds/inference/redo.ts";
import type { JobView } from "../../../../../shared/kinds/kinds.ts";
import type { VolunteerView } from "../../../../../shared/protocol/crowd-api.ts";
import { ANSWER_READER_STUCK_MS_MAX } from "../../../../../shared/protocol/limits.ts";
import type { JobLogView } from "../../../../../shared/protocol/operator-api.ts";
import type { JobTimeline } from "../../../../../shared/protocol/timeline-api.ts";
import { receiptFile } from "../../../../../shared/receipts/receipt-file.ts";
import type { SealedReceipt } from "../../../../../shared/receipts/sealed-receipt.ts";
import type { StoredWhole } from "../../../../store/store.ts";
import { ApiFailure } from "../../../../web/api-failure.ts";
import { sendEvents } from "../../../../web/event-stream.ts";
import { sendFile } from "../../../../web/send-file.ts";
import type { Web } from "../../../../web/web-kind.ts";
import { nextUnseen } from "../answer-events.ts";
import { mergedReceipt, mergedRounds, mergedTakings, mergedTimeline, mergedView } from "./merged-view.ts";
import { isOfWhole } from "./of-whole.ts";
import { type PartAsked, PartRequests } from "./part-requests.ts";
import { type PageAsked, wholeCsv, wholeNpy, wholePage, wholeQueries } from "./whole-answers.ts";
import { type WholeTold, wholeEvents, wholeTakings } from "./whole-events.ts";

/** While nothing is told, whoever reads is told that it is heard, and the state of the whole is looked at. */
const BEAT_MS = 2_000;
/** What ends a part alone: its whole would lack it. */
const ENDS_PART = ["DELETE /api/jobs/:jobId", "DELETE /api/jobs/:jobId/data"];
/** What is about the whole alone, and is answered by the routes of every job. */
const OF_EVERY_JOB = ["GET /api/jobs/:jobId/submission", "POST /api/jobs/:jobId/link", "DELETE /api/jobs/:jobId/link"];

/** What a request about a whole goes by. */
interface Asked {
  readonly web: Pick<Web, "port" | "ownership">;
  readonly requests: PartRequests;
  readonly whole: StoredWhole;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** In the order of the hooks it comes when it is known that whoever asks may ask about the job. */
export function addWholes({ app, port, ownership }: Pick<Web, "app" | "port" | "ownership">): void {
  const requests = new PartRequests(app.server);
  app.addHook("preHandler", async (request, reply) => {
    const { jobId } = (request.params ?? {}) as { jobId?: string };
    const { url } = request.routeOptions;
    if (request.method === "GET" && url === "/api/jobs") {
      const views = ownership.own(request, port.jobViews());
      if (!views.some((view) => "partOf" in view)) return;
      return reply.send(await withWholes(views, { web: { port, ownership }, requests, request, reply }));
    }
    if (jobId === undefined || url === undefined) return;
    const method = request.method === "HEAD" ? "GET" : request.method;
    const route = `${method} ${url}`;
    const wholeId = wholeIdOf(jobId);
    if (wholeId !== null && ENDS_PART.includes(route) && !isOfWhole(request)) {
      const message = `job ${jobId}: expected a job, got a part of job ${wholeId}, which ends with all of its parts`;
      throw new ApiFailure(409, "is-a-part", message);
    }
    const whole = wholeId !== null || OF_EVERY_JOB.includes(route) ? null : await port.whole(jobId);
    if (whole === null) return;
    const answer = ANSWERS[route];
    if (answer === undefined) {
      const parts = whole.parts.map((part) => part.jobId).join(", ");
      const message = `job ${jobId}: expected a job in one piece, got one in ${whole.parts.length} parts; ask its parts: ${parts}`;
      throw new ApiFailure(409, "in-parts", message);
    }
    await answer({ web: { port, ownership }, requests, whole, request, reply });
    return reply;
  });
}

/** Each whole once, in the place of its parts that are at hand here. One that cannot be asked now is left out. */
async function withWholes(views: readonly JobView[], asked: Omit<Asked, "whole">): Promise<JobView[]> {
  const atHand = new Map(views.map((view) => [view.jobId, view as InferenceJobView]));
  const found: JobView[] = [];
  const seen = new Set<string>();
  for (const view of views) {
    const wholeId = wholeIdOf(view.jobId);
    if (wholeId === null) found.push(view);
    if (wholeId === null || seen.has(wholeId)) continue;
    seen.add(wholeId);
    const whole = await asked.web.port.whole(wholeId);
    if (whole === null) continue;
    const merged = await viewsOf({ ...asked, whole }, atHand).then((parts) => mergedView(whole, parts), onlyIf(AWAY));
    if (merged !== null) found.push(merged);
  }
  return found;
}

/** A part of it is being taken over, or deleted. */
const AWAY = ["cell-away", "lease-unsure", "unknown-job"];

const ANSWERS: Readonly<Record<string, (asked: Asked) => Promise<unknown>>> = {
  "GET /api/jobs/:jobId": async (asked) => asked.reply.send(mergedView(asked.whole, await viewsOf(asked))),
  "DELETE /api/jobs/:jobId": cancel,
  "DELETE /api/jobs/:jobId/data": deleteData,
  "GET /api/jobs/:jobId/rounds": async (asked) =>
    asked.reply.send(mergedRounds(await viewsOf(asked), await each<RoundView[]>(asked, "/rounds"))),
  "GET /api/jobs/:jobId/timeline": async (asked) =>
    asked.reply.send(mergedTimeline(asked.whole, await viewsOf(asked), await each<JobTimeline>(asked, "/timeline"))),
  "GET /api/jobs/:jobId/answers.json": answersJson,
  "GET /api/jobs/:jobId/answers.csv": async (asked) =>
    sendFile(
      asked.reply,
      `${asked.whole.wholeId}-answers.csv`,
      wholeCsv(asked.whole.parts, filesOf(asked)),
      "text/csv; charset=utf-8",
    ),
  "GET /api/jobs/:jobId/answers.npy": async (asked) =>
    sendFile(asked.reply, `${asked.whole.wholeId}-answers.npy`, wholeNpy(asked.whole.parts, filesOf(asked))),
  "GET /api/jobs/:jobId/marks.npy": async (asked) =>
    sendFile(asked.reply, `${asked.whole.wholeId}-marks.npy`, wholeNpy(asked.whole.parts, filesOf(asked))),
  "GET /api/jobs/:jobId/queries.npy": queriesNpy,
  "GET /api/jobs/:jobId/answers.sse": async (asked) => {
    const { from } = asked.request.query as { from: number };
    const next = nextUnseen(asked.request) ?? from;
    return events(asked, (told) => wholeEvents(told, next));
  },
  "GET /api/jobs/:jobId/taken-back.json": async (asked) => {
    const found = await each<TakenBack>(asked, "/taken-back.json");
    const { wholeId: jobId } = asked.whole;
    return asked.reply.send({ jobId, takings: mergedTakings(found.map(({ takings }) => takings)) });
  },
  "GET /api/jobs/:jobId/taken-back.sse": async (asked) => events(asked, wholeTakings),
  "POST /api/jobs/:jobId/unchecked": unchecked,
  "POST /api/jobs/:jobId/redo": redo,
  "GET /api/jobs/:jobId/receipt.json": receiptJson,
  "GET /api/jobs/:jobId/receipt/signed.json": signedReceipt,
  "GET /api/jobs/:jobId/receipt/files/:name": partFile,
  "POST /api/jobs/:jobId/release-volunteers": async (asked) => {
    const body = asked.request.body;
    const released = await each<VolunteerView[]>(asked, "/release-volunteers", { method: "POST", body });
    return asked.reply.send([...new Map(released.flat().map((one) => [one.volunteerId, one])).values()]);
  },
  "GET /api/jobs/:jobId/log": async (asked) => {
    const logs = await each<JobLogView>(asked, "/log");
    const entries = logs.flatMap((log) => log.entries).sort((a, b) => a.atMs - b.atMs);
    return asked.reply.send({ jobId: asked.whole.wholeId, isCut: logs.some(({ isCut }) => isCut), entries });
  },
};

const pathOf = (jobId: string, what: string) => `/api/jobs/${jobId}${what}`;

/** The same of every part, in their order. */
function each<Answer>({ requests, whole, request }: Asked, what: string, asked?: PartAsked): Promise<Answer[]> {
  return Promise.all(whole.parts.map(({ jobId }) => requests.json<Answer>(request, pathOf(jobId, what), asked)));
}

/** @param atHand parts that need not be asked, by their ids */
function viewsOf(
  { requests, whole, request }: Asked,
  atHand: ReadonlyMap<string, InferenceJobView> = new Map(),
): Promise<InferenceJobView[]> {
  const parts = whole.parts.map(
    ({ jobId }) => atHand.get(jobId) ?? requests.json<InferenceJobView>(request, pathOf(jobId, "")),
  );
  return Promise.all(parts);
}

/** @returns opens the same file of a part */
function filesOf({ requests, whole, request }: Asked, what = request.url.slice(pathOf(whole.wholeId, "").length)) {
  return (index: number) => requests.open(request, pathOf(whole.parts[index]!.jobId, what));
}

async function cancel(asked: Asked): Promise<unknown> {
  const { whole, reply } = asked;
  const ended = await Promise.all(whole.parts.map(({ jobId }) => unless(asked, jobId, "", ["job-ended"])));
  if (ended.every(Boolean)) {
    const message = `job ${whole.wholeId}: expected a job that runs, got one that has ended`;
    throw new ApiFailure(409, "job-ended", message);
  }
  return reply.send(mergedView(whole, await viewsOf(asked)));
}

/** A crash in between leaves some of its parts: it is deleted again, with the rest. */
async function deleteData(asked: Asked): Promise<unknown> {
  const { web, whole, reply } = asked;
  const gone = ["unknown-job"];
  const running = await Promise.all(
    whole.parts.map(async ({ jobId }) => {
      const view = await asked.requests.json<InferenceJobView>(asked.request, pathOf(jobId, "")).catch(onlyIf(gone));
      return view !== null && view.finishedMs === null;
    }),
  );
  if (running.includes(true)) {
    const message = `job ${whole.wholeId}: expected a job that has ended, got one that runs; cancel it first`;
    throw new ApiFailure(409, "job-runs", message);
  }
  for (const { jobId } of whole.parts) await unless(asked, jobId, "/data", gone);
  await web.port.deleteWhole(whole.wholeId);
  await web.ownership.disown(whole.wholeId);
  return reply.send({ jobId: whole.wholeId });
}

/** Deletes it of a part. @returns whether the part has refused for one of these reasons */
async function unless(
  { requests, request }: Asked,
  jobId: string,
  what: string,
  codes: readonly string[],
): Promise<boolean> {
  const done = requests.json(request, pathOf(jobId, what), { method: "DELETE" });
  return (await done.catch(onlyIf(codes))) === null;
}

function onlyIf(codes: readonly string[]) {
  return (error: unknown): null => {
    if (error instanceof ApiFailure && codes.includes(error.code)) return null;
    throw error;
  };
}

async function answersJson(asked: Asked): Promise<unknown> {
  const { requests, whole, request, reply } = asked;
  const page = await wholePage(whole.parts, request.query as PageAsked, (index, { offset, limit, only }) =>
    requests.json<AnswersPage>(
      request,
      pathOf(whole.parts[index]!.jobId, `/answers.json?offset=${offset}&limit=${limit}&only=${only}`),
    ),
  );
  return reply.send(page);
}

async function queriesNpy({ requests, whole, request, reply }: Asked): Promise<unknown> {
  const { indices } = request.query as { indices: number[] };
  const bytes = await wholeQueries(whole.parts, indices, (index, own) =>
    requests.bytes(request, pathOf(whole.parts[index]!.jobId, `/queries.npy?indices=${own.join(",")}`)),
  );
  return reply.type("application/octet-stream").send(Buffer.from(bytes));
}

async function unchecked(asked: Asked): Promise<unknown> {
  const { requests, whole, request, reply } = asked;
  const views = await viewsOf(asked);
  const suspended = whole.parts.filter((_, i) => views[i]!.suspended !== undefined);
  if (suspended.length === 0) {
    const message = `job ${whole.wholeId}: expected one that is suspended, got one that is not`;
    throw new ApiFailure(409, "not-suspended", message);
  }
  for (const { jobId } of suspended)
    await requests.json(request, pathOf(jobId, "/unchecked"), { method: "POST", body: {} });
  return reply.send(mergedView(whole, await viewsOf(asked)));
}

/** [TB4] A job for each part that has rows to be done again. Asked again they are the same jobs. */
async function redo({ requests, whole, request, reply }: Asked): Promise<unknown> {
  const begun: RedoStarted[] = [];
  for (const { jobId } of whole.parts) {
    const asked = requests.json<RedoStarted>(request, pathOf(jobId, "/redo"), { method: "POST", body: request.body });
    const started = await asked.catch(onlyIf(["nothing-to-redo"]));
    if (started !== null) begun.push(started);
  }
  const [first, ...others] = begun;
  if (first === undefined) {
    const message = `job ${whole.wholeId}: expected answers to be done again, and none of its parts has any`;
    throw new ApiFailure(409, "nothing-to-redo", message);
  }
  return reply.code(201).send({ ...first, ...(others.length === 0 ? {} : { others }) });
}

async function receiptJson(asked: Asked): Promise<unknown> {
  const { whole, reply } = asked;
  const receipts = await ended(asked, each<InferenceReceipt>(asked, "/receipt.json"));
  const submission = whole.submission as InferenceReceipt["submission"];
  const files = { answers: await sha256Of(asked, "/answers.npy"), marks: await sha256Of(asked, "/marks.npy") };
  return reply
    .header("content-disposition", `attachment; filename="${whole.wholeId}-receipt.json"`)
    .send(mergedReceipt(whole, submission, receipts, files));
}

async function sha256Of(asked: Asked, what: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of wholeNpy(asked.whole.parts, filesOf(asked, what))) hash.update(piece as Buffer);
  return hash.digest("hex");
}

/** [CE13] */
async function signedReceipt(asked: Asked): Promise<unknown> {
  const { web, whole, reply } = asked;
  const parts = await ended(asked, each<SealedReceipt>(asked, "/receipt/signed.json"));
  const sealed = await web.port.sealedWhole(whole, parts);
  if (sealed === "unsigned") {
    throw new ApiFailure(
      404,
      "unsigned",
      `job ${whole.wholeId}: expected a coordinator that signs receipts, got one that does not`,
    );
  }
  return reply
    .type("application/json; charset=utf-8")
    .header("content-disposition", `attachment; filename="${whole.wholeId}-signed-receipt.json"`)
    .send(Buffer.from(receiptFile(sealed)));
}

/** Until all parts have ended there is no receipt, whatever a part may have. */
async function ended<Answer>(asked: Asked, answers: Promise<Answer>): Promise<Answer> {
  // Both are awaited: neither is to fail with nobody listening.
  const [views, answered] = await Promise.allSettled([viewsOf(asked), answers]);
  if (views.status === "fulfilled" && views.value.some(({ finishedMs }) => finishedMs === null)) {
    const message = `job ${asked.whole.wholeId}: expected a job that has ended, got one that still runs`;
    throw new ApiFailure(409, "job-runs", message);
  }
  if (answered.status === "rejected") throw answered.reason;
  return answered.value;
}

async function partFile({ requests, whole, request, reply }: Asked): Promise<unknown> {
  const { name } = request.params as { name: string };
  const [, index, own] = /^(\d+)\.(.+)$/.exec(name) ?? [];
  const part = whole.parts[Number(index)];
  if (own === undefined || part === undefined) {
    throw new ApiFailure(404, "not-found", `job ${whole.wholeId}: its receipt names no file ${name}`);
  }
  const bytes = await requests.bytes(request, pathOf(part.jobId, `/receipt/files/${own}`));
  return reply.type("application/octet-stream").send(Buffer.from(bytes));
}

function events(asked: Asked, tell: (told: WholeTold) => AsyncGenerator<string>): FastifyReply {
  const { requests, whole, request, reply } = asked;
  const over = new AbortController();
  reply.raw.once("close", () => over.abort());
  const { signal } = over;
  const open = (index: number, what: string) =>
    requests.open(request, pathOf(whole.parts[index]!.jobId, what), { signal });
  const { accept } = request.query as { accept?: string };
  const told: WholeTold = {
    wholeId: whole.wholeId,
    ranges: whole.parts,
    answers: (index, from) =>
      open(index, `/answers.sse?from=${from}${accept === undefined ? "" : `&accept=${accept}`}`),
    takenBack: (index) => open(index, "/taken-back.sse"),
    view: async () => mergedView(whole, await viewsOf(asked)),
    beat: () => sleep(BEAT_MS, undefined, { signal }),
  };
  return sendEvents(reply, whileRead(tell(told), signal), ANSWER_READER_STUCK_MS_MAX);
}

/** Once nobody reads any more, what breaks off is no failure. */
async function* whileRead(told: AsyncGenerator<string>, signal: AbortSignal): AsyncGenerator<string> {
  try {
    yield* told;
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
