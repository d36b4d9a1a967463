/**
 * A process that runs models for the coordinator, and may die of them. It owns a model runtime, does one thing at a time, and ends with
 * the coordinator.
 */
import type { Implementation, LoadedModel, ModelRuntime } from "../../shared/compute/model-runtime.ts";
import { startTrustedRuntimes } from "../../shared/compute/runtimes/start-trusted.ts";
import { assetsInNode } from "../numerics/runtime-assets.ts";
import { type FromProcess, modelName, type ProcessSpent, type ToProcess } from "./process-messages.ts";
import { ownPeakBytes } from "./process-usage.ts";

/** What WebAssembly, its libraries and V8 say when memory is out of bounds or has run out. */
const BROKEN = /out of memory|memory access|unreachable|bad_alloc|OOM|alloc|out of bounds|Aborted|SafeInt|signature/i;

const models = new Map<string, LoadedModel>();
const parts = new Map<string, Uint8Array>();
/** Their libraries are loaded with the first model that wants them. */
const runtimes: Readonly<Record<Implementation, ModelRuntime>> = startTrustedRuntimes(assetsInNode);

/** Puts the part in its place. @returns the whole bundle with its last part, else null */
function gathered(request: Extract<ToProcess, { type: "model" }>): Uint8Array | null {
  const { bytes, at, part } = request;
  const name = modelName(request);
  const bundle = parts.get(name) ?? new Uint8Array(bytes);
  bundle.set(part, at);
  const isWhole = at + part.length === bytes;
  if (isWhole) parts.delete(name);
  else parts.set(name, bundle);
  return isWhole ? bundle : null;
}

async function answer(request: ToProcess, spent: () => ProcessSpent): Promise<FromProcess | null> {
  switch (request.type) {
    case "model": {
      const bundle = gathered(request);
      if (bundle === null) return null;
      models.set(modelName(request), await runtimes[request.implementation].load(bundle, { triesRow: false }));
      return { type: "loaded", ...spent() };
    }
    case "run": {
      const outputs = await models.get(modelName(request))!.run(request.rows, request.rowCount);
      return { type: "ran", outputs, ...spent() };
    }
    case "drop":
      models.get(modelName(request))?.dispose();
      models.delete(modelName(request));
      return null;
  }
}

function failure(error: unknown, spent: ProcessSpent): FromProcess {
  const message = error instanceof Error ? error.message : String(error);
  const isTrap = error instanceof Error && ["RuntimeError", "RangeError"].includes(error.name);
  return { type: "failed", message, isBroken: isTrap || BROKEN.test(message), ...spent };
}

function totalCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

process.on("message", (request: ToProcess) => {
  const startMs = totalCpuMs();
  const spent = (): ProcessSpent => {
    const nowMs = totalCpuMs();
    return { cpuMs: nowMs - startMs, totalCpuMs: nowMs, peakBytes: ownPeakBytes() };
  };
  answer(request, spent).then(
    (answered) => answered !== null && process.send!(answered),
    (error: unknown) => process.send!(failure(error, spent())),
  );
});
process.send!({ type: "ready", totalCpuMs: totalCpuMs() } satisfies FromProcess);
