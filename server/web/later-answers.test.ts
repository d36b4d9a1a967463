/** Answers that take long, as a client and a proxy with a short patience see them. */
import { request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";
import type { FastifyInstance, InjectOptions } from "fastify";
import { afterEach, expect, test } from "vitest";
import { FREE_SHARE_MAX } from "../../shared/control/shares.ts";
import type { Submission } from "../../shared/kinds/kinds.ts";
import {
  LATER_ANSWERS_HELD_MAX,
  MODEL_JSON_BYTES_MAX,
  MODEL_UPLOAD_BYTES_IN_FLIGHT_MAX,
} from "../../shared/protocol/limits.ts";
import { createParitabClient } from "../../shared/sdk/paritab-client.ts";
import { type ModelIntake, plainIntake } from "../intake/model-intake.ts";
import { MemoryStore } from "../store/testing/memory-store.ts";
import { modelBytesMaxHere } from "../trusted/models-taken.ts";
import { type ApiOptions, createApi } from "./api.ts";
import type { AskedChange } from "./change-hook.ts";
import { createHostRules } from "./host-rules.ts";
import { LaterAnswers } from "./later-answers.ts";
import { RecordingPort } from "./testing/recording-port.ts";

const HOST = "localhost:8787";
const submission = { kind: "inference", source: { kind: "sample", sample: "mnist" } } as const;
const ASYNC = { prefer: "respond-async" };

const open: FastifyInstance[] = [];
afterEach(async () => {
  for (const app of open.splice(0)) await app.close();
});

/** A coordinator whose submissions are answered when the test says so. */
class SlowPort extends RecordingPort {
  readonly asked: { readonly jobId: string | undefined; answer(): void; fail(error: Error): void }[] = [];

  override submit(made: Submission, jobId?: string): ReturnType<RecordingPort["submit"]> {
    return new Promise((resolve, fail) => {
      this.asked.push({ jobId, answer: () => void super.submit(made, jobId).then(resolve), fail });
    });
  }
}

async function coordinator(options: Partial<ApiOptions> = {}) {
  const port = new SlowPort();
  const changes: AskedChange[] = [];
  const app = await createApi({
    ...{ port, store: new MemoryStore(), hostRules: createHostRules(null, "127.0.0.1"), isHttps: false },
    directories: { client: null, swarm: null },
    later: { waitMs: 1 },
    onChangeAsked: (change) => changes.push(change),
    ...options,
  });
  open.push(app);
  const call = (options: InjectOptions) => app.inject({ ...options, headers: { host: HOST, ...options.headers } });
  const post = (headers: Record<string, string> = ASYNC) =>
    call({ method: "POST", url: "/api/jobs", payload: submission, headers });
  const look = (later: string) => call({ method: "GET", url: `/api/later-answers/${later}` });
  return { port, app, changes, call, post, look };
}

test("[PR104] a submission that takes long is told at once where its answer will be; there it is as it would have been", async () => {
  const { port, post, look, changes } = await coordinator();
  const first = await post();
  expect([first.statusCode, Object.keys(first.json())]).toEqual([202, ["later"]]);
  const { later } = first.json();
  expect([(await look(later)).statusCode, (await look(later)).json()]).toEqual([202, { later }]);
  port.asked[0]!.answer();
  await expect
    .poll(async () => (await look(later)).json())
    .toEqual({ status: 201, retryAfterS: null, answer: { jobId: "job-1" } });
  // Whoever lost that answer asks again.
  expect((await look(later)).json()).toMatchObject({ status: 201 });
  // [AC9]
  expect(changes).toMatchObject([{ route: "/api/jobs", status: 201 }]);
});

test("[PR104] a refusal is such an answer too, and so is a mistake, without its details", async () => {
  const { port, post, look } = await coordinator();
  port.submitReply = { status: 503, code: "too-many-jobs", message: "expected fewer" };
  const [refused, broken] = [(await post()).json().later, (await post()).json().later];
  port.asked[0]!.answer();
  port.asked[1]!.fail(new Error("/secret/path"));
  const error = { code: "too-many-jobs", message: "expected fewer" };
  await expect
    .poll(async () => (await look(refused)).json())
    .toEqual({ status: 503, retryAfterS: 5, answer: { error } });
  await expect.poll(async () => (await look(broken)).json()).toMatchObject({ status: 500 });
  expect((await look(broken)).body).not.toContain("secret");
});

test("[PR104] a client that does not say that it can ask again waits", async () => {
  const { port, post } = await coordinator();
  const answer = post({});
  await expect.poll(() => port.asked.length).toBe(1);
  port.asked[0]!.answer();
  expect([(await answer).statusCode, (await answer).json()]).toEqual([201, { jobId: "job-1" }]);
});

test("[PR104] what is there in time is answered at once", async () => {
  const { port, post } = await coordinator({ later: {} });
  const answer = post();
  await expect.poll(() => port.asked.length).toBe(1);
  port.asked[0]!.answer();
  expect((await answer).statusCode).toBe(201);
});

test("[PR104] an id that is not known, or another submitter's, opens nothing", async () => {
  const { look } = await coordinator();
  expect([(await look("x".repeat(24))).statusCode, (await look("x".repeat(24))).json().error.code]).toEqual([
    404,
    "unknown-answer",
  ]);
  const answers = new LaterAnswers({ waitMs: 1 });
  const reply = { code: () => {} } as never;
  const told = await answers.give({ headers: ASYNC } as never, reply, 200, () => new Promise(() => {}));
  const { later } = told as { later: string };
  expect(await answers.ask(later, "bob")).toBe(null);
  expect(await answers.ask(later, "")).toBe("not yet");
});

test("[PR104] [CE7] an id says which coordinator has the answer", async () => {
  const { post } = await coordinator({ later: { waitMs: 1, mark: "c7" } });
  expect((await post()).json().later).toMatch(/^c7-/);
});

test("[PR104] answers that are there give way to new ones; none that is not there is dropped", async () => {
  const answers = new LaterAnswers({ waitMs: 1 });
  const ends: (() => void)[] = [];
  const hold = async () => {
    const work = () => new Promise<number>((resolve) => ends.push(() => resolve(1)));
    const told = await answers.give({ headers: ASYNC } as never, { code: () => {} } as never, 200, work);
    return (told as { later: string }).later;
  };
  const [waiting, there] = [await hold(), await hold()];
  ends[1]!();
  await expect.poll(() => answers.ask(there, "")).toMatchObject({ answer: 1 });
  await Promise.all(Array.from({ length: LATER_ANSWERS_HELD_MAX }, hold));
  expect([await answers.ask(waiting, ""), await answers.ask(there, "")]).toEqual(["not yet", null]);
});

test("[PR104] whoever has many answers drives out its own alone", async () => {
  const answers = new LaterAnswers({ waitMs: 1 });
  const there = { status: 200, retryAfterS: null, answer: 1 };
  const later = answers.hold("ann", Promise.resolve(there));
  const [first] = Array.from({ length: 2 }, () => answers.hold("bob", Promise.resolve(there)));
  expect(await answers.ask(first!, "bob")).toEqual(there);
  for (let n = 0; n < LATER_ANSWERS_HELD_MAX; n++) answers.hold("bob", new Promise(() => {}));
  expect([await answers.ask(later, "ann"), await answers.ask(first!, "bob")]).toEqual([there, null]);
});

test("[PR104] the library asks until the answer is there, through a coordinator that is started anew", async () => {
  const listen = ({ app }: { app: FastifyInstance }) => app.listen({ port: 0, host: "127.0.0.1" });
  const first = await coordinator();
  let address = await listen(first);
  // One name, at another port after the restart: a child that another test starts meanwhile can hold the first port a while longer.
  const baseUrl = "http://coordinator.test";
  const paritab = createParitabClient({
    ...{ baseUrl, fetch: (url, init) => fetch(String(url).replace(baseUrl, address), init) },
  });
  const submitted = paritab.submitRun({ sample: { sample: "mnist" } } as never);
  await expect.poll(() => first.port.asked.length).toBe(1);
  await first.app.close();
  const second = await coordinator();
  address = await listen(second);
  await expect.poll(() => second.port.asked.length, { timeout: 20_000 }).toBe(1);
  // The same key: the same job.
  expect(second.port.asked[0]!.jobId).toBe(first.port.asked[0]!.jobId);
  second.port.asked[0]!.answer();
  expect(await submitted).toBe("job-1");
}, 40_000);

test("[PR104] the library throws a refusal that comes later as one that comes at once", async () => {
  const { port, app } = await coordinator();
  port.submitReply = { status: 422, code: "too-few-queries", message: "expected more" };
  const paritab = createParitabClient({ baseUrl: await app.listen({ port: 0, host: "127.0.0.1" }) });
  const submitted = paritab.submit(submission);
  await expect.poll(() => port.asked.length).toBe(1);
  port.asked[0]!.answer();
  await expect(submitted).rejects.toMatchObject({ status: 422, code: "too-few-queries", message: "expected more" });
});

test("[PR24] [PR104] a model whose client hangs up holds its share of the uploads until it is looked through", async () => {
  const plain = plainIntake();
  let finish: () => void = () => {};
  const takenIn = new Promise<void>((resolve) => {
    finish = resolve;
  });
  let begun = 0;
  const intake: ModelIntake = {
    ...plain,
    async takeIn(files, use, party) {
      begun++;
      await takenIn;
      return plain.takeIn(files, use, party);
    },
  };
  const { app, call } = await coordinator({ intake });
  await app.listen({ port: 0, host: "127.0.0.1" });
  const { port } = app.server.address() as AddressInfo;
  const boundary = "b";
  const part = `--${boundary}\r\ncontent-disposition: form-data; name="f"; filename="model.onnx"\r\n\r\n`;
  const body = `${part}no model\r\n--${boundary}--\r\n`;
  const headers = { "content-type": `multipart/form-data; boundary=${boundary}`, host: HOST };
  const hangUp = async () => {
    const before = begun;
    // It does not say how long it is, so it counts as the largest that there may be.
    const asked = httpRequest({ host: "127.0.0.1", port, method: "POST", path: "/api/models", headers });
    asked.on("error", () => {});
    asked.write(body);
    asked.end();
    await expect.poll(() => begun).toBe(before + 1);
    asked.destroy();
  };
  const largest = modelBytesMaxHere() + MODEL_JSON_BYTES_MAX;
  const upload = () =>
    call({
      ...{ method: "POST", url: "/api/models", payload: body },
      headers: { ...headers, "content-length": String(largest) },
    });
  for (let i = 0; i < Math.floor((FREE_SHARE_MAX * MODEL_UPLOAD_BYTES_IN_FLIGHT_MAX) / largest); i++) await hangUp();
  const connections = () =>
    new Promise<number>((resolve) => app.server.getConnections((_error, count) => resolve(count)));
  await expect.poll(connections).toBe(0);
  expect((await upload()).json().error.code).toBe("busy");
  finish();
  await expect.poll(async () => (await upload()).json().error.code).toBe("bad-model");
});
