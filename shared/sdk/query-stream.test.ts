/** Streams against a scripted coordinator: whatever is lost on the way, nothing is missing and nothing comes twice. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { AnswerView } from "../kinds/inference/answers.ts";
import { SDK_LOST_MS_MAX, SDK_POST_QUERIES_MAX, SDK_SILENT_MS_MAX, STREAM_POST_BYTES_MAX } from "../protocol/limits.ts";
import { JobEndedError } from "./job-ended-error.ts";
import { createParitabClient } from "./paritab-client.ts";
import { QueryRefusedError } from "./query-refused-error.ts";
import type { QueryStream, StreamRun } from "./query-stream.ts";
import { type Loss, ScriptedStream } from "./testing/scripted-stream.ts";

const WIDTH = 3;
const row = (n: number) => [n, n + 0.5, -n];
const rows = (count: number, from = 0) => Array.from({ length: count }, (_, i) => row(from + i));
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

let far: ScriptedStream;
// Time is virtual: what waits is woken in order.
beforeEach(() => {
  vi.useFakeTimers();
  far = new ScriptedStream(WIDTH);
});
afterEach(() => void vi.useRealTimers());

const client = () => createParitabClient({ baseUrl: "http://far.test", fetch: far.fetch });
const open = (settings: Partial<StreamRun> = {}): Promise<QueryStream> =>
  client().stream({ model: { modelSha256: "m" }, ...settings });

/** Lets time pass until it is settled. */
async function soon<T>(promise: Promise<T>): Promise<T> {
  let isSettled = false;
  const settled = () => {
    isSettled = true;
  };
  promise.then(settled, settled);
  for (let turns = 0; turns < 5_000 && !isSettled; turns++) await vi.advanceTimersByTimeAsync(200);
  expect(isSettled).toBe(true);
  return promise;
}

async function all(stream: AsyncIterable<AnswerView>, heard: AnswerView[] = []): Promise<AnswerView[]> {
  for await (const answer of stream) heard.push(answer);
  return heard;
}

const posts = () => far.told.filter(({ path }) => path.endsWith("/queries"));
const reason = (promise: Promise<unknown>) => soon(promise.catch((error: unknown) => error as Error));

test("queries are pushed one by one and in rows, answers are read meanwhile, and close() ends it", async () => {
  const stream = await open();
  const reading = all(stream);
  expect(await soon(stream.push(row(0)))).toBe(0);
  expect(await soon(stream.push(rows(4, 1)))).toEqual([1, 2, 3, 4]);
  expect(await soon(stream.push(Uint8Array.of(5, 6, 7)))).toBe(5);
  await soon(stream.close());
  const answers = await soon(reading);
  expect(answers.map(({ index }) => index)).toEqual(upTo(6));
  expect(far.taken).toEqual([...rows(5), [5, 6, 7]]);
  expect(await reason(stream.push(row(9)))).toMatchObject({ message: expect.stringContaining("after close()") });
});

test("what is pushed while a post is under way travels in one post", async () => {
  const stream = await open();
  await soon(stream.push(row(0)));
  const pushed = rows(20, 1).map((one) => stream.push(one));
  expect(await soon(Promise.all(pushed))).toEqual(upTo(21).slice(1));
  expect(posts().map(({ count, at }) => [count, at])).toEqual([
    [1, 0],
    [20, 1],
  ]);
});

test("posts are no larger than the coordinator takes, in queries and in bytes", async () => {
  const stream = await open();
  await soon(stream.push(rows(2 * SDK_POST_QUERIES_MAX)));
  expect(posts().map(({ count }) => count)).toEqual([1, SDK_POST_QUERIES_MAX, SDK_POST_QUERIES_MAX - 1]);
  far = new ScriptedStream(500_000);
  const large = await open();
  await soon(large.push(Array.from({ length: 9 }, () => new Float32Array(500_000))));
  expect(posts().map(({ count }) => count)).toEqual([1, 4, 4]);
  const huge = new Float32Array(STREAM_POST_BYTES_MAX / 4);
  expect(await reason(large.push(huge))).toMatchObject({ message: expect.stringMatching(/at most \d+ bytes/) });
});

test("an array may be used again as soon as it was pushed", async () => {
  const stream = await open();
  const one = Float32Array.of(1, 1, 1);
  const first = stream.push(one);
  one.fill(2);
  await soon(Promise.all([first, stream.push(one)]));
  expect(far.taken).toEqual([
    [1, 1, 1],
    [2, 2, 2],
  ]);
});

test("queries of a stream of bytes travel as bytes, whatever array they came in", async () => {
  const stream = await open({ dtype: "uint8" });
  const bodies: unknown[] = [];
  far.spoil = () => null;
  const { fetch } = far;
  const counting: typeof fetch = (input, init) => {
    if (String(input).includes("/queries")) bodies.push((init!.body as Uint8Array).byteLength);
    return fetch(input, init);
  };
  const bytes = await createParitabClient({ baseUrl: "http://far.test", fetch: counting }).stream({
    model: { modelSha256: "m" },
    dtype: "uint8",
  });
  await soon(bytes.push([1, 2, 255]));
  await soon(stream.push([1, 2, 255]));
  expect(bodies).toEqual([128 + WIDTH]);
});

describe("a refused query", () => {
  test("is told of by its reason, and the others are taken", async () => {
    const stream = await open();
    await soon(stream.push(row(0)));
    const pushed = [stream.push(row(1)), stream.push([1, 2]), stream.push([1, Number.NaN, 3]), stream.push(row(2))];
    const [first, short, nan, last] = await soon(Promise.allSettled(pushed));
    expect([first, last]).toEqual([
      { status: "fulfilled", value: 1 },
      { status: "fulfilled", value: 2 },
    ]);
    for (const [outcome, message] of [
      [short, "expected 3 numbers"],
      [nan, "expected finite numbers"],
    ] as const) {
      expect(outcome).toMatchObject({ status: "rejected", reason: { message } });
      expect((outcome as PromiseRejectedResult).reason).toBeInstanceOf(QueryRefusedError);
    }
    expect(far.taken).toEqual(rows(3));
  });

  test("of several is told of by its place", async () => {
    const stream = await open();
    const error = await reason(stream.push([row(0), [Number.NaN, 0, 0], row(1), [1]]));
    expect(error).toMatchObject({
      message: "query 1: expected finite numbers, and 1 more",
      indices: [0, null, 1, null],
      refused: [
        { place: 1, reason: "expected finite numbers" },
        { place: 3, reason: "expected 3 numbers" },
      ],
    });
  });

  test("among more than one post names is found all the same", async () => {
    far.namedMax = 3;
    const stream = await open();
    await soon(stream.push(row(0)));
    const mixed = Array.from({ length: 40 }, (_, i) => (i % 3 === 1 ? [Number.NaN, 0, 0] : row(i)));
    const error = (await reason(stream.push(mixed))) as QueryRefusedError;
    expect(error.refused.map(({ place }) => place)).toEqual(upTo(40).filter((i) => i % 3 === 1));
    expect(far.taken).toEqual([row(0), ...mixed.filter((_, i) => i % 3 !== 1)]);
  });

  test("may be any of them: then each is told why", async () => {
    const stream = await open();
    await soon(stream.push(row(0)));
    const error = (await reason(stream.push(upTo(5).map(() => [Number.NaN, 0, 0])))) as QueryRefusedError;
    expect(error.indices).toEqual([null, null, null, null, null]);
    expect(await soon(stream.push(row(1)))).toBe(1);
    expect(await reason(stream.push([[]]))).toMatchObject({ message: "expected numbers, got none" });
    expect(await reason(stream.push([]))).toBeInstanceOf(RangeError);
  });
});

describe("a lost connection", () => {
  for (const loss of ["before", "during", "after"] as Loss[]) {
    test(`${loss} any request doubles nothing and loses nothing`, async () => {
      const lost = new Set<string>();
      // Each request once, by what it is for: uploads and the submission too.
      far.spoil = ({ method, path, at }) => {
        const key = `${method} ${path} ${at}`;
        if (path.endsWith(".sse") || lost.has(key)) return null;
        lost.add(key);
        return loss;
      };
      const stream = await soon(open({ model: [{ name: "model.onnx", data: new Uint8Array(1) }] }));
      const reading = all(stream);
      const indices: number[] = [];
      for (let n = 0; n < 6; n++) indices.push(...(await soon(stream.push(rows(n + 1, indices.length)))));
      await soon(stream.close());
      expect((await soon(reading)).map(({ index, label }) => [index, label])).toEqual(upTo(21).map((n) => [n, n]));
      expect(indices).toEqual(upTo(21));
      expect(far.taken).toEqual(rows(21));
      expect(lost.size).toBe(9);
    });
  }

  test("at any byte of the events repeats no answer and skips none", async () => {
    far.taken.push(...rows(4));
    const whole = 4 * 100;
    for (let cutAt = 1; cutAt <= whole; cutAt += 7) {
      far.state = "done";
      let connections = 0;
      far.cut = () => (connections++ === 0 ? cutAt : null);
      const answers = await soon(all(client().readAnswers("j")));
      expect([cutAt, ...answers.map(({ index }) => index)]).toEqual([cutAt, 0, 1, 2, 3]);
    }
  });

  test("again and again after a few bytes still gets through, an answer at a time", async () => {
    far.taken.push(...rows(12));
    far.state = "done";
    let cuts = 0;
    far.cut = () => (cuts++ < 60 ? 130 : null);
    expect((await soon(all(client().readAnswers("j", { from: 2 })))).map(({ index }) => index)).toEqual(
      upTo(12).slice(2),
    );
    expect(far.told.length).toBeGreaterThan(5);
  });

  test("that nobody tells of is noticed by its silence", async () => {
    far.taken.push(row(0));
    const heard: number[] = [];
    void (async () => {
      for await (const { index } of client().readAnswers("j")) heard.push(index);
    })();
    await vi.advanceTimersByTimeAsync(SDK_SILENT_MS_MAX - 100);
    expect([heard, far.told.length]).toEqual([[0], 1]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(far.told.length).toBe(2);
    far.change(() => {
      far.taken.push(row(1));
      far.state = "done";
    });
    await vi.advanceTimersByTimeAsync(100);
    expect(heard).toEqual([0, 1]);
  });

  test("for good is an error of every push, and of the loop", async () => {
    const stream = await open();
    far.spoil = () => "before";
    const reading = reason(all(stream));
    const pushing = reason(stream.push(row(0)));
    expect([await reading, await pushing]).toMatchObject([{ code: "unreachable" }, { code: "unreachable" }]);
    expect(await reason(stream.push(row(1)))).toMatchObject({ code: "unreachable" });
  });
});

test("back-pressure: a push waits while there is no room, however long that takes", async () => {
  const stream = await open();
  let isBusy = true;
  far.spoil = ({ path }) => (isBusy && path.endsWith("/queries") ? { status: 429, code: "stream-busy" } : null);
  const pushing = stream.push(row(0));
  await vi.advanceTimersByTimeAsync(2 * SDK_LOST_MS_MAX);
  expect(far.taken).toEqual([]);
  isBusy = false;
  expect(await soon(pushing)).toBe(0);
});

test("a stream that somebody else has closed refuses, and says so", async () => {
  const stream = await open();
  await soon(stream.push(row(0)));
  far.change(() => {
    far.isOpen = false;
    far.state = "done";
  });
  const pushed = await soon(Promise.allSettled([stream.push(row(1)), stream.push(row(2))]));
  for (const one of pushed) expect(one).toMatchObject({ status: "rejected", reason: { code: "stream-closed" } });
  expect(await soon(all(stream))).toHaveLength(1);
  await soon(stream.close());
});

test("a post whose answer got lost just before the stream was closed was taken, or not, and is told as it was", async () => {
  for (const loss of ["before", "after"] as Loss[]) {
    far = new ScriptedStream(WIDTH);
    const stream = await open();
    await soon(stream.push(row(0)));
    let losses = 0;
    far.spoil = ({ path }) => (path.endsWith("/queries") && losses++ === 0 ? loss : null);
    const pushing = stream.push(rows(3, 1)).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(10);
    far.change(() => {
      far.isOpen = false;
      far.state = "done";
    });
    expect(await soon(pushing)).toEqual(
      loss === "after" ? [1, 2, 3] : expect.objectContaining({ code: "stream-closed" }),
    );
    expect(await soon(all(stream))).toHaveLength(loss === "after" ? 4 : 1);
  }
});

test("a loop that is left leaves the stream open; the next goes on from there, and two at once are refused", async () => {
  const stream = await open();
  await soon(stream.push(rows(3)));
  const first = async () => {
    for await (const { index } of stream) if (index === 1) return index;
    return null;
  };
  expect(await soon(first())).toBe(1);
  const rest = all(stream);
  expect(await reason(all(stream))).toMatchObject({ message: expect.stringContaining("one loop") });
  await soon(stream.push(row(3)));
  await soon(stream.close());
  expect((await soon(rest)).map(({ index }) => index)).toEqual([2, 3]);
});

test("cancel() ends it: what waits is refused, and the loop says that the job was cancelled", async () => {
  const stream = await open();
  await soon(stream.push(row(0)));
  const heard: AnswerView[] = [];
  const reading = reason(all(stream, heard));
  far.spoil = ({ path }) => (path.endsWith("/queries") ? { status: 429, code: "stream-busy" } : null);
  const pushing = reason(stream.push(row(1)));
  await vi.advanceTimersByTimeAsync(1_000);
  await soon(stream.cancel());
  expect(await pushing).toMatchObject({ message: "job j was cancelled" });
  expect(await reading).toBeInstanceOf(JobEndedError);
  expect([heard.length, far.state]).toEqual([1, "cancelled"]);
  await soon(stream.close());
});

test("the signal cancels the job, and its reason is what everything that waits throws", async () => {
  const giveUp = new AbortController();
  const stream = await open({ signal: giveUp.signal });
  const reading = reason(all(stream));
  far.spoil = ({ path }) => (path.endsWith("/queries") ? "before" : null);
  const pushing = reason(stream.push(row(0)));
  await vi.advanceTimersByTimeAsync(1_000);
  giveUp.abort(new Error("that will do"));
  expect([await reading, await pushing]).toMatchObject([{ message: "that will do" }, { message: "that will do" }]);
  expect(far.told.at(-1)).toMatchObject({ method: "DELETE", path: "jobs/j" });
});
