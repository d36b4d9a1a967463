/** What an event costs is counted in entries of maps, sets and orders that it was handed: time would say something of this machine. */
import { expect, test } from "vitest";
import { medianOfSome } from "../../shared/numbers/quantile.ts";
import { msPerWork, predictMs } from "./response-times.ts";
import type { ResponseSample, Session } from "./state.ts";
import { playCrowd, SORTS } from "./testing/crowd-play.ts";

const TIMEOUT_MS = 120_000;
const MORE_MAX = 1.3;
/** Of the dearest event: chance decides how many draws miss, but a walk over ten times as many tabs costs ten times as much. */
const DEAREST_MORE_MAX = 2;
/** The play has each sort of event so often at least. */
const EVENTS_MIN = 5;

for (const crowd of ["idle", "busy", "cross-checking", "choosing"] as const) {
  test(`[EV5] an event costs as much with 1,000 and 10,000 tabs as with 16, where the crowd is ${crowd}`, {
    timeout: TIMEOUT_MS,
  }, () => {
    const [few, ...many] = [16, 1_000, 10_000].map((size) => playCrowd(size, crowd));
    // Who takes which job, and so how many are met in vain, differs between crowds that choose: a walk would cost ten times as much.
    const moreMax = crowd === "choosing" ? DEAREST_MORE_MAX : MORE_MAX;
    for (const sort of SORTS) {
      // Where nobody chooses no choice changes.
      if (sort === "choiceChanged" && crowd !== "choosing") continue;
      const before = costsOf(few, sort);
      for (const costs of many) expect(costsOf(costs, sort).mean, sort).toBeLessThanOrEqual(moreMax * before.mean);
      // One walk among many events is not lost in their mean.
      const [thousand, tenThousand] = many.map((costs) => costsOf(costs, sort).most);
      expect(tenThousand, sort).toBeLessThanOrEqual(DEAREST_MORE_MAX * Math.max(thousand ?? 0, before.most));
    }
  });
}

for (const crowd of ["sized, all busy", "sized, some idle"] as const) {
  test(`[EV5] [DP12] of jobs whose rounds have several sizes an event costs as much with 256, 1,000 and 10,000 tabs, ${crowd.slice(7)}, as with 16`, {
    timeout: TIMEOUT_MS,
  }, () => {
    const [few, ...many] = [16, 256, 1_000, 10_000].map((size) => playCrowd(size, crowd));
    for (const sort of SORTS) {
      if (sort === "choiceChanged") continue;
      const before = costsOf(few, sort);
      // Not of the few events after which hundreds of batches are sent at once.
      for (const costs of many) expect(costsOf(costs, sort).median, sort).toBeLessThanOrEqual(MORE_MAX * before.median);
    }
  });
}

test("[EV5] medians of a tab's answers are taken when one comes, and not at each event of its session", () => {
  let reads = 0;
  const watched = (samples: ResponseSample[]) =>
    new Proxy(samples, {
      get(target, key) {
        if (typeof key === "string" && /^\d+$/.test(key)) reads++;
        return Reflect.get(target, key, target);
      },
    });
  const responses: ResponseSample[] = watched(
    Array.from({ length: 9 }, (_, n) => ({ ms: 10 + n, work: 100, tripMs: null })),
  );
  const session = { responses } as unknown as Session;
  const asked = () => [predictMs(session, 0), predictMs(session, 500), msPerWork(session)];
  expect(asked()).toEqual([14, 70, 0.14]);
  reads = 0;
  for (let n = 0; n < 100; n++) expect(asked()).toEqual([14, 70, 0.14]);
  // Each looks which is the latest answer.
  expect(reads).toBe(300);
  responses.push({ ms: 1, work: 100, tripMs: null });
  responses.shift();
  expect(asked()).toEqual([14, 70, 0.14]);
  responses.push({ ms: 1, work: 100, tripMs: null });
  responses.shift();
  expect(asked()).toEqual([14, 70, 0.14]);
  for (let n = 0; n < 4; n++) {
    responses.push({ ms: 1, work: 100, tripMs: null });
    responses.shift();
  }
  expect(asked()).toEqual([1, 5, 0.01]);
});

function costsOf(all: ReadonlyMap<string, readonly number[]> | undefined, sort: string) {
  const costs = all?.get(sort) ?? [];
  expect(costs.length, sort).toBeGreaterThanOrEqual(EVENTS_MIN);
  const median = medianOfSome([...costs]);
  return { median, mean: costs.reduce((sum, cost) => sum + cost, 0) / costs.length, most: Math.max(...costs) };
}
