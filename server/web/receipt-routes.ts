/** Signed receipts, the files beside them, and the keys that sign them. */
import { z } from "zod";
import { receiptFile } from "../../shared/receipts/receipt-file.ts";
import { keyLinkSchema, sealedReceiptSchema } from "../../shared/receipts/sealed-receipt.ts";
import { sealedWholeSchema } from "../../shared/receipts/whole-receipt.ts";
import { ApiFailure } from "./api-failure.ts";
import type { CoordinatorPort } from "./coordinator-port.ts";
import { unknownJob } from "./job-address.ts";
import { type App, file, jobParams, route } from "./route.ts";

const signedAbout =
  "The receipt of a job that has ended, signed, with all amendments so far, as one line of canonical JSON: keep it as it is. " +
  "docs/receipts.md has its form; `paritab verify` checks it without the coordinator.";
const fileAbout = "A file that a signed receipt names: the record of every answer, the results that stand.";
const keysAbout =
  "The public keys that sign receipts, the first one first, each vouched for by the one before. Note the id of the last one.";
const fileParams = jobParams.extend({
  // [CE13] Of a job in parts each begins with the number of its part.
  name: z.string().regex(/^(\d{1,3}\.)?[a-z]{1,20}\.[a-z]{1,8}$/, "expected the name of a file"),
});

export function addSignedReceiptRoutes(app: App, port: CoordinatorPort): void {
  app.get(
    "/api/jobs/:jobId/receipt/signed.json",
    route(
      { name: "signedReceipt", group: "jobs", about: signedAbout, scope: "read" },
      {
        params: jobParams,
        response: { 200: z.union([sealedReceiptSchema, sealedWholeSchema]).describe("the signed receipt") },
      },
    ),
    async ({ params: { jobId } }, reply) => {
      const sealed = (await port.sealedReceipt(jobId)) ?? unknownJob(jobId);
      if (sealed === "not-ended") {
        throw new ApiFailure(409, "job-runs", `job ${jobId}: expected a job that has ended, got one that still runs`);
      }
      if (sealed === "unsigned") {
        const message = `job ${jobId}: expected a job that ended since receipts are signed, got an earlier one; receipt.json has what is known`;
        throw new ApiFailure(404, "unsigned", message);
      }
      // Canonical bytes, which no serializer of ours makes: they are sent as they are.
      return reply
        .type("application/json; charset=utf-8")
        .header("content-disposition", `attachment; filename="${jobId}-signed-receipt.json"`)
        .send(Buffer.from(receiptFile(sealed)) as never);
    },
  );

  app.get(
    "/api/jobs/:jobId/receipt/files/:name",
    route(
      { name: "receiptFile", group: "jobs", about: fileAbout, scope: "read" },
      { params: fileParams, response: { 200: file("the file") } },
    ),
    async ({ params: { jobId, name } }, reply) => {
      const bytes = await port.receiptFile(jobId, name);
      if (bytes === null) {
        throw new ApiFailure(404, "not-found", `job ${jobId}: its receipt names no file ${name}`);
      }
      return reply.type("application/octet-stream").send(Buffer.from(bytes) as never);
    },
  );

  app.get(
    "/api/receipt-keys",
    route(
      { name: "receiptKeys", group: "jobs", about: keysAbout, scope: null },
      { response: { 200: z.array(keyLinkSchema).describe("public keys") } },
    ),
    () => port.receiptKeys(),
  );
}
