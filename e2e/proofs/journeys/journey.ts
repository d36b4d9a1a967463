/** One journey through a coordinator with tabs, all in this process; journeys.ts runs it with NODE_V8_COVERAGE. */

import { register } from "node:module";
import { encodeNpy } from "../../../shared/protocol/npy.ts";
import type { ParitabClient } from "../../../shared/sdk/paritab-client.ts";
import { type CoordinatorInProcess, coordinatorInProcess } from "../../coordinators/coordinator-in-process.ts";
import type { JourneyName } from "./journeys.ts";

const TABS = 7;
/** Longer than a journey: what looks around from time to time is called more often. */
const IDLE_MS = 6_000;
const SOURCE = { kind: "sample", sample: "mnist", queryCount: 40 } as const;

async function ended(client: ParitabClient, jobId: string): Promise<void> {
  for await (const job of client.watch(jobId))
    if (job.finishedMs !== null && job.state !== "done") throw new Error(job.error ?? "");
}

const JOURNEYS: Readonly<Record<JourneyName, (coordinator: CoordinatorInProcess) => Promise<void>>> = {
  idle: () => new Promise((resolve) => setTimeout(resolve, IDLE_MS)),
  submission: async ({ client, closeTabs }) => {
    closeTabs();
    await client.submit({ kind: "inference", source: SOURCE });
  },
  inference: async ({ client }) => {
    const { jobId } = await client.submit({ kind: "inference", source: SOURCE });
    await ended(client, jobId);
    await client.answers(jobId);
  },
  product: async ({ client }) => {
    const upload = async (data: number[]) =>
      (await client.uploadTensor(encodeNpy({ dtype: "I32", shape: [2, 2], data: Int32Array.from(data) }))).tensorSha256;
    const [leftSha256, rightSha256] = [await upload([1, 2, 3, 4]), await upload([0, 1, 1, 0])];
    const source = { kind: "uploads", leftSha256, rightSha256 } as const;
    const { jobId } = await client.submit({ kind: "matmul", source, dataVolunteers: 2 });
    await ended(client, jobId);
    await client.productFile(jobId);
  },
};

// A bundler makes addresses of these; the tabs here compute without them.
const noWasm =
  "export const load = (url, context, next) => /[.]wasm/.test(url) ? { format: 'module', source: 'export default 0', shortCircuit: true } : next(url, context)";
register(`data:text/javascript,${encodeURIComponent(noWasm)}`);

const coordinator = await coordinatorInProcess();
await coordinator.openTabs(TABS);
await JOURNEYS[process.argv[2] as JourneyName](coordinator);
await coordinator.close();
process.exit();
