/** Where dispatch stops, to the number. */
import { expect, test } from "vitest";
import { NUMERICS_PENDING_MAX, STORE_PENDING_MAX } from "../../shared/protocol/limits.ts";
import { pausedBecause } from "./dispatch.ts";
import { PLAIN, Story } from "./testing/story.ts";

test("[DP1] the store and the numerics fall behind at their limits, not one before, and the reason is said", () => {
  const { state } = new Story();
  const fill = (count: number) => {
    while (state.persistQueue.length < count) state.persistQueue.push({ purpose: { kind: "standing" }, records: [] });
  };
  fill(STORE_PENDING_MAX - 1);
  expect(pausedBecause(state)).toBeNull();
  fill(STORE_PENDING_MAX);
  expect(pausedBecause(state)).toBe("the store falls behind");
  state.persistQueue.length = 0;
  for (let n = 1; n < NUMERICS_PENDING_MAX; n++) state.numericsPending.set(n, `${n}`);
  expect(pausedBecause(state)).toBeNull();
  state.numericsPending.set(NUMERICS_PENDING_MAX, "last");
  expect(pausedBecause(state)).toBe("encoding, audits and decoding fall behind");
});

test("[DP1] a submitter that keeps numerics busy leaves the others room, is sent nothing more, and is told why", () => {
  const story = new Story();
  story.submit("hers", PLAIN, 200);
  const { state } = story;
  const share = (NUMERICS_PENDING_MAX * 3) / 4;
  const [own] = state.parties.keys();
  for (let n = 1; n < share; n++) state.numericsPending.set(-n, own!);
  expect(pausedBecause(state, own)).toBeNull();
  state.numericsPending.set(-share, own!);
  expect([pausedBecause(state), pausedBecause(state, "another")]).toEqual([null, null]);
  expect(pausedBecause(state, own)).toBe("encoding, audits and decoding for this submitter fall behind");
  story.crowd(2);
  expect(story.out()).toEqual([]);
  state.numericsPending.delete(-1);
  story.crowd(3);
  expect(story.out().length).toBeGreaterThan(0);
});
