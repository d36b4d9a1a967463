/** [CE15] Of several coordinators each has some of a submitter's jobs at hand: whichever is asked for the list tells of those that the others have too. */
import { request as ask, type IncomingMessage } from "node:http";
import { json as jsonOf } from "node:stream/consumers";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { JobView } from "../../shared/kinds/kinds.ts";
import { CELL_LIST_MS_MAX } from "../../shared/protocol/limits.ts";
import { ApiFailure } from "./api-failure.ts";
import { awayFor, HANDED_ON, handedOn } from "./hand-request-on.ts";
import type { ReachedCell } from "./other-cells.ts";

/** Of what is ours to answer, not theirs. */
const OF_THE_ANSWER = ["accept-encoding", "if-none-match", "if-modified-since", "range", "connection"];

/** @param cells the others; null: there are none */
export function addJobsOfAllCells(app: FastifyInstance, cells: (() => Promise<readonly ReachedCell[]>) | null): void {
  if (cells === null) return;
  // Before it is written, and after whoever put the list together: jobs in parts are told by another room than those in one piece.
  app.addHook("preSerialization", async (request, reply, payload) => {
    const isList = request.routeOptions.url === "/api/jobs" && request.method === "GET" && reply.statusCode === 200;
    if (!isList || request.headers[HANDED_ON] !== undefined) return payload;
    const others = await Promise.all((await cells()).map((cell) => listOf(cell, request)));
    return merged([payload as JobView[], ...others]);
  });
}

/** A job in parts is told by each that has one of them. The latest first. */
function merged(lists: readonly (readonly JobView[])[]): JobView[] {
  const byId = new Map(lists.flat().map((view) => [view.jobId, view]));
  return [...byId.values()].sort((a, b) => b.submittedMs - a.submittedMs);
}

async function listOf({ name, address }: ReachedCell, { raw, ip }: FastifyRequest): Promise<JobView[]> {
  const whose = name === "" ? "a coordinator that has some of the jobs" : `cell ${name}, which has some of the jobs,`;
  const headers = handedOn(raw.headers, ip);
  for (const name of OF_THE_ANSWER) delete headers[name];
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const asked = ask(new URL("/api/jobs", address), { headers, signal: AbortSignal.timeout(CELL_LIST_MS_MAX) });
    asked.once("response", resolve);
    asked.once("error", reject);
    asked.end();
  }).catch((error: unknown) => {
    throw awayFor(`${whose} does not answer (${String(error)})`);
  });
  const said = await jsonOf(answer).catch((error: unknown) => {
    throw awayFor(`${whose} breaks off (${String(error)})`);
  });
  const { statusCode = 502 } = answer;
  if (statusCode === 200) return said as JobView[];
  const { code = "bad-answer", message = `${whose} refuses` } =
    (said as { error?: { code?: string; message?: string } }).error ?? {};
  throw new ApiFailure(statusCode, code, message);
}
