/** The answers of a job in the formats that people use: pages of JSON, one CSV, and `.npy` with the marks beside it. */
import { Readable } from "node:stream";
import { z } from "zod";
import { ANSWER_FILTERS, ANSWER_MARKS, answersPageSchema } from "../../../../shared/kinds/inference/answers.ts";
import { ANSWERS_PER_PAGE_MAX } from "../../../../shared/protocol/limits.ts";
import { unknownJob } from "../../../web/job-address.ts";
import { type App, file, jobParams, route } from "../../../web/route.ts";
import { sendFile } from "../../../web/send-file.ts";
import type { AllAnswers, InferencePort } from "../port.ts";
import { answersNpy, MISSING, marksNpy } from "./answer-files.ts";

const pageSchema = z.object({
  offset: z.coerce.number().int().min(0).default(0).describe("the first query"),
  limit: z.coerce.number().int().min(1).max(ANSWERS_PER_PAGE_MAX).default(100).describe("so many at most"),
  only: z.enum(ANSWER_FILTERS).default("all").describe("which of them; offset and limit count these"),
});

const mergedSchema = z.object({
  redone: z
    .enum(["no", "yes"])
    .default("no")
    .describe(
      "yes: with the answers of jobs that did rows of it again in their place; its receipt is of those without",
    ),
});

const CSV_CHUNK_LENGTH = 256 * 1024;
const OUTPUTS_PER_PIECE = 4_096;
const group = "answers";
const pageAbout =
  "A page of answers in the order of the queries, each with its mark, its bound or confidence, and where it came from.";
const csvAbout =
  "All answers: index,label,mark,final,bound,confidence,label_ambiguous,output_0,... What is missing or does not apply is empty.";
const marksAbout =
  "The mark of each answer: n uint8, 0 missing, 1 unchecked, 2 estimated, 3 audited, 4 exact, 5 non-finite.";

export function addAnswerRoutes(app: App, desk: InferencePort): void {
  const fileOf = (name: string, about: string, answer: ReturnType<typeof file>) =>
    route(
      { name, group, about, scope: "read" },
      { params: jobParams, querystring: mergedSchema, response: { 200: answer } },
    );
  const all = async (jobId: string, { redone }: z.infer<typeof mergedSchema>) =>
    (await desk.allAnswers(jobId, redone === "yes")) ?? unknownJob(jobId);

  app.get(
    "/api/jobs/:jobId/answers.json",
    route(
      { name: "answers", group, about: pageAbout, scope: "read" },
      { params: jobParams, querystring: pageSchema, response: { 200: answersPageSchema.describe("the page") } },
    ),
    async ({ params: { jobId }, query: { offset, limit, only } }) =>
      (await desk.answers(jobId, offset, limit, only)) ?? unknownJob(jobId),
  );

  app.get(
    "/api/jobs/:jobId/answers.csv",
    fileOf("answersCsv", csvAbout, file("one row an answer", "text/csv")),
    async ({ params: { jobId }, query }, reply) => {
      const rows = Readable.from(csvChunks(await all(jobId, query)));
      return sendFile(reply, `${jobId}-answers.csv`, rows, "text/csv; charset=utf-8");
    },
  );

  app.get(
    "/api/jobs/:jobId/answers.npy",
    fileOf("answersNpy", "All outputs as one array, n x C float32; a missing answer is NaN.", file("a .npy file")),
    async ({ params: { jobId }, query }, reply) =>
      sendFile(reply, `${jobId}-answers.npy`, answersNpy(await all(jobId, query))),
  );

  app.get(
    "/api/jobs/:jobId/marks.npy",
    fileOf("marksNpy", marksAbout, file("a .npy file")),
    async ({ params: { jobId }, query }, reply) =>
      sendFile(reply, `${jobId}-marks.npy`, marksNpy(await all(jobId, query))),
  );
}

/** index,label,mark,final,bound,confidence,label_ambiguous,output_0,...; what is missing or does not apply is empty. */
function* csvChunks(answers: AllAnswers): Generator<string> {
  let chunk = "";
  for (const piece of csvPieces(answers)) {
    chunk += piece;
    if (chunk.length < CSV_CHUNK_LENGTH) continue;
    yield chunk;
    chunk = "";
  }
  if (chunk !== "") yield chunk;
}

/** A line of many outputs comes in pieces, for it may be longer than a text can be. */
function* csvPieces(answers: AllAnswers): Generator<string> {
  const { queryCount, outputSize } = answers;
  yield ["index", "label", "mark", "final", "bound", "confidence", "label_ambiguous"].join();
  for (let c = 0; c < outputSize; c++) yield `,output_${c}`;
  yield "\r\n";
  for (let i = 0; i < queryCount; i++) {
    const isMissing = answers.marks[i] === MISSING;
    yield [
      i,
      isMissing ? "" : (answers.labels?.[i] ?? ""),
      ANSWER_MARKS[answers.marks[i]!],
      answers.final[i] === 1,
      numberOrEmpty(answers.bounds[i]!),
      numberOrEmpty(answers.confidences[i]!),
      answers.labels === null ? "" : answers.labelAmbiguous[i] === 1,
    ].join();
    for (let c = 0; c < outputSize; c += OUTPUTS_PER_PIECE) {
      const from = i * outputSize;
      const outputs = answers.outputs.subarray(from + c, from + Math.min(outputSize, c + OUTPUTS_PER_PIECE));
      yield isMissing ? ",".repeat(outputs.length) : `,${outputs.join()}`;
    }
    yield "\r\n";
  }
}

const numberOrEmpty = (value: number): number | string => (Number.isNaN(value) ? "" : value);
