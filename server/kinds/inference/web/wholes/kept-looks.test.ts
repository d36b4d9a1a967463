/** [CE12] How often a whole is looked at, and whose look is whose. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { WHOLE_LOOK_MS, WHOLE_LOOKS_KEPT_MAX } from "../../../../../shared/protocol/limits.ts";
import { ApiFailure } from "../../../../web/api-failure.ts";
import { awayFor } from "../../../../web/hand-request-on.ts";
import { KeptLooks } from "./kept-looks.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test.each([1, 100])(
  "[CE12] a whole that %i watch is asked about once a second; once nobody watches nothing is kept",
  async (watchers) => {
    const looks = new KeptLooks();
    let asked = 0;
    const ask = async () => ++asked;
    for (let second = 1; second <= 5; second++) {
      for (let watcher = 0; watcher < watchers; watcher++) expect(await looks.look("w", "view", 0, ask)).toBe(second);
      vi.advanceTimersByTime(WHOLE_LOOK_MS);
    }
    expect([asked, looks.size]).toEqual([5, 0]);
  },
);

test("[CE9] [CE12] a look that lacks the end of a part that has ended for certain is shown to nobody who knows of the end", async () => {
  const looks = new KeptLooks();
  let ended = 0;
  const ask = async () => ended;
  const look = (partsEnded: number) => looks.look("w", "view", partsEnded, ask, (seen) => seen);
  expect(await look(0)).toBe(0);
  ended = 1;
  expect(await look(0)).toBe(0);
  expect(await look(1)).toBe(1);
  expect(await look(0)).toBe(1);
});

test("[CE9] [CE12] what was changed is looked at anew, by whoever comes while an older look is under way too", async () => {
  const looks = new KeptLooks();
  let tell: (seen: string) => void = () => {};
  const before = looks.look("w", "view", 0, () => new Promise<string>((resolve) => (tell = resolve)));
  const other = looks.look("w2", "view", 0, async () => "other");
  looks.forget("w");
  expect(await looks.look("w", "view", 0, async () => "after")).toBe("after");
  tell("before");
  expect([await before, await other]).toEqual(["before", "other"]);
  expect(await looks.look("w", "view", 0, async () => "again")).toBe("after");
  expect(await looks.look("w2", "view", 0, async () => "again")).toBe("other");
});

test("[CE12] that a part is away is told to all who come; what is refused to one who asks is refused to nobody else", async () => {
  const looks = new KeptLooks();
  let asked = 0;
  const failing = (error: ApiFailure) => () => {
    asked++;
    return Promise.reject(error);
  };
  const away = [1, 2, 3].map(() => looks.look("w", "view", 0, failing(awayFor("gone"))));
  for (const look of away) await expect(look).rejects.toMatchObject({ code: "cell-away" });
  expect(asked).toBe(1);
  const refused = looks.look("w2", "view", 0, failing(new ApiFailure(429, "too-many-requests", "too many")));
  const others = [1, 2].map(() => looks.look("w2", "view", 0, async () => ++asked));
  await expect(refused).rejects.toMatchObject({ status: 429 });
  expect(await Promise.all(others)).toEqual([3, 3]);
});

test("[CE12] so many looks are kept, and no more", async () => {
  const looks = new KeptLooks();
  for (let n = 0; n <= WHOLE_LOOKS_KEPT_MAX; n++) await looks.look(`w${n}`, "view", 0, async () => n);
  expect(looks.size).toBe(WHOLE_LOOKS_KEPT_MAX);
});
