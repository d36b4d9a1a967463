import { expect, test } from "vitest";
import { createScreenWake, type WakeLockLike } from "./screen-wake.ts";

/** A browser of which the test says when the page is in sight and whether it gives the lock. */
function browser() {
  const shown: (() => void)[] = [];
  const locks: { isHeld: boolean; taken: () => void }[] = [];
  const its = { visibilityState: "visible" as DocumentVisibilityState, refuses: false };
  const wakeLock: WakeLockLike = {
    async request() {
      if (its.refuses) throw new DOMException("low battery", "NotAllowedError");
      const lock = { isHeld: true, taken: () => {} };
      locks.push(lock);
      return {
        async release() {
          lock.isHeld = false;
        },
        addEventListener(_type, listener) {
          lock.taken = () => {
            lock.isHeld = false;
            listener();
          };
        },
      };
    },
  };
  const visibility = {
    get visibilityState() {
      return its.visibilityState;
    },
    addEventListener: (_type: string, listener: () => void) => void shown.push(listener),
  } as unknown as Document;
  const show = (state: DocumentVisibilityState) => {
    its.visibilityState = state;
    for (const listener of shown) listener();
  };
  const held = () => locks.filter(({ isHeld }) => isHeld).length;
  return { its, locks, held, show, wake: createScreenWake({ wakeLock }, visibility) };
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

test("nothing is asked for until it is wanted, and it is let go of when it is not any more", async () => {
  const { wake, locks, held } = browser();
  await turn();
  expect([wake.state.value, locks.length]).toEqual(["off", 0]);
  wake.want(true);
  wake.want(true);
  await turn();
  expect([wake.state.value, locks.length, held()]).toEqual(["on", 1, 1]);
  wake.want(false);
  expect([wake.state.value, held()]).toEqual(["off", 0]);
});

test("what the browser took back when the page was hidden is taken again when it is shown", async () => {
  const { wake, locks, held, show } = browser();
  wake.want(true);
  await turn();
  show("hidden");
  locks[0]!.taken();
  expect(wake.state.value).toBe("off");
  show("visible");
  await turn();
  expect([wake.state.value, locks.length, held()]).toEqual(["on", 2, 1]);
  wake.want(false);
  show("visible");
  await turn();
  expect(held()).toBe(0);
});

test("a lock that comes after it was given up is let go of at once", async () => {
  const { wake, held } = browser();
  wake.want(true);
  wake.want(false);
  await turn();
  expect([wake.state.value, held()]).toEqual(["off", 0]);
});

test("a browser that refuses is asked again when the page is shown; one without locks is never asked", async () => {
  const { its, wake, show } = browser();
  its.refuses = true;
  wake.want(true);
  await turn();
  expect(wake.state.value).toBe("refused");
  its.refuses = false;
  show("visible");
  await turn();
  expect(wake.state.value).toBe("on");
  const without = createScreenWake({}, { visibilityState: "visible", addEventListener: () => {} });
  without.want(true);
  await turn();
  expect(without.state.value).toBe("unknown");
});
