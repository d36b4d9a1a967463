/** The answers of a job in the formats that people use: pages of JSON, one CSV, and `.npy` with the marks beside it. */
import { Readable } from "node:stream";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { ANSWER_FILTERS, ANSWER_MARKS } from "../../../../shared/kinds/inference/answers.ts";
import { ANSWERS_PER_PAGE_MAX } from "../../../../shared/protocol/limits.ts";
import { parseOrFail } from "../../../web/api-failure.ts";
import { jobIdOf, unknownJob } from "../../../web/job-address.ts";
import type { AllAnswers, InferencePort } from "../port.ts";
import { answersNpy, MISSING, marksNpy } from "./answer-files.ts";

const pageSchema = z.object({
  offset: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(ANSWERS_PER_PAGE_MAX).default(100),
  only: z.enum(ANSWER_FILTERS).default("all"),
});

const CSV_ROWS_PER_CHUNK = 500;

export function addAnswerRoutes(app: FastifyInstance, port: InferencePort): void {
  app.get("/api/jobs/:jobId/answers.json", async (request) => {
    const jobId = jobIdOf(request.params);
    const { offset, limit, only } = parseOrFail(pageSchema, request.query, "query");
    return (await port.answers(jobId, offset, limit, only)) ?? unknownJob(jobId);
  });

  app.get("/api/jobs/:jobId/answers.csv", async (request, reply) => {
    const jobId = jobIdOf(request.params);
    const answers = (await port.allAnswers(jobId)) ?? unknownJob(jobId);
    return reply
      .type("text/csv; charset=utf-8")
      .header("content-disposition", `attachment; filename="${jobId}-answers.csv"`)
      .send(Readable.from(csvChunks(answers)));
  });

  app.get("/api/jobs/:jobId/answers.npy", async (request, reply) => {
    const jobId = jobIdOf(request.params);
    const answers = (await port.allAnswers(jobId)) ?? unknownJob(jobId);
    return reply
      .type("application/octet-stream")
      .header("content-disposition", `attachment; filename="${jobId}-answers.npy"`)
      .send(Buffer.from(answersNpy(answers).buffer));
  });

  app.get("/api/jobs/:jobId/marks.npy", async (request, reply) => {
    const jobId = jobIdOf(request.params);
    const answers = (await port.allAnswers(jobId)) ?? unknownJob(jobId);
    return reply
      .type("application/octet-stream")
      .header("content-disposition", `attachment; filename="${jobId}-marks.npy"`)
      .send(Buffer.from(marksNpy(answers).buffer));
  });
}

/** index,label,mark,final,bound,confidence,output_0,...; what is missing or does not apply is empty. */
function* csvChunks(answers: AllAnswers): Generator<string> {
  const { queryCount, outputSize } = answers;
  const outputNames = Array.from({ length: outputSize }, (_, c) => `output_${c}`);
  let chunk = `${["index", "label", "mark", "final", "bound", "confidence", ...outputNames].join()}\r\n`;
  for (let i = 0; i < queryCount; i++) {
    const isMissing = answers.marks[i] === MISSING;
    const outputs = answers.outputs.subarray(i * outputSize, (i + 1) * outputSize);
    const cells = [
      i,
      isMissing ? "" : (answers.labels?.[i] ?? ""),
      ANSWER_MARKS[answers.marks[i]!],
      answers.final[i] === 1,
      numberOrEmpty(answers.bounds[i]!),
      numberOrEmpty(answers.confidences[i]!),
      ...Array.from(outputs, (value) => (isMissing ? "" : value)),
    ];
    chunk += `${cells.join()}\r\n`;
    if (i % CSV_ROWS_PER_CHUNK === CSV_ROWS_PER_CHUNK - 1) {
      yield chunk;
      chunk = "";
    }
  }
  if (chunk !== "") yield chunk;
}

const numberOrEmpty = (value: number): number | string => (Number.isNaN(value) ? "" : value);
