/** The process in which the coordinators of tests run one beside the other; the threads and processes that compute are theirs in common. */
import { readConfig } from "../../server/config.ts";
import { openCompute } from "../../server/open-compute.ts";
import { type RunningCoordinator, startCoordinator } from "../../server/start-coordinator.ts";
import type { Asked, Reply } from "./host-messages.ts";

process.umask(0o077);
const { executor, modelRuns } = openCompute({ ...readConfig(process.env, []), submitterOf: () => "anybody" });
const compute = { modelRuns, executor: { ...executor, close: async () => {} } };
const running = new Map<number, RunningCoordinator>();

async function start({ coordinator, dataDirectory, settings }: Extract<Asked, { kind: "start" }>) {
  const flags = ["--port", "0", "--data-dir", dataDirectory, ...settings.flags];
  const started = await startCoordinator(readConfig({ ...process.env, ...settings.environment }, flags), () => compute);
  running.set(coordinator, started);
  return started;
}

async function end({ coordinator }: Extract<Asked, { kind: "end" }>) {
  const ended = running.get(coordinator)!;
  running.delete(coordinator);
  await ended.close();
  return ended;
}

process.on("message", (asked: Asked) => {
  const { coordinator } = asked;
  const reply = (said: Omit<Reply, "coordinator">) => void process.send!({ coordinator, ...said } satisfies Reply);
  (asked.kind === "start" ? start(asked) : end(asked)).then(
    ({ url, adminToken }) => reply({ url, adminToken, problem: null }),
    (error: unknown) => reply({ url: "", adminToken: null, problem: String((error as Error).stack ?? error) }),
  );
});
// Whoever asked is gone.
process.on("disconnect", () => process.exit(0));
