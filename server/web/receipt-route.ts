/** GET /api/jobs/:jobId/receipt.json: who computed what, how it was checked, and the chance that a wrong result passed. */
import { receiptSchema } from "../../shared/kinds/kinds.ts";
import { ApiFailure } from "./api-failure.ts";
import type { CoordinatorPort } from "./coordinator-port.ts";
import { unknownJob } from "./job-address.ts";
import { type App, jobParams, route } from "./route.ts";

const about = "Of a job that has ended: who computed what, how it was checked, and the bound on an undetected error.";

export function addReceiptRoute(app: App, port: CoordinatorPort): void {
  const options = route(
    { name: "receipt", group: "jobs", about, scope: "read" },
    { params: jobParams, response: { 200: receiptSchema.describe("the receipt") } },
  );
  app.get("/api/jobs/:jobId/receipt.json", options, async ({ params: { jobId } }, reply) => {
    const receipt = (await port.receipt(jobId)) ?? unknownJob(jobId);
    if (receipt === "not-ended") {
      throw new ApiFailure(409, "job-runs", `job ${jobId}: expected a job that has ended, got one that still runs`);
    }
    return reply.header("content-disposition", `attachment; filename="${jobId}-receipt.json"`).send(receipt);
  });
}
