/** Streams over HTTP: queries in, answers out as events. One method a request; query-stream.ts makes a stream of them. */
import type { z } from "zod";
import type { Acceptance } from "../kinds/inference/acceptance.ts";
import { type AnswersEnd, type AnswerView, answersEndSchema, answerViewSchema } from "../kinds/inference/answers.ts";
import { type QueriesPosted, queriesPostedSchema } from "../kinds/inference/stream.ts";
import { SDK_SILENT_MS_MAX } from "../protocol/limits.ts";
import { askAs, parsedAs } from "./ask-as.ts";
import { ofJob } from "./job-calls.ts";
import { ParitabApiError } from "./paritab-api-error.ts";
import { askPieces, type Requester } from "./requests.ts";
import { serverEvents } from "./server-events.ts";
import { Silence } from "./silence.ts";

/** As text: a JSON array of numbers a line. As bytes: a `.npy` file. */
export type QueriesBody = string | Uint8Array<ArrayBuffer>;

export interface Reading {
  /** The first query to answer; 0 by default. */
  readonly from?: number;
  /** By default `first` for jobs with completion `fast`, else `verified`. */
  readonly accept?: Acceptance | undefined;
}

export interface StreamCalls {
  /**
   * Resolves once what was taken is durable.
   * @param at the index that the first query taken is to have: posted again, it is not taken twice. undefined: behind the last one
   */
  postQueries(jobId: string, queries: QueriesBody, at?: number, signal?: AbortSignal): Promise<QueriesPosted>;
  /**
   * Answers in the order of the queries, each as soon as it is ready, over one connection: where that is lost, it throws as the
   * other calls do. readAnswers goes on by itself.
   * @returns how the job has ended; null where the coordinator stops before that
   */
  answerEvents(
    jobId: string,
    reading?: Reading,
    signal?: AbortSignal,
  ): AsyncGenerator<AnswerView, AnswersEnd | null, undefined>;
}

export function streamCalls(requester: Requester): StreamCalls {
  return {
    async postQueries(jobId, queries, at, signal) {
      const type = typeof queries === "string" ? "application/x-ndjson" : "application/octet-stream";
      const silence = new Silence(SDK_SILENT_MS_MAX, signal);
      const asking = askAs(
        requester,
        `${ofJob(jobId)}/queries${at === undefined ? "" : `?at=${at}`}`,
        queriesPostedSchema,
        {
          method: "POST",
          headers: { "content-type": type },
          body: queries,
          signal: silence.signal,
        },
      );
      try {
        return await silence.during(asking);
      } finally {
        silence.end();
      }
    },
    async *answerEvents(jobId, { from = 0, accept } = {}, signal) {
      const path = `${ofJob(jobId)}/answers.sse?from=${from}${accept === undefined ? "" : `&accept=${accept}`}`;
      const silence = new Silence(SDK_SILENT_MS_MAX, signal);
      const pieces = askPieces(requester, path, {
        headers: { accept: "text/event-stream" },
        signal: silence.signal,
      });
      try {
        for await (const { event, data } of serverEvents(heard(pieces, silence))) {
          if (event === "answer") yield parsed(answerViewSchema, data, path);
          else if (event === "end") return parsed(answersEndSchema, data, path);
        }
        return null;
      } finally {
        silence.end();
        await pieces.return();
      }
    },
  };
}

/** Silence counts while somebody waits: one who reads slowly has not lost anything. */
async function* heard(pieces: AsyncGenerator<Uint8Array>, silence: Silence): AsyncGenerator<Uint8Array> {
  for (;;) {
    const next = await silence.during(pieces.next());
    if (next.done) return;
    yield next.value;
  }
}

function parsed<Schema extends z.ZodType>(schema: Schema, data: string, path: string): z.output<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    throw new ParitabApiError(200, "bad-answer", `${path}: expected events of JSON, got something else`);
  }
  return parsedAs(schema, value, path);
}
