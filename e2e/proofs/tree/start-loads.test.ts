/** What a coordinator loads to start: packages that few of them ever need are loaded when they are needed. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startProcess } from "../../coordinators/coordinator-process.ts";

const SAY_AT_END = `
import { createRequire } from "node:module";
const { cache } = createRequire("file:///");
process.on("exit", () => console.log("loaded " + JSON.stringify(Object.keys(cache))));
`;

test("a coordinator starts without what compiles JSON schemas, describes the API, makes certificates or reads pictures", async () => {
  const dataDirectory = await mkdtemp(join(tmpdir(), "paritab-loads-"));
  try {
    const nodeFlags = ["--import", `data:text/javascript,${encodeURIComponent(SAY_AT_END)}`];
    const coordinator = await startProcess({ dataDirectory, nodeFlags });
    expect(await coordinator.end("SIGTERM")).toBe(0);
    const files = JSON.parse(/^loaded (.*)$/m.exec(coordinator.output())![1]!) as string[];
    const packages = new Set(files.map((file) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1]));
    expect(packages).toContain("fastify");
    const late = ["ajv", "ajv-formats", "@fastify/swagger", "yaml", "node-forge", "sharp", "pg"];
    expect(late.filter((name) => packages.has(name))).toEqual([]);
  } finally {
    await rm(dataDirectory, { recursive: true, force: true });
  }
}, 120_000);
