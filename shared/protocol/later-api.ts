/** [PR104] Answers that the coordinator takes long for: where they will be, and what they then are. */
import { z } from "zod";

/** Sent by whoever can ask again; RFC 7240. */
export const LATER_PREFERENCE = "respond-async";

/** Status 202: it is not there yet. */
export const laterSchema = z
  .strictObject({
    later: z.string().describe("Ask GET /api/later-answers/ID with this id, until the answer is there."),
  })
  .meta({ id: "AnsweredLater" });
export type AnsweredLater = z.infer<typeof laterSchema>;

/** Status 200: it is there, whatever it says. */
export const laterAnswerSchema = z
  .strictObject({
    status: z.number().describe("As the request itself would have been answered."),
    retryAfterS: z.number().nullable().describe("Where it is refused for now: when to ask again, in seconds."),
    answer: z.unknown().describe("The body of that answer, an error too."),
  })
  .meta({ id: "LaterAnswer" });
export type LaterAnswer = z.infer<typeof laterAnswerSchema>;
