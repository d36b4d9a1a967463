import { parseNpy } from "../../shared/protocol/npy.ts";
import { createParitabClient } from "../../shared/sdk/paritab-client.ts";

const paritab = createParitabClient({ baseUrl: process.env.PARITAB_URL ?? "http://localhost:8787" });

const features = Array.from({ length: 100 }, (_, i) => [Math.sin(i), Math.cos(3 * i)]);
const labels = features.map(([a, b]) => (a! + b! > 0 ? 1 : 0));

let jobId = "";
for await (const job of paritab.regression({
  features,
  labels,
  dataVolunteers: 2,
})) {
  jobId = job.jobId;
  console.log(job.iteration, job.loss, job.validationAccuracy);
}
const weights = parseNpy(await paritab.weightsFile(jobId, "npy"));
console.log(weights.shape, [...weights.data]);
