/** The compute thread of a swarm tab: the real one, wrapped in the faults that its name spells out. */
import * as Comlink from "comlink";
import { createComputeThread } from "../../../../client/compute/compute-thread-core.ts";
import { withFaults } from "../fault-thread.ts";
import { readTabSettings } from "../tab-settings.ts";
import { createCollusion } from "./collusion.ts";
import { withKernelReports } from "./report-kernels.ts";
import type { FromFaultyThread } from "./swarm-messages.ts";

const { seed, tab, crowd, faults, reportsKernels } = readTabSettings(self.name);
const tell = (message: FromFaultyThread) => self.postMessage(message);
const honest = createComputeThread();
const computing = reportsKernels
  ? withKernelReports(honest, (report) => tell({ kind: "paritab-kernels", report }))
  : honest;
const thread = withFaults(computing, {
  seed,
  tab,
  faults,
  nowMs: () => performance.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  leave: () => tell({ kind: "paritab-leaves" }),
  swap: createCollusion(crowd).swap,
});
Comlink.expose(thread);
