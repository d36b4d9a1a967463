import { expect, test } from "vitest";
import { interruptible } from "./interruptible.ts";

test("what comes is given on, in order", async () => {
  const pieces = (async function* () {
    yield* [1, 2, 3];
  })();
  const got: number[] = [];
  for await (const piece of interruptible(pieces, new AbortController().signal)) got.push(piece);
  expect(got).toEqual([1, 2, 3]);
});

test("whoever waits for a piece that never comes is let go by the signal, with its reason", async () => {
  const interrupted = new AbortController();
  const silent = (async function* () {
    yield 1;
    await new Promise(() => undefined);
  })();
  const pieces = interruptible(silent, interrupted.signal);
  expect(await pieces.next()).toEqual({ done: false, value: 1 });
  const waiting = pieces.next();
  interrupted.abort(new Error("enough"));
  await expect(waiting).rejects.toThrow("enough");
});
