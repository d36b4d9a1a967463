/** [CE12] Events of a whole, out of what its parts say, which a test holds in its hands. */
import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { partIdOf, rangesOf } from "../../../../../shared/kinds/inference/parts.ts";
import { BEAT } from "../../../../web/event-stream.ts";
import { awayFor } from "../../../../web/hand-request-on.ts";
import { takingKey } from "../../core/taken-back.ts";
import { type WholeTold, wholeEvents, wholeTakings } from "./whole-events.ts";
import type { WholeStanding } from "./whole-looks.ts";

const WHOLE = "W".repeat(24);
const RANGES = rangesOf(10, 2).map((range, index) => ({ jobId: partIdOf(WHOLE, index), ...range }));
const NAMED = { atMs: 7, volunteerId: "v", reason: "wrong rows" };

function standingOf(isEnded: boolean, ...counts: readonly number[]): WholeStanding {
  const view = { state: isEnded ? "done" : "running", finishedMs: isEnded ? 9 : null, error: null, queryCount: 10 };
  const takings = counts.map((count) => (count === 0 ? [] : [{ ...NAMED, count, finalAgain: 0 }]));
  return { view, parts: takings.map((taken) => ({ view, takings: taken })) } as never;
}

const takenBack = (...queries: readonly (readonly number[])[]) =>
  queries.map((own) => new Map(own.length === 0 ? [] : [[takingKey(NAMED), own]]));

function toldOf(changes: Partial<WholeTold>): WholeTold {
  return {
    ...{ wholeId: WHOLE, ranges: RANGES },
    answers: () => Promise.reject(new Error("nobody asks for answers")),
    standing: async () => standingOf(true, 0, 0),
    takenBack: () => Promise.reject(new Error("nobody asks for what was taken back")),
    isDue: () => true,
    beat: async () => true,
    ...changes,
  };
}

const noticed = (event: string) => {
  const [name, data] = event.trimEnd().split("\n");
  const { volunteerId, indices } = JSON.parse(data!.slice("data: ".length));
  return [name!.slice("event: ".length), volunteerId, indices];
};

test("[CE12] [TB3] what is taken back is told once, numbered as the whole is, and so is who is believed again", async () => {
  const seen = [
    standingOf(false, 0, 0),
    standingOf(false, 0, 2),
    standingOf(false, 0, 2),
    null,
    standingOf(true, 1, 2),
    standingOf(true, 1, 0),
  ];
  let look = -1;
  const queries = [[], takenBack([], [0, 4]), [], [], takenBack([3], [0, 4]), takenBack([3], [])];
  const events = wholeTakings(
    toldOf({ standing: async () => seen[++look] ?? null, takenBack: async () => queries[look]! }),
  );
  const next = async () => (await events.next()).value as string;
  expect(await next()).toMatch(/^: what is taken back/);
  expect(await next()).toBe(BEAT);
  expect(noticed(await next())).toEqual(["taken-back", "v", [5, 9]]);
  expect(await next()).toBe(BEAT);
  // While a part is being taken over nobody is cut off.
  expect(await next()).toBe(BEAT);
  expect(noticed(await next())).toEqual(["taken-back", "v", [3]]);
  expect(noticed(await next())).toEqual(["final-again", "v", [5, 9]]);
});

test("[CE12] [TB3] what one part could not be asked about is told with the next look, and what others told is not lost", async () => {
  let looks = 0;
  const events = wholeTakings(
    toldOf({
      standing: async () => standingOf(false, 1, 1),
      takenBack: async () => {
        if (++looks === 2) throw awayFor("the coordinator of the second part has died");
        return takenBack([1], [2]);
      },
    }),
  );
  const next = async () => (await events.next()).value as string;
  await next();
  expect(noticed(await next())).toEqual(["taken-back", "v", [1]]);
  expect(noticed(await next())).toEqual(["taken-back", "v", [7]]);
});

test("[CE12] between answers of a later part stands what was taken back of an earlier one; the end is told with all that is known then", async () => {
  const ofPart = (index: number) => {
    const stream = new PassThrough();
    stream.write(`id: 0\nevent: answer\ndata: ${JSON.stringify({ index: 0 })}\n\n`);
    stream.end(`event: end\ndata: ${JSON.stringify({ jobId: partIdOf(WHOLE, index), state: "done" })}\n\n`);
    return stream;
  };
  let isLate = false;
  const told = toldOf({
    answers: async (index) => ofPart(index),
    standing: async () => standingOf(isLate, 1, isLate ? 1 : 0),
    takenBack: async () => takenBack([2], isLate ? [3] : []),
    isDue: () => !isLate,
    beat: async () => {
      isLate = true;
      return true;
    },
  });
  const events: string[] = [];
  for await (const event of wholeEvents(told, 0)) events.push(...event.split("\n\n").filter((one) => one !== ""));
  expect(events.slice(1, 2)).toEqual(['id: 0\nevent: answer\ndata: {"index":0}']);
  expect(noticed(events[2]!)).toEqual(["taken-back", "v", [2]]);
  expect(events[3]).toBe('id: 5\nevent: answer\ndata: {"index":5}');
  expect(events[4]).toBe(BEAT.trimEnd());
  expect(noticed(events[5]!)).toEqual(["taken-back", "v", [8]]);
  expect(events[6]).toMatch(/^event: end/);
  expect(events).toHaveLength(7);
});

test("[CE11] [CE12] a part that waits for a coordinator is waited for, with beats, as long as somebody reads; another failure ends the events", async () => {
  let asked = 0;
  const ended = (index: number) => {
    const stream = new PassThrough();
    stream.end(`event: end\ndata: ${JSON.stringify({ jobId: partIdOf(WHOLE, index), state: "done" })}\n\n`);
    return stream;
  };
  const answers = async (index: number) => {
    if (index === 1 && asked++ < 2) throw awayFor("this part waits");
    return ended(index);
  };
  const events: string[] = [];
  for await (const event of wholeEvents(toldOf({ answers, isDue: () => false }), 0)) events.push(event);
  expect(events.slice(1, 3)).toEqual([BEAT, BEAT]);
  expect(events[3]).toMatch(/^event: end/);
  let beats = 0;
  const never = toldOf({ answers: async () => Promise.reject(awayFor("it waits")), beat: async () => ++beats < 3 });
  for await (const _ of wholeEvents(never, 0));
  expect(beats).toBe(3);
  await expect(async () => {
    for await (const _ of wholeEvents(toldOf({}), 0));
  }).rejects.toThrow("nobody asks for answers");
});

test("[CE12] once nobody reads any more nothing is looked at", async () => {
  let looks = 0;
  const standing = async () => {
    looks++;
    return standingOf(false, 0, 0);
  };
  for await (const _ of wholeEvents(toldOf({ standing, beat: async () => looks < 3 }), 10));
  for await (const _ of wholeTakings(toldOf({ standing, beat: async () => looks < 5 })));
  expect(looks).toBe(5);
});
