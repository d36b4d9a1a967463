/** Bodies of the HTTP API: the real routes, hooks and parsers, before a port that records. No answer may be a mistake of ours. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemoryStore } from "../../../server/store/testing/memory-store.ts";
import { createApi } from "../../../server/web/api.ts";
import { createHostRules } from "../../../server/web/host-rules.ts";
import { RecordingPort } from "../../../server/web/testing/recording-port.ts";
import { encodeNpy } from "../../../shared/protocol/npy.ts";
import { Crash, type FuzzTarget } from "./fuzz-target.ts";

const SHA = "a".repeat(64);
const submissions = [
  { kind: "inference", name: "digits", source: { kind: "sample", sample: "mnist", queryCount: 40 } },
  {
    kind: "inference",
    source: { kind: "uploads", modelSha256: SHA, queriesSha256: SHA, inputScale: 0.5 },
    tolerance: { relative: 0.1, absolute: 1 },
    scheme: "systematic",
  },
  { kind: "regression", source: { kind: "uploads", featuresSha256: SHA, labelsSha256: SHA }, iterations: 5, l2: 0.1 },
].map((submission) => Buffer.from(JSON.stringify(submission)));
const npy = encodeNpy({ dtype: "F32", shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) });
const multipart = Buffer.from(
  '--b\r\ncontent-disposition: form-data; name="files"; filename="model.json"\r\n\r\n{"format":"layers-model"}\r\n--b--\r\n',
);

/** @returns the targets, and what lets go of the server behind them */
export async function httpTargets(): Promise<{ targets: FuzzTarget[]; close(): Promise<void> }> {
  const client = mkdtempSync(join(tmpdir(), "paritab-fuzz-"));
  const app = await createApi({
    port: new RecordingPort(),
    store: new MemoryStore(),
    hostRules: createHostRules(null, "127.0.0.1"),
    directories: { client, swarm: null },
    isHttps: false,
  });
  const target = (name: string, url: string, contentType: string, seeds: readonly Uint8Array[]): FuzzTarget => ({
    name,
    seeds,
    errors: [],
    async run(input) {
      const headers = { host: "localhost:8787", "content-type": contentType };
      const { statusCode, body } = await app.inject({ method: "POST", url, headers, payload: Buffer.from(input) });
      if (statusCode >= 500) throw new Crash(`${name}: expected an answer below 500, got ${statusCode} ${body}`);
    },
  });
  return {
    targets: [
      target("POST /api/jobs", "/api/jobs", "application/json", submissions),
      target("POST /api/estimates", "/api/estimates", "application/json", submissions.slice(2)),
      target("POST /api/tensors", "/api/tensors", "application/octet-stream", [npy]),
      target("POST /api/models", "/api/models", "multipart/form-data; boundary=b", [multipart]),
    ],
    async close() {
      await app.close();
      rmSync(client, { recursive: true, force: true });
    },
  };
}
