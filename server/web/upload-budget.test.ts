/** Who may send how much at once, on a real socket: sizes are small, rates and times too. */
import { connect, type Socket } from "node:net";
import fastify, { type FastifyInstance, type FastifyRequest } from "fastify";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { addAccessHooks } from "./access-hooks.ts";
import { ApiFailure } from "./api-failure.ts";
import { createUploadBudget } from "./upload-budget.ts";

const [TOTAL, BODY_MAX] = [10_000, 4_000];
/** 10 bytes in 100 ms, or more. */
const RATE = { bytesPerSecondMin: 100, windowMs: 100, lookMs: 20 };
/** After so many an upload may be found to be too slow. */
const LOOKS_TO_TELL = RATE.windowMs / RATE.lookMs + 1;
/** Nothing is too slow while a test runs, however slowly that does. */
const PATIENT = { ...RATE, windowMs: 3_600_000 };

let app: FastifyInstance;
const sockets: Socket[] = [];
/** Numbers of drips that found room. */
const letIn = new Set<string>();
let drips = 0;

async function open(rate: typeof RATE): Promise<void> {
  app = fastify({ forceCloseConnections: true });
  const readAddress = (headers: { "x-from"?: unknown }) => {
    const key = headers["x-from"] === undefined ? null : String(headers["x-from"]);
    return { key, prefix: null, group: null, address: null };
  };
  const never = () => Promise.reject(new Error("nobody is refused here"));
  addAccessHooks(app, null, never, readAddress as never);
  app.setErrorHandler((error, _request, reply) =>
    reply.code(error instanceof ApiFailure ? error.status : 500).send({ code: (error as ApiFailure).code }),
  );
  app.addContentTypeParser("text/plain", { parseAs: "string" }, (_request, body, done) => done(null, body));
  app.post("/", { onRequest: [createUploadBudget(TOTAL, rate)(BODY_MAX), noteLetIn] }, async () => "whole");
  await app.listen({ port: 0, host: "127.0.0.1" });
}

async function noteLetIn({ headers }: FastifyRequest): Promise<void> {
  letIn.add(String(headers["x-drip"]));
}

beforeEach(() => open(RATE));
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await app.close();
});

async function send(from: string, bytes: number): Promise<number> {
  const headers = { "x-from": from, "content-type": "text/plain" };
  return (await app.inject({ method: "POST", url: "/", headers, payload: "x".repeat(bytes) })).statusCode;
}

/** Announces so much, and sends a few bytes of it every 10 ms. @returns once it was let in or refused: whether it was ended, or answered */
async function drip(from: string, announced: number, bytesEach: number): Promise<{ isOver: boolean }> {
  const { port } = app.server.address() as { port: number };
  const socket = connect(port, "127.0.0.1");
  sockets.push(socket);
  const state = { isOver: false };
  const number = String(drips++);
  const timer = setInterval(() => socket.write("x".repeat(bytesEach)), 10);
  const end = () => {
    clearInterval(timer);
    state.isOver = true;
  };
  socket.on("error", end).on("close", end).on("data", end);
  socket.write(
    `POST / HTTP/1.1\r\nhost: x\r\nx-from: ${from}\r\nx-drip: ${number}\r\ncontent-type: text/plain\r\ncontent-length: ${announced}\r\n\r\n`,
  );
  await vi.waitUntil(() => letIn.has(number) || state.isOver, { timeout: 60_000, interval: 5 });
  return state;
}

/** So many looks at what is coming have been made, however busy the machine is: timers of one period fire in the order in which they began. */
async function looks(count: number): Promise<void> {
  await new Promise<void>((resolve) => {
    let left = count;
    const timer = setInterval(() => {
      if (--left > 0) return;
      clearInterval(timer);
      resolve();
    }, RATE.lookMs);
  });
}

test("[PR24] one submitter's uploads leave room for the next one's, and a lost connection gives its share back", async () => {
  await app.close();
  await open(PATIENT);
  await Promise.all([1, 2, 3, 4, 5].map(() => drip("mallory", 3_750, 0)));
  // Two of 3,750 were let in.
  expect(await send("mallory", 1)).toBe(503);
  expect(await send("ada", 1_876)).toBe(503);
  expect(await send("ada", 1_875)).toBe(200);
  expect(await send("ada", BODY_MAX + 1)).toBe(413);
  for (const socket of sockets) socket.destroy();
  await expect.poll(() => send("ada", BODY_MAX)).toBe(200);
});

test("[PR24] what hardly moves ends when somebody else finds no room, whatever it announced and wherever it comes from", async () => {
  const slow = await Promise.all([drip("mallory", 3_750, 0), drip("mallory", 3_750, 0), drip("eve", 1_800, 0)]);
  await drip("bob", 500, 20);
  await looks(LOOKS_TO_TELL);
  // Nobody waits: all of them may take their time.
  expect(slow.map(({ isOver }) => isOver)).toEqual([false, false, false]);
  // Ada's takes the room of those that are ended for it at once.
  expect(await send("ada", 3_000)).toBe(200);
  await expect.poll(() => slow.map(({ isOver }) => isOver)).toEqual([true, true, true]);
});

test("[PR24] a submitter's own uploads wait for each other, and end nobody's", async () => {
  const slow = await Promise.all([drip("mallory", 3_750, 0), drip("mallory", 3_750, 0)]);
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect(await send("mallory", 100)).toBe(503);
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect(slow.map(({ isOver }) => isOver)).toEqual([false, false]);
});

test("[PR24] who has more ends nobody's by asking for still more", async () => {
  const slow = await drip("ada", 2_000, 0);
  await Promise.all([drip("mallory", 3_000, 20), drip("mallory", 3_000, 20)]);
  await new Promise((resolve) => setTimeout(resolve, 150));
  for (let n = 0; n < 5; n++) expect(await send("mallory", 1_000)).toBe(503);
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(slow.isOver).toBe(false);
});

test("[PR24] what moves fast enough is ended for nobody", async () => {
  const moving = await drip("mallory", 3_999, 20);
  await drip("mallory", 3_500, 0);
  await looks(LOOKS_TO_TELL);
  expect(await send("ada", 4_000)).toBe(200);
  expect(moving.isOver).toBe(false);
});
