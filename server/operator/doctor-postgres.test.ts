/** What the doctor says of a database on a server: of one that is fit, and of each thing that is wrong. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { versionProblem } from "../store/postgres-problem.ts";
import { openPostgresStore } from "../store/postgres-store.ts";
import { PostgresServer, postgresPrograms } from "../store/testing/postgres-server.ts";
import { examine } from "./doctor.ts";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "paritab-doctor-postgres-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function findings(url: string) {
  const found = await examine({ PARITAB_PORT: "0", PARITAB_DATA_DIR: directory, PARITAB_DATABASE_URL: url });
  const of = (check: string) => found.find((finding) => finding.check === check);
  return { store: of("store"), settings: of("settings"), all: JSON.stringify(found) };
}

it("[OP3] an address that is none of PostgreSQL's is a wrong setting, and is not repeated", async () => {
  for (const url of ["mysql://a:secret@b/c", "postgres://host", "secret"]) {
    const { settings, all } = await findings(url);
    expect(settings?.verdict).toBe("fail");
    expect(settings?.says).toContain("PARITAB_DATABASE_URL: expected an address like postgres://");
    expect(all).not.toContain("secret");
  }
});

it("[OP3] a server that is not there, or too old, is told with what to do", async () => {
  const { store, all } = await findings("postgres://ada:secret@127.0.0.1:1/paritab");
  expect(store).toMatchObject({ verdict: "fail", says: expect.stringMatching(/nothing listens at ada@127.0.0.1:1/) });
  expect(all).not.toContain("secret");
  const old = { query: async () => ({ rows: [{ version: "130014" }] }) };
  expect(await versionProblem(old as never)).toBe("expected PostgreSQL 15 or newer, got 13: upgrade it");
});

describe.skipIf(postgresPrograms() === null)("of a server that is there", () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await PostgresServer.start();
    await server.ask("CREATE ROLE guest LOGIN");
  });
  afterAll(() => server.stop());

  it("[OP3] an empty database and a used one are fit", async () => {
    const url = await server.newDatabase();
    expect((await findings(url)).store).toMatchObject({ verdict: "ok", says: expect.stringContaining("none yet") });
    await (await openPostgresStore(url, directory)).close();
    const { store } = await findings(url);
    expect(store).toMatchObject({ verdict: "ok", says: expect.stringContaining("0 jobs, 0 volunteers") });
  });

  it("[OP3] a user who may make no tables, or not write in them, lacks rights", async () => {
    const url = await server.newDatabase();
    const database = new URL(url).pathname.slice(1);
    const guest = server.url(database, "guest");
    expect((await findings(guest)).store).toMatchObject({
      verdict: "fail",
      says: expect.stringMatching(/tables may not be made in it: .*GRANT/),
    });
    await (await openPostgresStore(url, directory)).close();
    await server.ask(
      "GRANT CREATE ON SCHEMA public TO guest; GRANT SELECT ON ALL TABLES IN SCHEMA public TO guest",
      database,
    );
    expect((await findings(guest)).store).toMatchObject({
      verdict: "fail",
      says: expect.stringMatching(/expected SELECT, INSERT, UPDATE, DELETE on every table, lacking on .*jobs/),
    });
  });

  it("[OP3] a database that does not exist is told so", async () => {
    expect((await findings(server.url("nowhere"))).store?.says).toMatch(/no such database .*createdb/);
  });
});
