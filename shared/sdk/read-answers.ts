/** Answers as events, over as many connections as it takes: each answer once, in order, whatever is lost on the way. */
import type { AnswersEnd, AnswerView } from "../kinds/inference/answers.ts";
import { ParitabApiError } from "./paritab-api-error.ts";
import { type Asker, Patience } from "./patience.ts";
import type { Reading, StreamCalls } from "./stream-calls.ts";

export interface ReadOptions extends Reading {
  /** Gives up at once; the job goes on. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * What was given out is remembered by its index alone.
 * @returns how the job has ended
 * @throws ParitabApiError where the coordinator refuses, or stays away for too long
 */
export async function* readAnswers(
  reader: Pick<StreamCalls, "answerEvents"> & Asker,
  jobId: string,
  { from = 0, signal, ...reading }: ReadOptions = {},
): AsyncGenerator<AnswerView, AnswersEnd, undefined> {
  let next = from;
  const patience = new Patience(reader, signal);
  for (;;) {
    signal?.throwIfAborted();
    const events = reader.answerEvents(jobId, { ...reading, from: next }, signal);
    try {
      for (let step = await events.next(); ; step = await events.next()) {
        if (step.done) {
          if (step.value !== null) return step.value;
          break;
        }
        if (step.value.index !== next) throw outOfOrder(next, step.value.index);
        patience.renew();
        next++;
        yield step.value;
      }
    } catch (error) {
      patience.bear(error);
    } finally {
      await events.return(null);
    }
    await patience.wait();
  }
}

function outOfOrder(expected: number, got: number): ParitabApiError {
  return new ParitabApiError(
    200,
    "bad-answer",
    `answers: expected that of query ${expected}, got that of query ${got}`,
  );
}
