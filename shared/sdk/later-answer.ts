/** [PR104] Requests that the coordinator may take minutes for: no connection stays silent for as long. */
import { LATER_PREFERENCE, laterAnswerSchema, laterSchema } from "../protocol/later-api.ts";
import { ParitabApiError } from "./paritab-api-error.ts";
import { patiently } from "./patience.ts";
import { askJson, type Request, type Requester, refusalIn } from "./requests.ts";

/**
 * As askJson. A connection that is lost while the answer is asked for is borne.
 * @throws ParitabApiError of status 0 where the coordinator was started anew meanwhile: whoever may send the request again does
 */
export async function askLater(requester: Requester, path: string, request: Request): Promise<unknown> {
  const headers = { ...request.headers, prefer: LATER_PREFERENCE };
  let told = await askJson<unknown>(requester, path, { ...request, headers });
  for (;;) {
    const there = laterAnswerSchema.safeParse(told);
    if (there.success) {
      const { status, retryAfterS, answer } = there.data;
      if (status < 400) return answer;
      throw refusalIn(answer, path, status, retryAfterS === null ? null : 1000 * retryAfterS);
    }
    const later = laterSchema.safeParse(told);
    if (!later.success) return told;
    told = await asked(requester, later.data.later, request.signal);
  }
}

function asked(requester: Requester, later: string, signal: AbortSignal | undefined): Promise<unknown> {
  const ask = () => askJson<unknown>(requester, `/api/later-answers/${encodeURIComponent(later)}`, { signal });
  return patiently(requester, ask, signal).catch((error: unknown) => {
    if (!(error instanceof ParitabApiError) || error.code !== "unknown-answer") throw error;
    throw new ParitabApiError(0, "answer-lost", error.message);
  });
}
