/** What a coordinator does with a question about a job of another on the same database. */
import { Readable } from "node:stream";
import fastify, { type FastifyInstance } from "fastify";
import { afterEach, expect, test } from "vitest";
import { type ApiFailure, errorBody } from "./api-failure.ts";
import { addOtherCells, type OtherCells } from "./other-cells.ts";

const open: FastifyInstance[] = [];
afterEach(async () => {
  for (const app of open.splice(0)) await app.close();
});

type Cells = Omit<OtherCells, "isHeld"> & { isHeld(): boolean };
const ALONE: Cells = {
  isHeld: () => true,
  isOwn: () => false,
  ownerOf: async () => null,
  ownersOf: async () => new Map(),
  addressOf: async () => null,
  takeParts: async () => {},
  takePart: async () => {},
  catchUp: async () => {},
  others: async () => [],
  tabs: async () => 0,
  addressOfEldest: async () => null,
};
const OWN: Cells = { ...ALONE, isOwn: () => true };

function appOf({ isHeld, ...cells }: Cells): FastifyInstance {
  const app = fastify();
  open.push(app);
  app.setErrorHandler<ApiFailure>((error, _request, reply) => reply.code(error.status ?? 500).send(errorBody(error)));
  addOtherCells(app, {
    ...cells,
    get isHeld() {
      return isHeld();
    },
  });
  return app;
}

async function cell(name: string, cells: Partial<Cells>): Promise<string> {
  const app = appOf({ ...ALONE, ...cells });
  app.get("/healthz", async () => "ok");
  app.all("/api/jobs/:jobId/:what", async ({ method, body, headers, params }, reply) => {
    reply.header("x-by", name);
    return { name, method, body, params, token: headers.authorization };
  });
  app.get("/blobs/:sha256", async ({ headers }) => ({ name, token: headers.authorization }));
  app.get("/api/jobs/:jobId/answers.sse", async () => ({ name }));
  app.put("/results", async ({ body }) => ({ name, body }));
  app.get("/api/silent/:jobId", () => new Promise(() => {}));
  return app.listen({ port: 0, host: "127.0.0.1" });
}

const at = (address: string, isAtWork = true) => ({ ownerOf: async () => ({ address, isAtWork }) });
const codeOf = async (response: Response) => [
  response.status,
  ((await response.json()) as { error: { code: string } }).error.code,
];

test("[CE6] it is handed on as it came, and answered as the other one answers", async () => {
  const url = await cell("a", at(await cell("b", {})));
  const body = JSON.stringify({ text: "x".repeat(200_000) });
  const headers = { authorization: "Bearer t", "content-type": "application/json" };
  const response = await fetch(`${url}/api/jobs/j1/queries?x=1`, { method: "POST", body, headers });
  expect([response.status, response.headers.get("x-by")]).toEqual([200, "b"]);
  expect(await response.json()).toEqual({
    ...{ name: "b", method: "POST", body: JSON.parse(body), token: "Bearer t" },
    params: { jobId: "j1", what: "queries" },
  });
});

test("[CE6] once: two that each believe the other has it do not send it to and fro", async () => {
  let other = "";
  const first = await cell("a", { ownerOf: async () => ({ address: other, isAtWork: true }) });
  other = await cell("b", at(first));
  expect(await (await fetch(`${first}/api/jobs/j1/view`)).json()).toMatchObject({ name: "b" });
});

test("[CE6] its own jobs, and those that nobody has or knows, it answers for itself", async () => {
  const nowhere = at("http://127.0.0.1:1");
  const answer = async (cells: Partial<Cells>) => (await fetch(`${await cell("a", cells)}/api/jobs/j1/view`)).json();
  expect(await answer({ ...nowhere, isOwn: () => true })).toMatchObject({ name: "a" });
  expect(await answer({ ownerOf: async () => null })).toMatchObject({ name: "a" });
  expect(await answer({ ownerOf: async () => ({ address: null, isAtWork: false }) })).toMatchObject({ name: "a" });
});

test("[CE11] what was dealt out to it since it looked last it begins when the first request for it comes, handed on or not", async () => {
  const taken: string[] = [];
  const dealt: Partial<Cells> = {
    ownerOf: async () => ({ address: null, isAtWork: true }),
    isOwn: (jobId) => taken.includes(jobId),
    takeParts: async () => void taken.push("j1"),
  };
  const url = await cell("a", at(await cell("b", dealt)));
  expect(await (await fetch(`${url}/api/jobs/j1/view`)).json()).toMatchObject({ name: "b" });
  expect(taken).toEqual(["j1"]);
  const unread = await cell("b", { ...dealt, takeParts: () => Promise.reject(new Error("the database is away")) });
  expect(await codeOf(await fetch(`${await cell("a", at(unread))}/api/jobs/j2/view`))).toEqual([503, "cell-away"]);
});

test("[CE11] of a part that waits whoever is asked says what the store has; its events are for whoever takes it, and who is to end it takes it", async () => {
  const taken: string[] = [];
  const waiting: Partial<Cells> = {
    ownerOf: async () => ({ address: null, isAtWork: true, isWaiting: true }),
    isOwn: (jobId) => taken.includes(jobId),
    takeParts: () => Promise.reject(new Error("nothing was dealt out")),
    takePart: async (jobId) => void taken.push(jobId),
  };
  const url = await cell("a", waiting);
  expect(await (await fetch(`${url}/api/jobs/j1/view`)).json()).toMatchObject({ name: "a" });
  expect(await codeOf(await fetch(`${url}/api/jobs/j1/answers.sse`))).toEqual([503, "cell-away"]);
  expect(taken).toEqual([]);
  expect(await (await fetch(`${url}/api/jobs/j1/view`, { method: "DELETE" })).json()).toMatchObject({
    method: "DELETE",
  });
  expect(taken).toEqual(["j1"]);
});

test("[CE6] [CE11] who is to end a part that another has taken a moment ago hands that on", async () => {
  const other = await cell("b", {});
  let looks = 0;
  const url = await cell("a", {
    ownerOf: async () =>
      looks++ === 0
        ? { address: null, isAtWork: true, isWaiting: true }
        : { address: other, isAtWork: true, isWaiting: false },
    takePart: () => Promise.reject(new Error("the database is slow")),
  });
  const answer = await fetch(`${url}/api/jobs/j1/view`, { method: "DELETE" });
  expect(await answer.json()).toMatchObject({ name: "b", method: "DELETE" });
});

test("[CE1] [CE6] while nobody has the job, its coordinator is gone, or the own lease is not sure, it says to come again", async () => {
  const asked = async (cells: Partial<Cells>) => codeOf(await fetch(`${await cell("a", cells)}/api/jobs/j1/view`));
  expect(await asked({ ownerOf: async () => ({ address: null, isAtWork: true }) })).toEqual([503, "cell-away"]);
  expect(await asked(at("http://127.0.0.1:1"))).toEqual([503, "cell-away"]);
  expect(await asked({ isHeld: () => false, isOwn: () => true })).toEqual([503, "lease-unsure"]);
  const unsure = await cell("a", { isHeld: () => false });
  expect(await (await fetch(`${unsure}/healthz`)).text()).toBe("ok");
});

test("[CE6] [CE11] one that was dealt a part, and has not taken it yet, says to come again to whoever was handed on to it", async () => {
  let isTaken = false;
  const dealt = await cell("b", { isOwn: () => isTaken, ownerOf: async () => ({ address: null, isAtWork: true }) });
  const url = await cell("a", at(dealt));
  expect(await codeOf(await fetch(`${url}/api/jobs/j1/view`))).toEqual([503, "cell-away"]);
  isTaken = true;
  expect(await (await fetch(`${url}/api/jobs/j1/view`)).json()).toMatchObject({ name: "b" });
});

test("[CE1] what was asked while the lease held is not answered once it is not sure any more", async () => {
  let [isHeld, come] = [true, () => {}];
  const asks = new Promise<void>((resolve) => {
    come = resolve;
  });
  let goOn = () => {};
  const app = appOf({ ...OWN, isHeld: () => isHeld });
  app.get("/api/jobs/:jobId/late.csv", async (_request, reply) => {
    await new Promise<void>((resolve) => {
      goOn = resolve;
      come();
    });
    return reply.header("content-length", "3").type("text/csv").send("7,7");
  });
  const url = await app.listen({ port: 0, host: "127.0.0.1" });
  const answer = fetch(`${url}/api/jobs/j1/late.csv`);
  await asks;
  isHeld = false;
  goOn();
  expect(await codeOf(await answer)).toEqual([503, "lease-unsure"]);
});

test("[CE1] an answer in pieces is cut off where the lease is not sure any more, and its source with it", async () => {
  let isHeld = true;
  const source = new Readable({ read: () => {} });
  const app = appOf({ ...OWN, isHeld: () => isHeld });
  app.get("/api/jobs/:jobId/answers.sse", async (_request, reply) => reply.type("text/event-stream").send(source));
  const url = await app.listen({ port: 0, host: "127.0.0.1" });
  source.push("one");
  const { body } = await fetch(`${url}/api/jobs/j1/answers.sse`);
  const reader = body!.pipeThrough(new TextDecoderStream()).getReader();
  expect(await reader.read()).toEqual({ done: false, value: "one" });
  isHeld = false;
  source.push("two");
  await expect(reader.read()).rejects.toThrow();
  expect(source.destroyed).toBe(true);
});

test("[CE6] who waits for a coordinator that is paused is told when it has lost the job", async () => {
  const paused = await cell("b", {});
  let isTheirs = true;
  const url = await cell("a", { ownerOf: async () => ({ address: isTheirs ? paused : null, isAtWork: true }) });
  const waiting = fetch(`${url}/api/silent/j1`);
  isTheirs = false;
  expect(await codeOf(await waiting)).toEqual([503, "cell-away"]);
});

test("[CE7] what comes with the token of another's assignment is handed on to it, once; with any other one it is answered here", async () => {
  let first = "";
  const other = await cell("b", { addressOf: async () => first });
  first = await cell("a", { addressOf: async (mark) => (mark === "2" ? other : null) });
  const at = async (token: string, path: string, init: RequestInit = {}) => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    return (await fetch(`${first}${path}`, { ...init, headers })).json();
  };
  const [theirs, own] = [`2-${"t".repeat(24)}`, `1-${"t".repeat(24)}`];
  expect(await at(theirs, "/blobs/00")).toEqual({ name: "b", token: `Bearer ${theirs}` });
  expect(await at(theirs, "/results", { method: "PUT", body: "[1]" })).toEqual({ name: "b", body: [1] });
  for (const token of [own, "t".repeat(24), "../x", ""])
    expect(await at(token, "/blobs/00")).toMatchObject({ name: "a" });
});
