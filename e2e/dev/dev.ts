/**
 * `npm run dev [-- --port 5173] [--coordinator 8787] [--data-dir data] [--tabs 2] [--profile honest]`: the pages from their
 * sources with hot reload, before a coordinator that is restarted whenever a file of its own changes; and so many tabs of a
 * swarm. The coordinator takes tabs of the last build, so the pages say that they are it. Its security headers are not on
 * these pages: what breaks them is seen on the coordinator's own port.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { createServer } from "vite";
import { createParitabClient } from "../../shared/sdk/paritab-client.ts";
import { sayUsageErrors } from "../flags/usage-error.ts";
import { wholeNumber } from "../flags/whole-number.ts";

const ROOT = dirname(dirname(import.meta.dirname));
/** What the coordinator answers itself; every other address is a file of client/. */
const ANSWERED = "^/(api|socket\\.io|blobs|swarm|healthz|readyz|metrics|manifest\\.webmanifest|icon-)";
const PORT_MAX = 65_535;
const POLL_MS = 200;

sayUsageErrors();
const { values } = parseArgs({
  options: {
    port: { type: "string", default: "5173" },
    coordinator: { type: "string", default: "8787" },
    "data-dir": { type: "string", default: "data" },
    tabs: { type: "string", default: "0" },
    profile: { type: "string", default: "honest" },
  },
});
const port = wholeNumber("--port", values.port, 1, PORT_MAX);
const coordinatorPort = wholeNumber("--coordinator", values.coordinator, 1, PORT_MAX);
const tabs = wholeNumber("--tabs", values.tabs, 0);
const url = `http://localhost:${coordinatorPort}`;

const tsx = join(ROOT, "node_modules", ".bin", "tsx");
const ports = ["--port", String(coordinatorPort), "--data-dir", values["data-dir"], "--allow-faults"];
const children: ChildProcess[] = [
  spawn(tsx, ["watch", "--clear-screen=false", "server/main.ts", ...ports], { cwd: ROOT, stdio: "inherit" }),
];

const { buildHash } = JSON.parse(readFileSync(join(ROOT, "build/client/build.json"), "utf8")) as { buildHash: string };
const pages = await createServer({
  configFile: false,
  root: join(ROOT, "client"),
  appType: "mpa",
  publicDir: false,
  cacheDir: join(ROOT, "build/vite"),
  define: { __BUILD_HASH__: JSON.stringify(buildHash) },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  worker: { format: "es" },
  plugins: [
    {
      name: "paritab-page-names",
      configureServer({ middlewares }) {
        middlewares.use((request, _response, next) => {
          request.url = request.url?.replace(/^\/(dashboard|operator)(?=$|\?)/, "/$1.html");
          next();
        });
      },
    },
  ],
  server: {
    port,
    strictPort: true,
    // The Host header stays: to the coordinator the pages are its own.
    proxy: { [ANSWERED]: { target: url, ws: true } },
    headers: { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" },
    fs: { allow: [ROOT, realpathSync(join(ROOT, "node_modules"))] },
  },
});
await pages.listen();
console.log(`dev: pages at http://localhost:${port}/ and /dashboard and /operator; the coordinator at ${url}`);

if (tabs > 0) {
  const { health } = createParitabClient({ baseUrl: url });
  while (!(await health().catch(() => false))) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  const crowd = ["e2e/crowd/browser/swarm.ts", "--url", url, "--tabs", String(tabs), "--profile", values.profile];
  children.push(spawn(tsx, crowd, { cwd: ROOT, stdio: "inherit" }));
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, async () => {
    for (const child of children) child.kill(signal);
    await pages.close();
    process.exit(0);
  });
}
