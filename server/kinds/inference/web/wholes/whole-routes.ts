/**
 * [CE12] A whole has no state of its own: what is asked about it, whichever coordinator is asked, is put together from what its parts say, and what is to be
 * done with it is done with each of them.
 */
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { AnswersPage } from "../../../../../shared/kinds/inference/answers.ts";
import type { InferenceJobView } from "../../../../../shared/kinds/inference/job-view.ts";
import { wholeIdOf } from "../../../../../shared/kinds/inference/parts.ts";
import type { InferenceReceipt } from "../../../../../shared/kinds/inference/receipt.ts";
import type { RedoStarted } from "../../../../../shared/kinds/inference/redo.ts";
import { type JobView, withoutGoneSettings } from "../../../../../shared/kinds/kinds.ts";
import { withoutOwnNames } from "../../../../../shared/kinds/own-names.ts";
import type { VolunteerView } from "../../../../../shared/protocol/crowd-api.ts";
import { ANSWER_READER_STUCK_MS_MAX, WHOLE_LOOK_MS } from "../../../../../shared/protocol/limits.ts";
import type { JobLogView } from "../../../../../shared/protocol/operator-api.ts";
import { receiptFile } from "../../../../../shared/receipts/receipt-file.ts";
import type { SealedReceipt } from "../../../../../shared/receipts/sealed-receipt.ts";
import type { FoundWhole } from "../../../../store/store.ts";
import { partyAsking } from "../../../../web/access-hooks.ts";
import { ApiFailure } from "../../../../web/api-failure.ts";
import { sendEvents } from "../../../../web/event-stream.ts";
import { sendFile } from "../../../../web/send-file.ts";
import type { Web } from "../../../../web/web-kind.ts";
import type { InferencePort } from "../../port.ts";
import { nextUnseen } from "../answer-events.ts";
import type { Readers } from "../answer-readers.ts";
import { mergedReceipt, mergedTakings, mergedView } from "./merged-view.ts";
import { isOfWhole } from "./of-whole.ts";
import { AWAY, onlyIf, PartQuestions } from "./part-questions.ts";
import { type PartAsked, PartRequests } from "./part-requests.ts";
import { type PageAsked, wholeCsv, wholeNpy, wholePage, wholeQueries } from "./whole-answers.ts";
import { type WholeTold, wholeEvents, wholeTakings } from "./whole-events.ts";
import { WholeLooks } from "./whole-looks.ts";

/** While nothing is told, whoever reads is told that it is heard, and the state of the whole is looked at. */
const BEAT_MS = 2_000;
/** What is done with a whole and with no part of it, and why. */
const OF_WHOLE_ALONE: Readonly<Record<string, string>> = {
  "DELETE /api/jobs/:jobId": "which ends with all of its parts",
  "DELETE /api/jobs/:jobId/data": "which is deleted with all of its parts",
  "POST /api/jobs/:jobId/link": "whose link reads its parts too",
  "DELETE /api/jobs/:jobId/link": "whose link reads its parts too",
};
/** What is about the whole alone, and is answered by the routes of every job. */
const OF_EVERY_JOB = ["GET /api/jobs/:jobId/submission", "POST /api/jobs/:jobId/link", "DELETE /api/jobs/:jobId/link"];

/** What every request about a whole goes by. */
interface Host {
  readonly web: Pick<Web, "port" | "ownership" | "otherCells">;
  readonly readers: Readers;
  readonly requests: PartRequests;
  readonly questions: PartQuestions;
  readonly looks: WholeLooks;
}

interface Asked extends Host {
  readonly whole: FoundWhole;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** In the order of the hooks it comes when it is known that whoever asks may ask about the job. */
export function addWholes(web: Web, desk: InferencePort, readers: Readers): void {
  const { app, port, ownership } = web;
  const requests = new PartRequests(app.server);
  const questions = new PartQuestions(web, desk, requests);
  const host: Host = { web, readers, requests, questions, looks: new WholeLooks(questions) };
  app.addHook("preHandler", async (request, reply) => {
    const { jobId } = (request.params ?? {}) as { jobId?: string };
    const { url } = request.routeOptions;
    if (request.method === "GET" && url === "/api/jobs") {
      const views = ownership.own(request, port.jobViews());
      if (!views.some((view) => "partOf" in view)) return;
      return reply.send(await withWholes(views, host, request));
    }
    if (jobId === undefined || url === undefined) return;
    const method = request.method === "HEAD" ? "GET" : request.method;
    const route = `${method} ${url}`;
    const wholeId = wholeIdOf(jobId);
    const why = wholeId === null || isOfWhole(request) ? undefined : OF_WHOLE_ALONE[route];
    if (why !== undefined) {
      const message = `job ${jobId}: expected a job, got a part of job ${wholeId}, ${why}`;
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
    await answer({ ...host, whole, request, reply });
    return reply;
  });
}

/** Each whole once, in the place of its parts that are at hand here. One that cannot be asked now is left out. */
async function withWholes(
  views: readonly JobView[],
  { web, looks }: Host,
  request: FastifyRequest,
): Promise<JobView[]> {
  const found: JobView[] = [];
  const seen = new Set<string>();
  for (const view of views) {
    const wholeId = wholeIdOf(view.jobId);
    if (wholeId === null) found.push(view);
    if (wholeId === null || seen.has(wholeId)) continue;
    seen.add(wholeId);
    const whole = await web.port.whole(wholeId);
    if (whole === null) continue;
    const standing = await looks.standing(request, whole).catch(onlyIf([...AWAY, "unknown-job"]));
    if (standing !== null) found.push(standing.view);
  }
  return found;
}

const ANSWERS: Readonly<Record<string, (asked: Asked) => Promise<unknown>>> = {
  "GET /api/jobs/:jobId": async ({ looks, request, whole, reply }) =>
    reply.send((await looks.standing(request, whole)).view),
  "DELETE /api/jobs/:jobId": cancel,
  "DELETE /api/jobs/:jobId/data": deleteData,
  "GET /api/jobs/:jobId/timeline": async ({ looks, request, whole, reply }) =>
    reply.send(await looks.timeline(request, whole)),
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
  // Every part has those of the whole.
  "GET /api/jobs/:jobId/names.json": async ({ requests, whole, request, reply }) => {
    const names = await requests.open(request, pathOf(whole.parts[0]!.jobId, "/names.json"));
    return reply.type("application/json; charset=utf-8").send(names);
  },
  "GET /api/jobs/:jobId/answers.sse": async (asked) => {
    const { from } = asked.request.query as { from: number };
    const next = nextUnseen(asked.request) ?? from;
    return events(asked, (told) => wholeEvents(told, next));
  },
  "GET /api/jobs/:jobId/taken-back.json": async ({ looks, request, whole, reply }) => {
    const { parts } = await looks.standing(request, whole);
    return reply.send({ jobId: whole.wholeId, takings: mergedTakings(parts.map(({ takings }) => takings)) });
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

/** As it is now, whatever was seen of it before. */
async function viewNow({ questions, whole, request }: Asked): Promise<InferenceJobView> {
  return mergedView(whole, await questions.ask(request, whole, "standing"));
}

/** [CE9] It was changed: who is told of that finds nothing older at any coordinator. */
async function changed({ looks, web, whole }: Asked): Promise<void> {
  looks.forget(whole.wholeId);
  if (web.otherCells !== null) await sleep(WHOLE_LOOK_MS);
}

/** @returns opens the same file of a part */
function filesOf({ requests, whole, request }: Asked, what = request.url.slice(pathOf(whole.wholeId, "").length)) {
  return (index: number) => requests.open(request, pathOf(whole.parts[index]!.jobId, what));
}

async function cancel(asked: Asked): Promise<unknown> {
  const { whole, reply } = asked;
  let isEnded = true;
  // [CE11] The last ones may still wait: they end before somebody takes them for those that have ended.
  for (const { jobId } of [...whole.parts].reverse())
    isEnded = (await unless(asked, jobId, "", ["job-ended"])) && isEnded;
  if (isEnded) {
    const message = `job ${whole.wholeId}: expected a job that runs, got one that has ended`;
    throw new ApiFailure(409, "job-ended", message);
  }
  await changed(asked);
  return reply.send(await viewNow(asked));
}

/** A crash in between leaves some of its parts: it is deleted again, with the rest. */
async function deleteData(asked: Asked): Promise<unknown> {
  const { web, looks, questions, whole, request, reply } = asked;
  const standing = await questions.askThose(request, whole, "standing");
  if (standing.some((part) => part !== null && part.view.finishedMs === null)) {
    const message = `job ${whole.wholeId}: expected a job that has ended, got one that runs; cancel it first`;
    throw new ApiFailure(409, "job-runs", message);
  }
  for (const { jobId } of whole.parts) await unless(asked, jobId, "/data", ["unknown-job"]);
  looks.forget(whole.wholeId);
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

async function answersJson(asked: Asked): Promise<unknown> {
  const { requests, looks, whole, request, reply } = asked;
  const page = request.query as PageAsked;
  const matching =
    page.only === "all"
      ? whole.parts.map(({ queryCount }) => queryCount)
      : await looks.matching(request, whole, page.only);
  const found = await wholePage(whole.parts, matching, page, (index, { offset, limit, only }) =>
    requests.json<AnswersPage>(
      request,
      pathOf(whole.parts[index]!.jobId, `/answers.json?offset=${offset}&limit=${limit}&only=${only}`),
    ),
  );
  return reply.send(found);
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
  const standing = await asked.questions.ask(request, whole, "standing");
  const suspended = whole.parts.filter((_, i) => standing[i]!.view.suspended !== undefined);
  if (suspended.length === 0) {
    const message = `job ${whole.wholeId}: expected one that is suspended, got one that is not`;
    throw new ApiFailure(409, "not-suspended", message);
  }
  for (const { jobId } of suspended)
    await requests.json(request, pathOf(jobId, "/unchecked"), { method: "POST", body: {} });
  await changed(asked);
  return reply.send(await viewNow(asked));
}

/** [TB4] A job for each part that has rows to be done again. Asked again they are the same jobs. */
async function redo(asked: Asked): Promise<unknown> {
  const { requests, whole, request, reply } = asked;
  const begun: RedoStarted[] = [];
  for (const { jobId } of whole.parts) {
    const answer = requests.json<RedoStarted>(request, pathOf(jobId, "/redo"), { method: "POST", body: request.body });
    const started = await answer.catch(onlyIf(["nothing-to-redo"]));
    if (started !== null) begun.push(started);
  }
  const [first, ...others] = begun;
  if (first === undefined) {
    const message = `job ${whole.wholeId}: expected answers to be done again, and none of its parts has any`;
    throw new ApiFailure(409, "nothing-to-redo", message);
  }
  await changed(asked);
  return reply.code(201).send({ ...first, ...(others.length === 0 ? {} : { others }) });
}

async function receiptJson(asked: Asked): Promise<unknown> {
  const { whole, reply } = asked;
  const receipts = await ended(asked, each<InferenceReceipt>(asked, "/receipt.json"));
  const stored = whole.submission as InferenceReceipt["submission"];
  const submission = withoutOwnNames(withoutGoneSettings(stored) as typeof stored);
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
  const { looks, request, whole } = asked;
  const [standing, answered] = await Promise.allSettled([looks.standing(request, whole), answers]);
  if (standing.status === "fulfilled" && standing.value.view.finishedMs === null) {
    const message = `job ${whole.wholeId}: expected a job that has ended, got one that still runs`;
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
  const { requests, looks, readers, whole, request, reply } = asked;
  const over = new AbortController();
  const { signal } = over;
  const seat = readers.seatFor(whole.wholeId, partyAsking(request), reply.raw);
  reply.raw.once("close", () => over.abort());
  const { accept } = request.query as { accept?: string };
  let lookedMs = 0;
  const told: WholeTold = {
    wholeId: whole.wholeId,
    ranges: whole.parts,
    answers(index, from) {
      const what = `/answers.sse?from=${from}${accept === undefined ? "" : `&accept=${accept}`}`;
      return requests.open(request, pathOf(whole.parts[index]!.jobId, what), { signal });
    },
    standing(partsEnded) {
      lookedMs = performance.now();
      return looks
        .standing(request, { ...whole, partsEnded: Math.max(whole.partsEnded, partsEnded) })
        .catch(onlyIf(AWAY));
    },
    takenBack: (standing) => looks.takenBack(request, whole, standing),
    isDue: () => performance.now() - lookedMs >= BEAT_MS,
    async beat() {
      await seat.heard(seat.rings, BEAT_MS);
      return !seat.isOver;
    },
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
