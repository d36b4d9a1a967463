/** The package as `npm pack` makes it, in an empty folder with the packages that it asks for and nothing of the repository. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../../server/testing/free-port.ts";
import { createParitabClient } from "../../shared/sdk/paritab-client.ts";
import { expect, test } from "./fixtures.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

let folder: string;
const children: ChildProcess[] = [];

test.beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "paritab-package-")));
  // Built already: the browser tests run on those pages.
  const packed = spawnSync("npm", ["pack", "--ignore-scripts", "--pack-destination", folder], { cwd: ROOT });
  expect(packed.status).toBe(0);
  const modules = join(folder, "node_modules");
  mkdirSync(join(modules, "paritab"), { recursive: true });
  const archive = join(folder, packed.stdout.toString().trim().split("\n").at(-1)!);
  const unpacked = spawnSync("tar", ["-xzf", archive, "-C", join(modules, "paritab"), "--strip-components=1"]);
  expect(unpacked.status).toBe(0);
  rmSync(archive);
  linkPackages(modules);
});
test.afterAll(async () => {
  for (const child of children) await ended(child);
  rmSync(folder, { recursive: true, force: true });
});

/** As `npm install` of the package lays them: what only the repository's tests need is not there. */
function linkPackages(modules: string): void {
  const { packages } = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")) as {
    packages: Record<string, { dev?: boolean }>;
  };
  for (const [path, { dev = false }] of Object.entries(packages)) {
    const name = path.slice("node_modules/".length);
    if (path === "" || dev || name.includes("node_modules/") || !existsSync(join(ROOT, path))) continue;
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(realpathSync(join(ROOT, path)), join(modules, name));
  }
}

function start(argv: string[], environment: Record<string, string> = {}): ChildProcess & { said(): string } {
  const program = join(folder, "node_modules/paritab/server/cli/paritab.mjs");
  const env = { ...process.env, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder, ...environment };
  const child = spawn(process.execPath, [program, ...argv], { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
  children.push(child);
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (text += chunk.toString()));
  return Object.assign(child, { said: () => text });
}

async function run(argv: string[], environment: Record<string, string> = {}) {
  const child = start(argv, environment);
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, said: child.said() };
}

async function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const closed = new Promise<number | null>((resolve) => child.once("close", resolve));
  child.kill("SIGTERM");
  return closed;
}

test("serve, join, submit, receipt and verify work from an empty folder; what needs the repository says so", async () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };
  expect(await run(["--version"])).toEqual({ code: 0, said: `${version}\n` });

  const port = await freePort();
  const url = `http://localhost:${port}`;
  const client = createParitabClient({ baseUrl: url });
  const coordinator = start(["serve", "--port", String(port)]);
  await expect.poll(() => client.health().catch(() => false), { message: coordinator.said() }).toBe(true);
  expect(existsSync(join(folder, "data", "paritab.sqlite"))).toBe(true);

  const environment = { PARITAB_URL: url };
  const volunteer = start(
    ["join", "--threads", "1", "--intensity", "100", "--also-when-busy", "--nickname", "server"],
    environment,
  );
  const ready = async () => (await client.sessions()).filter(({ state }) => state === "idle").length;
  await expect.poll(ready, { message: "the volunteer is ready" }).toBe(1);

  const code = ["--queries-per-group", "1", "--stragglers", "0", "--liars", "0"];
  const job = ["submit", "inference", "--sample", "mnist", "--sample-count", "40", ...code, "--out", "answers.npy"];
  expect(await run([...job, "--name", "from a package"], environment)).toMatchObject({ code: 0 });
  const [{ jobId }] = (await client.jobs()) as unknown as [{ jobId: string }];
  expect(await run(["receipt", jobId, "--out", "kept"], environment)).toMatchObject({ code: 0 });

  expect(await ended(volunteer)).toBe(0);
  expect(volunteer.said()).toContain("joined http://localhost");
  expect(await client.volunteers()).toMatchObject([{ nickname: "server", quarantine: null }]);
  expect(await ended(coordinator)).toBe(0);
  // Nobody is asked: the coordinator has ended.
  expect(await run(["verify", "kept/receipt.json"])).toMatchObject({ code: 0 });
  expect(await run(["swarm", "--url", url])).toMatchObject({
    code: 1,
    said: expect.stringMatching(/needs the repository/),
  });
});
