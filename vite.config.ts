/**
 * Three things are built or run from here:
 *   vite build               the worker page (/), the dashboard (/dashboard), the operator's page (/operator) and the class page (/class) into build/client
 *   vite build --mode swarm  the test crowd's page with its faults into build/swarm; the production build knows nothing of it
 *   vitest                   two projects: `unit`, tests beside their files, and `proofs`, all of e2e that needs no browser
 *
 * The pages run under a strict Content-Security-Policy: nothing inline, no data: scripts, everything of our own origin.
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, dirname, join, relative, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { defineConfig, type Plugin, runnerImport, type UserConfig } from "vite";
// Types alone: pages are built where no tests run.
import type { TestProjectConfiguration } from "vitest/config";
import { compiledServer } from "./server/compiled.mjs";
import { LIBRARIES } from "./shared/compute/runtimes/runtimes.ts";
import { PROTOCOL_VERSION } from "./shared/protocol/limits.ts";

const projectRoot = dirname(fileURLToPath(import.meta.url));

/** 16 hex digits that change whenever anything that a tab runs may have changed. Both builds carry the same. */
function buildHash(): string {
  const hash = createHash("sha256");
  const files = [...sourcesBelow("client"), ...sourcesBelow("shared"), "package-lock.json"].sort();
  for (const file of files) {
    const content = readFileSync(join(projectRoot, file));
    hash.update(`${file}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex").slice(0, 16);
}

function sourcesBelow(folder: string): string[] {
  return readdirSync(join(projectRoot, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.(test|contract)\.tsx?$|\.tsbuildinfo$/.test(entry.name))
    .map((entry) => relative(projectRoot, join(entry.parentPath, entry.name)).split(sep).join("/"));
}

/** What the worker page needs to be an app, under names that never change: the manifest and the icons it names. */
function emitAppFiles(): Plugin {
  const folder = join(projectRoot, "client/pwa");
  return {
    name: "paritab-app-files",
    generateBundle() {
      for (const fileName of readdirSync(folder).filter((name) => /\.(png|webmanifest)$/.test(name))) {
        this.emitFile({ type: "asset", fileName, source: readFileSync(join(folder, fileName)) });
      }
    },
  };
}

const jsx = { runtime: "automatic", importSource: "preact" } as const;

/** Each page's file shows what the page draws first: a browser paints it before it has read any script. */
function writeFirstViews(define: Readonly<Record<string, string>>): Plugin {
  let views: Promise<Readonly<Record<string, string>>> | null = null;
  const draw = async () => {
    const config = { root: projectRoot, configFile: false, define, oxc: { jsx } } as const;
    const { module } = await runnerImport<typeof import("./client/first-views.ts")>("./client/first-views.ts", config);
    return module.FIRST_VIEWS;
  };
  return {
    name: "paritab-first-views",
    transformIndexHtml: {
      order: "pre",
      async handler(html, { filename }) {
        views ??= draw();
        const view = (await views)[basename(filename)];
        return view === undefined ? html : html.replace('<div id="page"></div>', () => `<div id="page">${view}</div>`);
      },
    },
  };
}

/** build.json tells the coordinator which client it serves, so that it can tell tabs of another one to upgrade. */
function emitBuildFile(hash: string): Plugin {
  return {
    name: "paritab-build-file",
    generateBundle() {
      const source = `${JSON.stringify({ buildHash: hash, protocolVersion: PROTOCOL_VERSION, libraries: LIBRARIES })}\n`;
      this.emitFile({ type: "asset", fileName: "build.json", source });
    },
  };
}

/** Below it a file fits into a packet or two as it is. */
const COMPRESSED_BYTES_MIN = 2 * 1024;

/** Scripts, styles and WebAssembly lie there in gzip too, once and for all: what volunteers download is a third of it. */
function emitCompressed(folder: string): Plugin {
  return {
    name: "paritab-compressed",
    closeBundle() {
      for (const name of readdirSync(folder).filter((name) => /\.(wasm|js|css)$/.test(name))) {
        const content = readFileSync(join(folder, name));
        if (content.length >= COMPRESSED_BYTES_MIN) writeFileSync(join(folder, `${name}.gz`), gzipSync(content));
      }
    },
  };
}

/**
 * Threads and processes of a coordinator that a test starts run the compiled code, as those of any other coordinator do: they need no TypeScript
 * loader, which costs more than all the rest of their start.
 */
function startFromCompiled(): Plugin {
  let folder: Promise<string> | null = null;
  return {
    name: "paritab-start-from-compiled",
    enforce: "pre",
    async transform(code, id) {
      const path = relative(projectRoot, id).split(sep).join("/");
      if (!path.startsWith("server/")) return null;
      folder ??= compiledServer();
      const compiled = await folder;
      const addressOf = (name: string) => {
        const started = join(compiled, dirname(path), name.replace(/\.ts$/, ".js"));
        return existsSync(started) ? JSON.stringify(pathToFileURL(started).href) : null;
      };
      return code
        .replace(/\bnew URL\("(\.\/[\w/-]+\.(?:mjs|ts))", import\.meta\.url\)/g, (said, name) => {
          const address = addressOf(name);
          return address === null ? said : `new URL(${address})`;
        })
        .replace(/(?<=^export const TASKS_MODULE = )import\.meta\.url/m, (said) => addressOf(basename(path)) ?? said);
    },
  };
}

// None of these is what a test asserts: they end a test that would never end, on a machine that does many other things too.
const patience = { testTimeout: 240_000, hookTimeout: 240_000, expect: { poll: { timeout: 120_000 } } };
// What the proof of additions adds to a copy runs in that copy.
const exclude = ["**/node_modules/**", "build/**", "e2e/proofs/additions/tree/**"];
const TOOLS = "e2e/specs/terminal/**/*.test.ts";

/** `npm run unit` runs the first; the gate runs it and `proofs*`. */
const projects: TestProjectConfiguration[] = [
  {
    // Beside the code, in no process of their own: what one file imports the next one finds, which halves the work.
    plugins: [startFromCompiled()],
    test: {
      name: "unit",
      include: ["{client,server,shared}/**/*.test.ts"],
      exclude,
      pool: "threads",
      isolate: false,
      ...patience,
    },
  },
  {
    // Whole coordinators, crowds, disks that fail, facts about the tree: each file in a process of its own.
    plugins: [startFromCompiled()],
    test: { name: "proofs", include: ["e2e/**/*.test.ts"], exclude: [...exclude, TOOLS], ...patience },
  },
  {
    // What submitters work with, against coordinators in the process of the tests: few processes for all files, for each loads a whole coordinator.
    plugins: [startFromCompiled()],
    test: { name: "proofs of tools", include: [TOOLS], exclude, isolate: false, ...patience },
  },
];

/** These files are short and take long. Vitest begins with files of many lines, where it does not know yet how long each takes. */
const TAKES_LONG = /\/e2e\/proofs\/(attacks|large-jobs|simulator|slow-senders|torture)\/|\/torture-cells\./;

/** What takes long begins first: begun last, it would keep one processor at work and leave the others nothing. */
async function longestFirst() {
  const { BaseSequencer } = await import("vitest/node");
  return class extends BaseSequencer {
    override async sort(files: Parameters<InstanceType<typeof BaseSequencer>["sort"]>[0]) {
      const takesLong = ({ moduleId }: (typeof files)[number]) => TAKES_LONG.test(moduleId);
      return (await super.sort(files)).sort((a, b) => Number(takesLong(b)) - Number(takesLong(a)));
    }
  };
}

export default defineConfig(async ({ mode }): Promise<UserConfig> => {
  // Two at least: the longest files wait for processes of their own.
  if (mode === "test") {
    const maxWorkers = Math.max(2, availableParallelism() - 1);
    return { root: projectRoot, test: { projects, maxWorkers, sequence: { sequencer: await longestFirst() } } };
  }
  const hash = buildHash();
  const define = { __BUILD_HASH__: JSON.stringify(hash) };
  const isSwarm = mode === "swarm";
  const root = join(projectRoot, isSwarm ? "e2e/crowd/browser/page" : "client");
  const outDir = join(projectRoot, isSwarm ? "build/swarm" : "build/client");
  const pages = isSwarm ? ["swarm.html"] : ["index.html", "dashboard.html", "operator.html", "class.html"];
  return {
    root,
    base: isSwarm ? "/swarm/" : "/",
    publicDir: false,
    define,
    oxc: { jsx },
    worker: { format: "es" },
    plugins: [
      emitBuildFile(hash),
      ...(isSwarm ? [] : [emitAppFiles(), writeFirstViews(define)]),
      emitCompressed(join(outDir, "assets")),
    ],
    build: {
      outDir,
      emptyOutDir: true,
      target: "es2023",
      assetsDir: "assets",
      // An inlined asset is a data: URL, which the Content-Security-Policy refuses.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      // The library of a model runtime is loaded only after Start, or with the first model that asks for it.
      chunkSizeWarningLimit: 2_500,
      rolldownOptions: {
        input: [...pages.map((page) => join(root, page)), ...(isSwarm ? [] : [join(root, "pwa/service-worker.ts")])],
        output: {
          // A service worker is known by its address: a hash in its name would leave the old one in place for ever.
          entryFileNames: ({ name }) => (name === "service-worker" ? "service-worker.js" : "assets/[name]-[hash].js"),
        },
      },
    },
  };
});
