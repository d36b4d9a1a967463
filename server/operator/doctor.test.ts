import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AccessTokens } from "../access/access-tokens.ts";
import { openSqliteStore } from "../store/sqlite-store.ts";
import { examine } from "./doctor.ts";
import { checkBackups } from "./doctor-backups.ts";
import { reportLines } from "./doctor-report.ts";

let directory: string;
const servers: Server[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "paritab-doctor-"));
});
afterEach(async () => {
  for (const server of servers.splice(0)) {
    if ("closeAllConnections" in server) (server as HttpServer).closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  rmSync(directory, { recursive: true, force: true });
});

async function listening(server: Server): Promise<string> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return String((server.address() as AddressInfo).port);
}

const findings = async (environment: Record<string, string> = {}) => {
  const found = await examine({ PARITAB_PORT: "0", PARITAB_DATA_DIR: directory, ...environment });
  return (check: string) => found.find((finding) => finding.check === check);
};

describe("doctor", () => {
  it("[OP3] says of a fresh machine what is set, what holds by default, and that all is well; and leaves nothing behind", async () => {
    const missing = join(directory, "not/yet");
    const found = await findings({ PARITAB_DATA_DIR: missing });
    expect(found("set")?.says).toContain(`PARITAB_DATA_DIR=${missing}`);
    expect(found("by default")?.says).toContain("PARITAB_HOST=127.0.0.1");
    for (const check of ["node", "disk sync", "clock", "store", "port"])
      expect([check, found(check)?.verdict]).toEqual([check, "ok"]);
    expect(readdirSync(directory)).toEqual([]);
  });

  it("[OP3] tells every wrong setting, and looks no further", async () => {
    const found = await findings({ PARITAB_PORT: "x", PARITAB_AUTH: "maybe" });
    expect(found("settings")?.verdict).toBe("fail");
    expect(found("settings")?.says).toMatch(/PARITAB_PORT: .*; PARITAB_AUTH: /);
    expect(found("disk room")).toBeUndefined();
  });

  it("[OP3] knows a whole store, one in use, and a damaged one", async () => {
    const store = await openSqliteStore(directory);
    expect((await findings())("store")).toMatchObject({ verdict: "ok", says: expect.stringContaining("in use") });
    const tokens = await AccessTokens.open(store.submitters);
    await store.close();
    expect((await findings())("store")?.says).toMatch(/^whole: 0 jobs/);
    expect((await findings({ PARITAB_AUTH: "on" }))("tokens")?.says).toMatch(/none may administer/);
    expect(tokens.hasAdmin()).toBe(false);
    writeFileSync(join(directory, "paritab.sqlite"), "no database at all".repeat(500));
    expect((await findings())("store")?.verdict).toBe("fail");
  });

  it("[OP3] knows a free port, one where a coordinator listens, and one that somebody else has", async () => {
    const health = createHttpServer((_request, response) => response.end('{"ok":true}'));
    expect((await findings({ PARITAB_PORT: await listening(health) }))("port")).toMatchObject({
      verdict: "ok",
      says: expect.stringMatching(/a coordinator listens there$/),
    });
    const other = createServer((socket) => socket.destroy());
    expect((await findings({ PARITAB_PORT: await listening(other) }))("port")?.verdict).toBe("fail");
  });

  it.skipIf(process.platform === "win32")(
    "[OP3] [OP7] a directory that others can read is one to look at",
    async () => {
      expect((await findings())("privacy")?.verdict).toBe("ok");
      chmodSync(directory, 0o750);
      expect((await findings())("privacy")).toMatchObject({
        verdict: "warn",
        says: expect.stringContaining("chmod 700"),
      });
      expect((await findings({ PARITAB_DATA_DIR: join(directory, "not-yet") }))("privacy")).toBeUndefined();
    },
  );

  it("[OP3] a store that was written in the future is a clock to look at", async () => {
    await (await openSqliteStore(directory)).close();
    const tomorrow = new Date(Date.now() + 86_400_000);
    utimesSync(join(directory, "paritab.sqlite"), tomorrow, tomorrow);
    expect((await findings())("clock")?.verdict).toBe("warn");
  });

  it("[OP3] a data directory that cannot be is to be mended; the report counts", async () => {
    const file = join(directory, "file");
    writeFileSync(file, "");
    const found = await examine({ PARITAB_PORT: "0", PARITAB_DATA_DIR: join(file, "data") });
    expect(found.find(({ check }) => check === "disk")?.verdict).toBe("fail");
    expect(reportLines(found).at(-1)).toMatch(/^\d+ ok, \d+ to look at, 1 to mend$/);
    expect(existsSync(join(file, "data"))).toBe(false);
  });
});

it("says how old the latest backup is, how they are made, and of PostgreSQL whether they can be", async () => {
  const folder = mkdtempSync(join(tmpdir(), "paritab-doctor-backups-"));
  const nowMs = Date.UTC(2026, 11, 1, 12);
  const look = async (everyMs: number | null, databaseUrl: string | null = null) =>
    checkBackups({ dataDirectory: folder, databaseUrl, backupEveryMs: everyMs }, nowMs);
  try {
    expect(await look(null)).toMatchObject([
      { verdict: "ok", says: expect.stringMatching(/^none yet; by hand alone/) },
    ]);
    mkdirSync(join(folder, "backups/2026-12-01T02-00-00Z"), { recursive: true });
    expect(await look(8 * 3_600_000)).toMatchObject([
      { verdict: "ok", says: "the latest is 10.0 h old; one is made every 8 h" },
    ]);
    expect(await look(6 * 3_600_000)).toMatchObject([{ verdict: "warn" }]);
    vi.stubEnv("PATH", folder);
    expect((await look(null, "postgres://db/paritab")).at(-1)).toMatchObject({
      verdict: "warn",
      says: expect.stringMatching(/^not found: no backup can be made here; install PostgreSQL's client programs/),
    });
  } finally {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true, force: true });
  }
});
