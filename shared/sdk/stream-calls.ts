/** Streams over HTTP: queries in, answers out as events. One method a request; query-stream.ts makes a stream of them. */
import type { Acceptance } from "../kinds/inference/acceptance.ts";
import {
  type AnswersEnd,
  type AnswerView,
  answersEndSchema,
  answerViewSchema,
  type TakenBackNotice,
  takenBackNoticeSchema,
} from "../kinds/inference/answers.ts";
import { type QueriesPosted, queriesPostedSchema } from "../kinds/inference/stream.ts";
import { SDK_SILENT_MS_MAX } from "../protocol/limits.ts";
import { askAs } from "./ask-as.ts";
import { eventsAt } from "./events-at.ts";
import { ofJob } from "./job-calls.ts";
import type { Requester } from "./requests.ts";
import { Silence } from "./silence.ts";
import type { TakenBackHearing } from "./taken-back.ts";

/** As text: a JSON array of numbers a line. As bytes: a `.npy` file. */
export type QueriesBody = string | Uint8Array<ArrayBuffer>;

export interface Reading extends TakenBackHearing {
  /** The first query to answer; 0 by default. */
  readonly from?: number;
  /** By default `first` for jobs with completion `fast`, else `verified`. */
  readonly accept?: Acceptance | undefined;
  /** What was told as taken back may be relied on again: whoever was named is believed again. */
  readonly onFinalAgain?: ((notice: TakenBackNotice) => void) | undefined;
  /** Somebody else has given an answer that was told as taken back. */
  readonly onAnswerAgain?: ((answer: AnswerView) => void) | undefined;
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
    async *answerEvents(jobId, { from = 0, accept, ...hearing } = {}, signal) {
      const path = `${ofJob(jobId)}/answers.sse?from=${from}${accept === undefined ? "" : `&accept=${accept}`}`;
      for await (const { event, as } of eventsAt(requester, path, signal)) {
        if (event === "answer") yield as(answerViewSchema);
        else if (event === "end") return as(answersEndSchema);
        else if (event === "taken-back") hearing.onTakenBack?.(as(takenBackNoticeSchema));
        else if (event === "final-again") hearing.onFinalAgain?.(as(takenBackNoticeSchema));
        else if (event === "answer-again") hearing.onAnswerAgain?.(as(answerViewSchema));
      }
      return null;
    },
  };
}
