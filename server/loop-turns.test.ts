import fc from "fast-check";
import { expect, test } from "vitest";
import { LoopTurns } from "./loop-turns.ts";

/** An event loop by hand: what is planned in one turn is done in the next. */
function loop(msMax: number) {
  let [nowMs, planned]: [number, (() => void)[]] = [0, []];
  const turns = new LoopTurns(
    msMax,
    () => nowMs,
    (work) => planned.push(work),
  );
  return {
    turns,
    takes: (ms: number) => {
      nowMs += ms;
    },
    turn() {
      const due = planned;
      planned = [];
      for (const work of due) work();
    },
    isQuiet: () => planned.length === 0,
  };
}

test("work is done at once while its turn has room, and then in the next turns, all of it in its order", () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.nat(6), { maxLength: 30 }), { maxLength: 8 }), (arriving) => {
      const { turns, takes, turn, isQuiet } = loop(10);
      const done: number[] = [];
      let asked = 0;
      let spent = 0;
      const spends = (ms: number) => {
        // It began in time: beyond its room is at most what the last piece took.
        expect(spent).toBeLessThan(10);
        spent += ms;
        takes(ms);
      };
      for (const pieces of [...arriving, ...Array.from({ length: 300 }, () => [])]) {
        for (const ms of pieces) {
          const number = asked++;
          turns.take(() => {
            done.push(number);
            spends(ms);
          });
        }
        spent = 0;
        turn();
      }
      expect(done).toEqual(Array.from({ length: asked }, (_, number) => number));
      expect(isQuiet()).toBe(true);
    }),
    { seed: 4_711, numRuns: 200 },
  );
});

test("what begins first in a turn is not kept waiting", () => {
  const { turns, takes, turn } = loop(10);
  const done: string[] = [];
  turns.take(() => {
    done.push("long");
    takes(50);
  });
  turns.take(() => done.push("next"));
  expect(done).toEqual(["long"]);
  turn();
  expect(done).toEqual(["long", "next"]);
});

test("promises go on between one piece and the next: what follows from a piece counts as its turn's", async () => {
  let nowMs = 0;
  const turns = new LoopTurns(10, () => nowMs);
  let turn = 0;
  const count = () => {
    turn++;
    counting = setImmediate(count);
  };
  let counting = setImmediate(count);
  turns.take(() => {
    nowMs += 20;
  });
  const inTurn = await Promise.all(
    Array.from({ length: 6 }, async () => {
      await turns.room();
      await null;
      nowMs += 6;
      return turn;
    }),
  );
  clearImmediate(counting);
  // Two of them fill a turn, and nothing had room in the first.
  expect(inTurn[0]).toBeGreaterThan(0);
  for (let piece = 2; piece < 6; piece++) expect(inTurn[piece]).toBeGreaterThan(inTurn[piece - 2]!);
});
