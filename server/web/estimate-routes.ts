/** What a job would cost, said before it starts: of every kind of job by one route. */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { CHOSEN_BY_AIM } from "../../shared/kinds/inference/aim.ts";
import { inferenceEstimateRequestSchema } from "../../shared/kinds/inference/estimate.ts";
import { matmulSubmissionSchema } from "../../shared/kinds/matmul/submission.ts";
import { regressionSubmissionSchema } from "../../shared/kinds/regression/submission.ts";
import { SUBMISSION_BYTES_MAX } from "../../shared/protocol/limits.ts";
import { ApiFailure, parseOrFail } from "./api-failure.ts";
import { type CoordinatorPort, isProblem } from "./coordinator-port.ts";
import type { Ownership } from "./ownership.ts";

const estimateSchema = z.discriminatedUnion("kind", [
  inferenceEstimateRequestSchema,
  regressionSubmissionSchema,
  matmulSubmissionSchema,
]);

export function addEstimateRoute(app: FastifyInstance, port: CoordinatorPort, ownership: Ownership): void {
  app.post("/api/estimates", { bodyLimit: SUBMISSION_BYTES_MAX }, async (request) => {
    const submission = parseOrFail(estimateSchema, request.body, "job");
    requireAimAlone(request.body);
    ownership.requireOwnUploads(request, submission);
    const estimate = await port.estimate(submission);
    if (isProblem(estimate)) throw new ApiFailure(estimate.status, estimate.code, estimate.message);
    return estimate;
  });
}

/** @throws ApiFailure where a submission names an aim and, beside it, a setting that the aim stands in place of */
export function requireAimAlone(body: unknown): void {
  if (typeof body !== "object" || body === null || !("aim" in body) || body.aim === undefined) return;
  const beside = CHOSEN_BY_AIM.filter((setting) => setting in body);
  if (beside.length === 0) return;
  const message = `aim: expected none of ${CHOSEN_BY_AIM.join(", ")} beside it, for the coordinator picks them; got ${beside.join(", ")}`;
  throw new ApiFailure(400, "bad-request", message);
}
