/** [CE12] Events of a whole, out of streams of parts that a test holds in its hands. */
import { PassThrough } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { partIdOf, rangesOf } from "../../../../../shared/kinds/inference/parts.ts";
import { BEAT } from "../../../../web/event-stream.ts";
import { wholeTakings } from "./whole-events.ts";

const WHOLE = "W".repeat(24);

test("[CE12] no beat begins that nobody would await: it would fail unheard, and end the coordinator, once its reader is gone", async () => {
  const parts = [new PassThrough(), new PassThrough()];
  let beats = 0;
  const events = wholeTakings({
    wholeId: WHOLE,
    ranges: rangesOf(10, 2),
    answers: () => Promise.reject(new Error("nobody asks for answers")),
    takenBack: async (index) => parts[index]!,
    view: () => Promise.reject(new Error("nobody asks for its state")),
    beat() {
      beats++;
      return new Promise(() => {});
    },
  });
  const next = async () => (await events.next()).value as string;
  expect(await next()).toMatch(/^: what is taken back/);
  expect(await next()).toBe(BEAT);
  // While the reader has not taken what was told before.
  const notice = { jobId: partIdOf(WHOLE, 1), volunteerId: "v", indices: [0, 4] };
  parts[1]!.write(`event: taken-back\ndata: ${JSON.stringify(notice)}\n\n`);
  for (let i = 0; i < 5; i++) await turn();
  expect(JSON.parse((await next()).split("data: ")[1]!)).toEqual({ ...notice, jobId: WHOLE, indices: [5, 9] });
  expect(beats).toBe(0);
  parts[0]!.destroy();
  await expect(next()).rejects.toThrow();
});
