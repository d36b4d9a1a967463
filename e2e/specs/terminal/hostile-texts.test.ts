/**
 * Every command before a coordinator that answers with hostile text in every field that may hold any: what volunteers, submitters and
 * models have said of themselves. Nothing of it steers the terminal, or begins a line.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { COMMANDS } from "../../../server/cli/commands.ts";
import { MemoryStore } from "../../../server/store/testing/memory-store.ts";
import { createApi } from "../../../server/web/api.ts";
import { createHostRules } from "../../../server/web/host-rules.ts";
import type { Json, OpenApiDocument } from "../../../server/web/openapi-document.ts";
import { RecordingPort } from "../../../server/web/testing/recording-port.ts";
import { encodeNpy } from "../../../shared/protocol/npy.ts";
import { simulationRandom } from "../../../shared/random/simulation-random.ts";
import { sealedReceiptSchema } from "../../../shared/receipts/sealed-receipt.ts";
import { ELSEWHERE, LINES, withPaths, writeFilesOfLines } from "./every-command.ts";
import { cli } from "./fake-terminal.ts";
import { HOSTILE, hostileValue } from "./hostile-value.ts";

const SEEDS = [1, 2, 3, 4, 5, 6];
/** Of one command: some wait for a job that never ends. */
const COMMAND_MS_MAX = 1_500;

let folder: string;
let document: OpenApiDocument;
let server: Server;
let url: string;
let random: () => number;
/** Answers to paths that are as a test says. */
const fixed = new Map<string, unknown>();
/** Paths of the API that were answered with a value of their schema. */
const answered = new Set<string>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "paritab-hostile-"));
  writeFilesOfLines(folder);
  const api = await createApi({
    port: new RecordingPort(),
    store: new MemoryStore(),
    hostRules: createHostRules(null, "127.0.0.1"),
    directories: { client: null, swarm: null },
    v1Directory: join(folder, "v1"),
    isHttps: false,
  });
  document = (await api.inject({ method: "GET", url: "/api/openapi.json" })).json();
  await api.close();
  server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

function answer(request: IncomingMessage, response: ServerResponse): void {
  request.resume();
  const path = new URL(request.url!, url).pathname;
  // No key of its own: signatures are another test's.
  if (path === "/api/receipt-keys") return void response.setHeader("content-type", "application/json").end("[]");
  if (fixed.has(path)) {
    return void response.setHeader("content-type", "application/json").end(JSON.stringify(fixed.get(path)));
  }
  const operation = operationAt(path, request.method!.toLowerCase());
  const schema = operation === null ? null : schemaOf(operation);
  if (schema === null) {
    const npy = encodeNpy({ dtype: "F32", shape: [2, 1], data: Float32Array.of(1, 2) });
    // Lines are what such a file is made of.
    return void response.end(/\.(csv|jsonl?)$/.test(path) ? `name\n${HOSTILE.replaceAll("\n", " ")}\n` : npy);
  }
  answered.add(path);
  // Some requests are refused, in words that may be anybody's as well.
  const isRefused = random() < 0.1;
  const value = isRefused
    ? { error: { code: HOSTILE, message: HOSTILE.replaceAll("\n", " ") } }
    : hostileValue(schema, document.components.schemas, random);
  response.writeHead(isRefused ? 422 : 200, { "content-type": "application/json" }).end(JSON.stringify(value));
}

function operationAt(path: string, method: string): Json | null {
  const found = Object.entries(document.paths).filter(
    ([template, methods]) =>
      method in methods && new RegExp(`^${template.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(path),
  );
  // The one with the fewest names left open.
  found.sort(([a], [b]) => a.split("{").length - b.split("{").length);
  return found[0]?.[1][method] ?? null;
}

function schemaOf({ responses }: Json): Json | null {
  const good = Object.entries(responses as Json).find(([status]) => status.startsWith("2"));
  const content = (good?.[1] as { content?: Json } | undefined)?.content;
  return (content?.["application/json"] as { schema?: Json } | undefined)?.schema ?? null;
}

/** What steers a terminal, ends of lines apart. */
const STEERS = /[^\P{Cc}\n\t]|[\u2028\u2029\u202A-\u202E\u2066-\u2069\u200E\u200F\u061C\u{E0020}-\u{E007F}]/u;

function requireHarmless(what: string, printed: string): void {
  expect(STEERS.exec(printed)?.[0].codePointAt(0)?.toString(16), `${what}: ${JSON.stringify(printed)}`).toBeUndefined();
  expect(/^PWNED/m.test(printed), `${what}: ${JSON.stringify(printed)}`).toBe(false);
}

function drawnFrom(seed: number): () => number {
  const source = simulationRandom(seed);
  return () => source.uniform();
}

/** @returns all that was printed */
async function printed(argv: readonly string[]): Promise<string> {
  let text = "";
  const world = {
    environment: { PARITAB_URL: url, XDG_CONFIG_HOME: mkdtempSync(join(folder, "config-")) },
    showsOutput: true,
    signal: AbortSignal.timeout(COMMAND_MS_MAX),
    onProgress: (line: string) => {
      requireHarmless(argv[0]!, line);
      expect(line).not.toContain("\n");
    },
  };
  const { out, said } = await cli(argv, world);
  text += out + said;
  return text;
}

test("every command is tried here", () => {
  expect([...Object.keys(LINES), ...ELSEWHERE].sort()).toEqual(COMMANDS.map(({ name }) => name).sort());
});

test.each(
  Object.entries(LINES).flatMap(([name, line]) => [[name, line, []] as const, [name, line, ["--json"]] as const]),
)(
  "`paritab %s` prints nothing that steers a terminal %s %s",
  async (name, line, more) => {
    for (const seed of SEEDS) {
      random = drawnFrom(seed);
      const argv = [...name.split(" "), ...withPaths(line, folder), ...more];
      requireHarmless(`${argv.join(" ")}, seed ${seed}`, await printed(argv));
    }
  },
  60_000,
);

test("the fields of jobs, sessions and models were among them, and hostile text came through as text", async () => {
  for (const path of ["/api/jobs", "/api/sessions", "/api/status"]) expect([...answered]).toContain(path);
  random = () => 0;
  expect(await printed(["jobs"])).toMatch(/PWNED/);
});

test("names that stay with a job, and texts, steer nothing in any format", async () => {
  const jobId = "n".repeat(24);
  const at = (what = "") => `/api/jobs/${jobId}${what}`;
  const one = HOSTILE.replaceAll("\n", " ");
  const labels = { holds: "one", names: [HOSTILE, one] };
  const common = { seal: "", top: 2, labels };
  const texts = {
    ...{ ...common, kind: "texts", texts: [HOSTILE, one], pairs: null, normalizes: false, output: "logits" },
    ...{ tokens: null, spans: null, candidates: null, jobs: [jobId], places: [0, 1], total: 2 },
  };
  const kept = [
    { kind: "rows", seal: "", names: [HOSTILE, one] },
    { ...common, kind: "pictures", names: [HOSTILE, one] },
    { ...texts, gives: "labels" },
    { ...texts, gives: "vectors" },
    { ...texts, gives: "labels", pairs: [one, HOSTILE] },
    { ...texts, gives: "tokens", tokens: [HOSTILE, one].map((word) => ({ words: [word], start: 0, count: 1 })) },
    { ...texts, gives: "spans", pairs: [one, one], spans: [one, one].map((piece) => ({ start: 0, pieces: [piece] })) },
  ];
  random = drawnFrom(1);
  const { schemas } = document.components;
  const view = hostileValue(schemas.InferenceJobView!, schemas, random) as Json;
  const answerAt = (index: number) => ({
    ...(hostileValue(schemas.AnswerView!, schemas, random) as Json),
    ...{ index, label: 0, mark: "exact", final: true, bound: 0, confidence: null, outputs: [1, 2] },
  });
  const { partOf: _partOf, takenBackCount: _taken, ...own } = view;
  fixed.set(at(), { ...own, jobId, kind: "inference", queryCount: 2, keepsNames: true });
  fixed.set(at("/answers.json"), { queryCount: 2, matching: 2, offset: 0, answers: [answerAt(0), answerAt(1)] });
  for (const names of kept) {
    fixed.set(at("/names.json"), names);
    for (const more of [[], ["--json"], ["--format", "jsonl"]]) {
      const told = await printed(["results", jobId, ...more]);
      requireHarmless(`${names.kind} ${more}`, told);
      expect(told, `${names.kind} ${more}`).toMatch(/PWNED/);
    }
  }
  // What is none is told in words.
  fixed.set(at("/names.json"), { kind: HOSTILE });
  const refused = await printed(["results", jobId]);
  requireHarmless("no names", refused);
  expect(refused).toMatch(/names of job n+: kind: expected/);
});

test("a receipt of a stranger's, and labels, texts and names of files of a stranger's folder, steer nothing either", async () => {
  const schema = z.toJSONSchema(sealedReceiptSchema, { unrepresentable: "any", io: "input" }) as Json;
  for (const seed of SEEDS) {
    random = drawnFrom(seed);
    const receipt = hostileValue(schema, (schema.$defs ?? {}) as Record<string, Json>, random);
    writeFileSync(join(folder, "receipt.json"), JSON.stringify(receipt));
    requireHarmless(`verify, seed ${seed}`, await printed(["verify", join(folder, "receipt.json")]));
  }
  writeFileSync(join(folder, "table.csv"), `${HOSTILE.replaceAll("\n", " ")},b\n1,${HOSTILE.replaceAll("\n", " ")}\n`);
  requireHarmless("convert", await printed(["convert", join(folder, "table.csv"), join(folder, "o.npy")]));
  mkdirSync(join(folder, "model"), { recursive: true });
  writeFileSync(
    join(folder, "model", "config.json"),
    JSON.stringify({ model_type: HOSTILE, id2label: { 0: HOSTILE } }),
  );
  requireHarmless(
    "submit",
    await printed(["submit", "--model", join(folder, "model"), "--texts", join(folder, "corpus.txt")]),
  );
});
