import { expect, test } from "vitest";
import { createTurnQueue } from "./turn-queue.ts";

test("work is done one at a time, in the order in which it came", async () => {
  const inTurn = createTurnQueue();
  const seen: string[] = [];
  const work = (name: string, turns: number) => async () => {
    seen.push(`${name} begins`);
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    seen.push(`${name} ends`);
    return name;
  };
  expect(await Promise.all([inTurn(work("a", 9)), inTurn(work("b", 1)), inTurn(() => "c")])).toEqual(["a", "b", "c"]);
  expect(seen).toEqual(["a begins", "a ends", "b begins", "b ends"]);
});

test("work that fails tells its own caller, and the next one goes on", async () => {
  const inTurn = createTurnQueue();
  const failed = inTurn(() => {
    throw new Error("broken");
  });
  const next = inTurn(() => 7);
  await expect(failed).rejects.toThrow("broken");
  expect(await next).toBe(7);
});
