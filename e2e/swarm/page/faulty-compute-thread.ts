/** The compute thread of a swarm tab: the real one, wrapped in the faults that its name spells out. */
import * as Comlink from "comlink";
import { createComputeThread } from "../../../client/compute/compute-thread-core.ts";
import { withFaults } from "../fault-thread.ts";
import { readTabSettings } from "../tab-settings.ts";
import { LEAVE } from "./swarm-messages.ts";

const { seed, tab, faults } = readTabSettings(self.name);
const thread = withFaults(createComputeThread(), {
  seed,
  tab,
  faults,
  nowMs: () => performance.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  leave: () => self.postMessage(LEAVE),
});
Comlink.expose(thread);
