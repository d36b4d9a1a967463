import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { Door } from "./door.ts";
import { PendingHandshakes } from "./pending-handshakes.ts";

const WAIT_MS_MAX = 1_000;

/** A door by hand: one is let in for each turn that has room. */
function doorOf({ inAll = 100 } = {}) {
  let nowMs = 0;
  const rooms: (() => void)[] = [];
  const pending = new PendingHandshakes({ inAll, perPrefix: inAll });
  const door = new Door({
    turns: { room: () => new Promise((resolve) => rooms.push(resolve)) },
    waitMsMax: WAIT_MS_MAX,
    place: () => pending.place(),
    nowMs: () => nowMs,
  });
  const answers: string[] = [];
  const sockets = new Map<string, PassThrough>();
  return {
    door,
    pending,
    answers,
    sockets,
    comes(name: string) {
      const socket = new PassThrough();
      sockets.set(name, socket);
      void door.wait(socket).then((isIn) => answers.push(`${name} ${isIn ? "in" : "away"}`));
    },
    passes: (ms: number) => {
      nowMs += ms;
    },
    async turn() {
      rooms.shift()?.();
      await settled();
    },
  };
}

/** What follows by promises is done. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

test("[PR8] those who wait are let in one behind the other, each in a turn that has room", async () => {
  const { comes, turn, answers } = doorOf();
  comes("a");
  comes("b");
  await settled();
  expect(answers).toEqual([]);
  await turn();
  expect(answers).toEqual(["a in"]);
  comes("c");
  await turn();
  await turn();
  expect(answers).toEqual(["a in", "b in", "c in"]);
  comes("d");
  await turn();
  expect(answers.at(-1)).toBe("d in");
});

test("[PR8] whoever has waited too long by its turn is turned away, and those behind it are not", async () => {
  const { comes, passes, turn, answers } = doorOf();
  comes("a");
  passes(WAIT_MS_MAX - 1);
  comes("b");
  passes(1);
  await turn();
  await turn();
  expect(answers).toEqual(["a away", "b in"]);
});

test("[PR8] beyond so many handshakes the next waits until one of them is done", async () => {
  const { comes, turn, answers, pending } = doorOf({ inAll: 1 });
  const isDone = pending.begin(null);
  comes("a");
  await turn();
  expect(answers).toEqual([]);
  isDone();
  await settled();
  expect(answers).toEqual(["a in"]);
});

test("a connection that breaks while it waits ends nothing but itself", async () => {
  const { comes, turn, answers, sockets } = doorOf();
  comes("a");
  comes("b");
  sockets.get("a")!.destroy(new Error("ECONNRESET"));
  await turn();
  await turn();
  expect(answers).toEqual(["a away", "b in"]);
});

test("a door that closes turns away all who wait, and all who come", async () => {
  const { comes, turn, answers, door } = doorOf();
  comes("a");
  comes("b");
  door.close();
  comes("c");
  await settled();
  await turn();
  expect(answers).toEqual(["a away", "b away", "c away"]);
});
