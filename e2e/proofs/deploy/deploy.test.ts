/**
 * The files of docs/deploy, as far as they can be tried without a container engine: the tree that the image holds is made as its file says, and
 * a coordinator runs from it.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { parse } from "yaml";
import { compiledServer } from "../../../server/compiled.mjs";
import { readConfig } from "../../../server/config.ts";
import { encodeNpy } from "../../../shared/protocol/npy.ts";
import { createParitabClient, type ParitabClient } from "../../../shared/sdk/paritab-client.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const DEPLOY = join(ROOT, "docs/deploy");
const IMAGE = join(ROOT, "build/deploy-proof");
/** With Node and a slim Debian it stays below 500 MB. */
const MODULES_MB_MAX = 300;
const START_MS_MAX = 120_000;

const text = (name: string) => readFileSync(join(DEPLOY, name), "utf8");
const CONTAINERFILE = text("Containerfile");

let data: string;
let coordinator: ChildProcess;
let output = "";
let client: ParitabClient;
let url: string;
let pruned: string;

beforeAll(async () => {
  rmSync(IMAGE, { recursive: true, force: true });
  data = mkdtempSync(join(tmpdir(), "paritab-deploy-"));
  await compiledServer();
  for (const path of productionPackages()) link(path);
  for (const [, given] of CONTAINERFILE.matchAll(/^COPY --from=build ((?:\/paritab\/\S+ )+)/gm)) {
    for (const path of given!.trim().split(" "))
      if (!path.endsWith("/node_modules")) link(path.slice("/paritab/".length));
  }
  pruned = execFileSync(process.execPath, [join(DEPLOY, "prune.mjs"), IMAGE], { encoding: "utf8" });
  // For pages that misbehave on purpose, which the image has none of.
  mkdirSync(join(IMAGE, "build/swarm"), { recursive: true });
  coordinator = spawn(process.execPath, ["server/start.mjs", "--allow-faults", "--port", "0"], {
    cwd: IMAGE,
    env: { PATH: process.env.PATH, NODE_ENV: "production", PARITAB_DATA_DIR: data, PARITAB_LOG_LEVEL: "warn" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  for (const stream of [coordinator.stdout!, coordinator.stderr!]) stream.on("data", (piece) => (output += piece));
  await vi.waitUntil(() => output.includes("Paritab listens on"), { timeout: START_MS_MAX });
  url = /Paritab listens on (\S+)/.exec(output)![1]!;
  client = createParitabClient({ baseUrl: url });
});
afterAll(() => {
  coordinator.kill("SIGKILL");
  for (const folder of [IMAGE, data]) rmSync(folder, { recursive: true, force: true });
});

/** As `npm ci --omit=dev` installs them. */
function productionPackages(): string[] {
  const lock = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8"));
  const entries = Object.entries<{ dev?: boolean; devOptional?: boolean }>(lock.packages);
  const needed = entries.filter(([path, { dev, devOptional }]) => path !== "" && !dev && !devOptional);
  return needed.map(([path]) => path).filter((path) => existsSync(join(ROOT, path)));
}

/** A file, or a folder without the packages inside it: those are named themselves. */
function link(path: string): void {
  const from = join(ROOT, path);
  if (statSync(from).isFile()) {
    mkdirSync(dirname(join(IMAGE, path)), { recursive: true });
    if (!existsSync(join(IMAGE, path))) linkSync(from, join(IMAGE, path));
    return;
  }
  for (const name of readdirSync(from)) if (name !== "node_modules") link(join(path, name));
}

test("the image's packages are pruned to what a coordinator reads", () => {
  const [, before, after] = /(\d+) MB before, (\d+) MB after/.exec(pruned)!.map(Number);
  expect(after).toBeLessThan(MODULES_MB_MAX);
  expect(after).toBeLessThan(before!);
});

test("it starts from the compiled code that the image holds", () => {
  const compiled = (root: string) => readdirSync(join(root, "build/compiled"));
  expect(compiled(ROOT)).toEqual(expect.arrayContaining(compiled(IMAGE)));
  expect(output).not.toContain("TypeScript loader");
});

test("a coordinator in it does jobs of both runtimes, and serves its pages", async () => {
  const file = join(ROOT, "build/client/build.json");
  const { buildHash } = JSON.parse(readFileSync(file, "utf8")) as { buildHash: string };
  vi.doMock("../../../client/session/build-hash.ts", () => ({ BUILD_HASH: buildHash }));
  const { openNodeTab } = await import("../../crowd/node-tab.ts");
  const tabs = await Promise.all(Array.from({ length: 4 }, (_, n) => openNodeTab(url, `node tab ${n}`)));
  try {
    const code = { queriesPerGroup: 2, stragglers: 1, liars: 0 } as const;
    const source = { kind: "sample", sample: "mnist", queryCount: 20 } as const;
    const { jobId } = await client.submit({ kind: "inference", source, ...code });
    for await (const _ of client.follow(jobId));
    expect((await client.inferenceJob(jobId)).accuracy).toBeGreaterThan(0.8);

    const model = readFileSync(join(ROOT, "e2e/models/small-resnet/model.onnx"));
    const { modelSha256 } = await client.uploadModel([{ name: "model.onnx", data: new Uint8Array(model) }]);
    const shape = [4, 3, 32, 32];
    const queries = { dtype: "F32", shape, data: new Float32Array(4 * 3 * 32 * 32).fill(0.5) } as const;
    const { tensorSha256: queriesSha256 } = await client.uploadTensor(new Uint8Array(encodeNpy(queries)));
    const uploads = { kind: "uploads", modelSha256, queriesSha256 } as const;
    // Tried in a process of the coordinator's before it is taken.
    const onnx = await client.submit({ kind: "inference", source: uploads, output: "logits", ...code });
    expect((await client.job(onnx.jobId)).state).not.toBe("failed");
  } finally {
    for (const tab of tabs) tab.stop();
  }
  for (const page of ["/", "/dashboard", "/operator"]) expect((await fetch(`${url}${page}`)).status).toBe(200);
});

test("the programs that the page names run in it from compiled code: tokens, backups, and restoring one", async () => {
  const page = readFileSync(join(ROOT, "docs/deploy.md"), "utf8");
  const named = [...page.matchAll(/node server\/program\.mjs ((?:[\w-]+ ?)+)/g)].map(([, words]) => words!.trim());
  expect([...new Set(named)].sort()).toEqual([
    "backups make",
    "backups restore",
    "tokens create prometheus --scopes read",
  ]);
  const run = (words: string, more: object = {}) => {
    const env = { PATH: process.env.PATH, PARITAB_DATA_DIR: data, PARITAB_URL: url, ...more };
    const args = ["server/program.mjs", ...words.split(" ")];
    // As of whoever may not write there: nothing is compiled for it, and no loader is needed.
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: IMAGE, env, encoding: "utf8" });
    return { status, said: `${stdout}${stderr}` };
  };
  const before = readdirSync(join(IMAGE, "build/compiled"));
  expect(run("doctor")).toMatchObject({ status: 0, said: expect.stringContaining("ok    node") });
  expect(run("backups make")).toMatchObject({ status: 0, said: expect.stringMatching(/ files, /) });
  const restored = mkdtempSync(join(tmpdir(), "paritab-restored-"));
  try {
    const [name] = readdirSync(join(data, "backups"));
    const words = `backups restore ${join(data, "backups", name!)}`;
    expect(run(words, { PARITAB_DATA_DIR: restored })).toMatchObject({
      status: 0,
      said: expect.stringMatching(/^restored /),
    });
    const there = { PARITAB_DATA_DIR: restored };
    expect(run("tokens create prometheus --scopes read --offline", there)).toMatchObject({
      status: 0,
      said: expect.stringMatching(/prometheus {2}read .*\ntoken, shown this once: ptb_/),
    });
  } finally {
    rmSync(restored, { recursive: true, force: true });
  }
  expect(readdirSync(join(IMAGE, "build/compiled"))).toEqual(before);
});

test("what the health check asks is answered, and SIGTERM ends it in good order", async () => {
  const [, asked] = /^ {2}CMD \["node", "-e", "(.+)"\]$/m.exec(CONTAINERFILE)!;
  const { hostname, port } = new URL(url);
  const env = { PATH: process.env.PATH, PARITAB_HOST: hostname, PARITAB_PORT: port };
  const status = () => spawnSync(process.execPath, ["-e", asked!], { env }).status;
  expect(status()).toBe(0);
  const metrics = await (await fetch(`${url}/metrics`)).text();
  const known = new Set([...metrics.matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name!));
  const used = [text("alerts.yaml"), text("grafana/paritab.json")]
    .flatMap((file) =>
      [...file.matchAll(/\b(?:paritab|process|nodejs)_\w+/g)].map(([name]) => name.replace(/_bucket$/, "")),
    )
    .filter((name, i, all) => all.indexOf(name) === i);
  expect(used.length).toBeGreaterThan(15);
  expect(used.filter((name) => !known.has(name))).toEqual([]);
  coordinator.kill("SIGTERM");
  expect(await new Promise((resolve) => coordinator.once("exit", resolve))).toBe(0);
  expect(status()).toBe(1);
});

test("every alert says what it means, and every panel asks something", () => {
  const { groups } = parse(text("alerts.yaml")) as {
    groups: { rules: { expr: string; labels: object; annotations: object }[] }[];
  };
  const rules = groups.flatMap((group) => group.rules);
  expect(rules.length).toBeGreaterThan(5);
  for (const { expr, labels, annotations } of rules) {
    expect(expr).toMatch(/\S/);
    expect(labels).toEqual({ severity: expect.stringMatching(/^(page|ticket)$/) });
    expect(annotations).toEqual({ summary: expect.stringMatching(/\.$/) });
  }
  const { panels } = JSON.parse(text("grafana/paritab.json")) as {
    panels: { title: string; targets: { expr: string }[] }[];
  };
  for (const { title, targets } of panels) expect([title, targets.length > 0]).toEqual([title, true]);
});

test("the compose file names files that are there, and settings that a coordinator knows", () => {
  const compose = parse(text("compose.yaml")) as {
    services: Record<
      string,
      { volumes?: string[]; environment?: Record<string, string>; build?: { dockerfile: string } }
    >;
  };
  const mounted = Object.values(compose.services).flatMap(({ volumes = [] }) => volumes);
  const files = mounted.map((mount) => mount.split(":")[0]!).filter((path) => path.startsWith("./"));
  // The token is made by whoever runs it.
  const missing = files.filter((path) => path !== "./metrics-token" && !existsSync(join(DEPLOY, path)));
  expect(missing).toEqual([]);
  const { build, environment } = compose.services.paritab!;
  expect(existsSync(join(ROOT, build!.dockerfile))).toBe(true);
  const filled = Object.entries(environment!).map(([name, value]) => {
    const given = value
      .replace(/\$\{PARITAB_DOMAIN[^}]*\}/, "paritab.example.org")
      .replace(/\$\{POSTGRES_PASSWORD[^}]*\}/, "secret");
    return [name, given] as const;
  });
  const config = readConfig(Object.fromEntries(filled), []);
  expect(config.publicUrl?.href).toBe("https://paritab.example.org/");
  expect([config.host, config.trustProxy]).toEqual(["paritab", true]);
  const { scrape_configs: scrapes } = parse(text("prometheus.yaml")) as {
    scrape_configs: { static_configs: { targets: string[] }[] }[];
  };
  expect(scrapes[0]!.static_configs[0]!.targets).toEqual([`${config.host}:${config.port}`]);
});

test("the unit is one that systemd takes", () => {
  const unit = join(data, "paritab.service");
  writeFileSync(unit, text("paritab.service").replace("/usr/bin/node", process.execPath));
  const { error, status, stderr } = spawnSync("systemd-analyze", ["verify", unit], { encoding: "utf8" });
  if (error === undefined) {
    expect([status, stderr]).toEqual([0, ""]);
    const { stdout } = spawnSync("systemd-analyze", ["security", "--offline=true", "--no-pager", unit], {
      encoding: "utf8",
    });
    const [, exposure] = /Overall exposure level for \S+: ([\d.]+)/.exec(stdout)!;
    const [, told] = /`systemd-analyze security` gives its\s+exposure as ([\d.]+)/.exec(
      readFileSync(join(ROOT, "docs/deploy.md"), "utf8"),
    )!;
    // Other versions of systemd look at a few things more or fewer.
    expect(Number(exposure)).toBeLessThanOrEqual(Number(told) + 0.3);
  }
  const environment = [...text("paritab.service").matchAll(/(PARITAB_\w+)=(\S*)/g)].map(([, name, value]) => [
    name!,
    value!,
  ]);
  const values = environment.map(([name, value]) => [
    name,
    value!.endsWith("...")
      ? `${value!.slice(0, -3)}paritab.example${name === "PARITAB_DATABASE_URL" ? "/paritab" : ""}`
      : value,
  ]);
  expect(() => readConfig(Object.fromEntries(values), [])).not.toThrow();
});
