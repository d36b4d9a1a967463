/** No path that a request names leads out of the folders that are served, on a real socket: inject() would tidy it up first. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openSqliteStore, type SqliteStore } from "../store/sqlite-store.ts";
import { createApi } from "./api.ts";
import { createHostRules } from "./host-rules.ts";
import { RecordingPort } from "./testing/recording-port.ts";

const SECRET = "nobody outside may read this";
const DEPTHS = [1, 2, 3, 8];

let directory: string;
let store: SqliteStore;
let app: FastifyInstance;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "paritab-paths-"));
  for (const folder of ["pages", "pages/assets", "swarm", "data"]) mkdirSync(join(directory, folder));
  writeFileSync(join(directory, "pages/index.html"), "<title>pages</title>");
  writeFileSync(join(directory, "pages/.hidden"), SECRET);
  writeFileSync(join(directory, "secret.txt"), SECRET);
  store = await openSqliteStore(join(directory, "data"));
  app = await createApi({
    port: new RecordingPort(),
    store,
    hostRules: createHostRules(null, "127.0.0.1"),
    directories: { client: join(directory, "pages"), swarm: join(directory, "swarm") },
    isHttps: false,
  });
  await app.listen({ port: 0, host: "127.0.0.1" });
});
afterEach(async () => {
  await app.close();
  await store.close();
  rmSync(directory, { recursive: true, force: true });
});

/** Ways up, in every spelling that some server has once understood, to a file above the pages. */
function waysOut(): string[] {
  const ups = [
    "../",
    "..%2f",
    "%2e%2e/",
    "%2e%2e%2f",
    "%252e%252e%252f",
    "..%5c",
    "..\\",
    ".%2e/",
    "....//",
    "..;/",
    "%c0%ae%c0%ae/",
    "%uff0e%uff0e/",
    "..%00/",
    "..%c0%af",
    "./../",
    "assets/../../",
    "assets%2f..%2f..%2f",
  ];
  const climbs = ups.flatMap((up) => DEPTHS.map((depth) => up.repeat(depth)));
  const secret = encodeURIComponent(join(directory, "secret.txt"));
  const absolute = [join(directory, "secret.txt"), secret, `file://${directory}/secret.txt`, `%00${secret}`];
  const others = [
    "%5c%5clocalhost%5cc$%5csecret.txt",
    "C:%5csecret.txt",
    ".hidden",
    "%2ehidden",
    "assets/%2e%2e/.hidden",
  ];
  const files = ["secret.txt", "data/paritab.sqlite"];
  return [...climbs.flatMap((climb) => files.map((file) => climb + file)), ...absolute, ...others];
}

function ask(path: string): Promise<{ status: number; body: string }> {
  const { port } = app.server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, path, headers: { host: "localhost" } }, (response) => {
      let body = "";
      response.on("data", (chunk: Buffer) => (body += chunk.toString("latin1")));
      response.once("end", () => resolve({ status: response.statusCode!, body }));
    });
    asked.once("error", reject).end();
  });
}

it("[D1] 800 ways out of a folder read nothing outside it, behind every address that takes a name", async () => {
  const ways = waysOut();
  const places = ["/", "/assets/", "/swarm/", "/api/jobs/", "/api/work/", "/api/samples/"];
  expect(ways.length * places.length).toBeGreaterThan(800);
  for (const place of places) {
    for (const way of ways) {
      const { status, body } = await ask(place + way);
      const leaked = body.includes(SECRET) || body.includes("SQLite format 3");
      expect([place + way, leaked, status < 500], place + way).toEqual([place + way, false, true]);
    }
  }
  // The same asker is served what is there to be served.
  expect(await ask("/index.html")).toMatchObject({ status: 200, body: expect.stringContaining("pages") });
});

it("[D1] a name in the store is a sha-256 and nothing else", async () => {
  symlinkSync(join(directory, "secret.txt"), join(directory, "data/blobs/link"));
  for (const name of [...waysOut(), "link", "../paritab.sqlite", `${"a".repeat(62)}/.`, "A".repeat(64)])
    expect([name, await store.getBlob(name), await store.hasBlob(name)]).toEqual([name, null, false]);
});
