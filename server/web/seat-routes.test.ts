/** Seats over HTTP, on a real store: who may make them, what each sees, and what a projector is told. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FastifyInstance, InjectOptions } from "fastify";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Scope } from "../../shared/protocol/access-api.ts";
import type { ClassView, SeatSheetView } from "../../shared/protocol/seats-api.ts";
import { AccessTokens } from "../access/access-tokens.ts";
import { Belongings } from "../access/belongings.ts";
import { Seats } from "../operator/seats.ts";
import { openSqliteStore, type SqliteStore } from "../store/sqlite-store.ts";
import { createApi } from "./api.ts";
import type { Whereabouts } from "./coordinator-port.ts";
import { createHostRules } from "./host-rules.ts";
import { NO_OPERATOR } from "./operator-routes.ts";
import { RecordingPort } from "./testing/recording-port.ts";

const ANN = "aa".repeat(16);
let directory: string;
let store: SqliteStore;
let seats: Seats;
let app: FastifyInstance;
let tokens: AccessTokens;

class ClassPort extends RecordingPort {
  override whereabouts(volunteerId: string): Whereabouts | null {
    return volunteerId === ANN ? { nickname: "Ann", rows: 12, state: "working" } : null;
  }
}

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "paritab-seat-routes-"));
  store = await openSqliteStore(directory);
  tokens = await AccessTokens.open(store.submitters);
  seats = await Seats.open(store.seats, Date.now);
  const belongings = await Belongings.open(store.submitters);
  app = await createApi({
    ...{ port: new ClassPort(), store, hostRules: createHostRules(null, "127.0.0.1"), isHttps: false },
    directories: { client: null, swarm: null },
    access: { tokens, belongings },
    operator: { ...NO_OPERATOR, seats },
  });
});
afterEach(async () => {
  seats.close();
  await app.close();
  await store.close();
  rmSync(directory, { recursive: true, force: true });
});

const call = (options: InjectOptions) =>
  app.inject({ ...options, headers: { host: "localhost:8787", ...options.headers } });
async function as(
  scopes: Scope[],
): Promise<(method: "GET" | "POST" | "DELETE", url: string, payload?: object) => ReturnType<typeof call>> {
  const { token } = await tokens.create({ submitter: "ada", scopes, days: null });
  const headers = { authorization: `Bearer ${token}` };
  return (method, url, payload) => call({ method, url, headers, ...(payload && { payload }) });
}

test("[VS1] the administrator alone makes, reads and ends seats", async () => {
  const [admin, submitter] = [await as(["admin"]), await as(["submit", "read", "cancel"])];
  expect((await submitter("POST", "/api/seats", { name: "7b", seats: 3 })).statusCode).toBe(403);
  const made = await admin("POST", "/api/seats", { name: "7b", seats: 3 });
  expect(made.statusCode).toBe(201);
  const { sheetId } = made.json() as SeatSheetView;
  expect((await submitter("GET", "/api/seats")).statusCode).toBe(403);
  expect((await admin("GET", "/api/seats")).json()).toMatchObject([{ sheetId, came: 0, seats: [{}, {}, {}] }]);
  expect((await submitter("DELETE", `/api/seats/${sheetId}`)).statusCode).toBe(403);
  expect((await admin("DELETE", `/api/seats/${sheetId}/2`)).json()).toEqual({ ended: true });
  expect((await admin("DELETE", `/api/seats/${sheetId}/2`)).json().error.code).toBe("unknown-seat");
  const [sheet] = (await admin("GET", "/api/seats")).json() as SeatSheetView[];
  expect(sheet!.seats.map(({ state }) => state)).toEqual(["free", "revoked", "free"]);
  expect((await admin("DELETE", `/api/seats/${sheetId}`)).json()).toEqual({ ended: true });
  expect((await admin("DELETE", `/api/seats/${sheetId}`)).json().error.code).toBe("unknown-sheet");
});

test.each([
  [{ name: "7b", seats: 0 }, "bad-request"],
  [{ name: "7b", seats: 201 }, "bad-request"],
  [{ name: " ", seats: 3 }, "bad-request"],
  [{ name: "7b", seats: 3, prefix: "school" }, "bad-prefix"],
])("[VS1] %j is refused", async (request, code) => {
  const refused = await (await as(["admin"]))("POST", "/api/seats", request);
  expect([refused.statusCode, refused.json().error.code]).toEqual([400, code]);
});

test("[VS1] the class page's key shows seats by number and state, without a token, a name or a code", async () => {
  const admin = await as(["admin"]);
  const { seats: made, watchKey } = (
    await admin("POST", "/api/seats", { name: "7b", seats: 2 })
  ).json() as SeatSheetView;
  await seats.seatOf({ volunteerId: ANN, address: null, code: made[0]!.code });
  const shown = await call({ method: "GET", url: `/api/classes/${watchKey}` });
  const view = shown.json() as ClassView;
  expect(view.seats).toEqual([
    { number: 1, state: "working", rows: 12 },
    { number: 2, state: "free", rows: 0 },
  ]);
  for (const secret of ["Ann", ANN, made[1]!.code]) expect(shown.body).not.toContain(secret);
  const [sheet] = (await admin("GET", "/api/seats")).json() as SeatSheetView[];
  expect(sheet).toMatchObject({ came: 1, seats: [{ nickname: "Ann", volunteerId: ANN, state: "working" }, {}] });
  const unknown = await call({ method: "GET", url: "/api/classes/abc" });
  expect([unknown.statusCode, unknown.json().error.code]).toEqual([404, "unknown-class"]);
});
