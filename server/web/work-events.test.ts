import type { AddressInfo } from "node:net";
import fastify, { type FastifyInstance } from "fastify";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { WorkList } from "../../shared/kinds/work-view.ts";
import { ApiFailure, errorBody } from "./api-failure.ts";
import { schemaController } from "./schema-compilers.ts";
import { addWorkEvents } from "./work-events.ts";

const job = (done: number): WorkList => ({
  jobs: [{ jobId: "a", kind: "inference", name: "a", submitter: "ada", state: "running", progress: { done, all: 9 } }],
  more: 0,
});
let app: FastifyInstance;
let url: string;
let list: WorkList;
let looks: number;
let bytesPerSecondMax: number;

beforeEach(() => start(1e9));
async function start(bytesMax: number): Promise<void> {
  bytesPerSecondMax = bytesMax;
  list = job(0);
  looks = 0;
  app = fastify({ schemaController });
  app.setErrorHandler((error, _request, reply) =>
    error instanceof ApiFailure ? reply.code(error.status).send(errorBody(error)) : reply.code(500).send(),
  );
  const look = () => {
    looks++;
    return list;
  };
  addWorkEvents(app as never, look, { lookMs: 10, readersMax: 3, bytesPerSecondMax });
  await app.listen({ port: 0, host: "127.0.0.1" });
  url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/api/work.sse`;
}
afterEach(() => app.close());

async function reader() {
  const leaving = new AbortController();
  const { status, body } = await fetch(url, { signal: leaving.signal });
  const chunks = body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  return {
    status,
    leave: () => leaving.abort(),
    /** The next `work`; null: it has ended. */
    async next(): Promise<WorkList | null> {
      for (;;) {
        const end = text.indexOf("\n\n");
        if (end >= 0) {
          const data = /^event: work\ndata: (.*)$/.exec(text.slice(0, end))?.[1];
          text = text.slice(end + 2);
          if (data !== undefined) return JSON.parse(data);
          continue;
        }
        const { value, done } = await chunks.read();
        if (done) return null;
        text += value;
      }
    },
  };
}

test("[PR92] whoever listens is told at once, and once at each change; one look serves all", async () => {
  const [one, other] = [await reader(), await reader()];
  expect([await one.next(), await other.next()]).toEqual([job(0), job(0)]);
  list = job(1);
  expect([await one.next(), await other.next()]).toEqual([job(1), job(1)]);
  const third = await fetch(url);
  expect([third.status, await third.json()]).toMatchObject([429, { error: { code: "too-many-readers" } }]);
});

test("[PR92] where readers together would be sent too much, looks are rarer", async () => {
  await app.close();
  // An event of some 140 bytes, so that the next look is a minute away.
  await start(2);
  const one = await reader();
  await one.next();
  list = job(1);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(looks).toBe(1);
  one.leave();
});

test("[PR92] nobody looks once nobody listens, and a stop ends those who do", async () => {
  const one = await reader();
  await one.next();
  one.leave();
  let before = -1;
  await expect
    .poll(
      () => {
        const isQuiet = before === looks;
        before = looks;
        return isQuiet;
      },
      { interval: 50 },
    )
    .toBe(true);
  list = job(5);
  const other = await reader();
  expect(await other.next()).toEqual(job(5));
  const closing = app.close();
  expect(await other.next()).toBe(null);
  await closing;
});
