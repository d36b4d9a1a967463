/**
 * A tab that nobody looks at, in a Chromium that throttles hidden tabs as it does at home. The short form; minutes of it are
 * measured by `npm run hidden-tab`.
 */

import { watchHiddenTab } from "../bench/volunteer-times/watch-hidden-tab.ts";
import { expect, test } from "./fixtures.ts";

test("a hidden tab goes on computing and being believed, while the browser takes timers and frames from its page", async ({
  coordinator,
}) => {
  const [front, justHidden, hidden] = await watchHiddenTab(coordinator, [
    { name: "in front", ms: 5_000 },
    { name: "just hidden", ms: 11_000 },
    { name: "hidden", ms: 10_000 },
  ]);
  expect([front!.visibility, justHidden!.visibility, hidden!.visibility]).toEqual(["visible", "hidden", "hidden"]);
  expect(front!.framesPerSecond).toBeGreaterThan(0);
  // Throttled indeed: no picture is drawn, and a chained timer of the page comes about once a second.
  expect(hidden!.framesPerSecond).toBe(0);
  expect(hidden!.pageTimersPerSecond).toBeLessThan(2.5);
  for (const { verifiedPerSecond } of [front!, justHidden!, hidden!]) expect(verifiedPerSecond).toBeGreaterThan(0);
});
