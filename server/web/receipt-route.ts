/** GET /api/jobs/:jobId/receipt.json: who computed what, how it was checked, and the chance that a wrong result passed. */

import type { FastifyInstance } from "fastify";
import type { InferenceReceipt } from "../../shared/kinds/inference/receipt.ts";
import { answersNpy, marksNpy } from "../kinds/inference/web/answer-files.ts";
import { sha256Hex } from "../sha256-hex.ts";
import { ApiFailure } from "./api-failure.ts";
import type { CoordinatorPort } from "./coordinator-port.ts";
import { jobIdOf, unknownJob } from "./job-address.ts";

export function addReceiptRoute(app: FastifyInstance, port: CoordinatorPort): void {
  app.get("/api/jobs/:jobId/receipt.json", async (request, reply) => {
    const jobId = jobIdOf(request.params);
    const receipt = (await port.gradientReceipt(jobId)) ?? (await inferenceReceipt(port, jobId)) ?? unknownJob(jobId);
    if (receipt === "not-ended") {
      throw new ApiFailure(409, "job-runs", `job ${jobId}: expected a job that has ended, got one that still runs`);
    }
    return reply.header("content-disposition", `attachment; filename="${jobId}-receipt.json"`).send(receipt);
  });
}

async function inferenceReceipt(port: CoordinatorPort, jobId: string): Promise<InferenceReceipt | "not-ended" | null> {
  const receipt = await port.inferenceReceipt(jobId);
  if (receipt === null || receipt === "not-ended") return receipt;
  const answers = (await port.allAnswers(jobId)) ?? unknownJob(jobId);
  const hashes = { answers: sha256Hex(answersNpy(answers)), marks: sha256Hex(marksNpy(answers)) };
  return { ...receipt, hashes: { ...receipt.hashes, ...hashes } };
}
