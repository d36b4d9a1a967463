/** The answers of an inference job as they are now, in order, page by page: those that are not there yet are marked `missing`. */
import type { AnswersPage, AnswerView } from "../kinds/inference/answers.ts";
import { ANSWERS_PAGE_NUMBERS_MAX, ANSWERS_PER_PAGE_MAX } from "../protocol/limits.ts";
import { type Asker, patiently } from "./patience.ts";

const FIRST_LIMIT = 16;

interface PageReader extends Asker {
  answers(jobId: string, page: { offset: number; limit: number }, signal?: AbortSignal): Promise<AnswersPage>;
}

/** @throws ParitabApiError where the coordinator refuses, or stays away for too long */
export async function* answersOf(
  reader: PageReader,
  jobId: string,
  signal?: AbortSignal,
): AsyncGenerator<AnswerView, void, undefined> {
  for (let offset = 0, limit = FIRST_LIMIT; ; ) {
    const asked = { offset, limit };
    const page = await patiently(reader, () => reader.answers(jobId, asked, signal), signal);
    yield* page.answers;
    offset += page.answers.length;
    if (page.answers.length === 0 || offset >= page.queryCount) return;
    limit = largestLimit(page);
  }
}

/** So many answers have as many numbers as a page may have. */
export function largestLimit({ answers }: AnswersPage): number {
  const numbersPerAnswer = Math.max(1, ...answers.map(({ outputs }) => outputs.length));
  return Math.max(1, Math.min(ANSWERS_PER_PAGE_MAX, Math.floor(ANSWERS_PAGE_NUMBERS_MAX / numbersPerAnswer)));
}
