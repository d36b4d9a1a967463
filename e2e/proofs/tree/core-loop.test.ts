import { expect, test } from "vitest";
import { driveCore } from "../../../docs/examples/core-loop.ts";
import type { Effect } from "../../../server/coordinator/effects.ts";

test("the loop of the architecture page drives the core: a session is probed, and answers", () => {
  const effects: Effect[] = [];
  const events: string[] = [];
  let nowMs = 0;
  const happen = driveCore(
    () => nowMs++,
    (event) => events.push(event.type),
    (effect) => {
      effects.push(effect);
      // What is said while an event is carried out waits for its turn.
      if (effect.type === "sendProbe")
        happen({ type: "sessionProbed", sessionId: effect.sessionId, precision: "float32" });
    },
  );
  happen({ type: "restored", jobs: [], volunteers: [] });
  happen({
    type: "sessionOpened",
    sessionId: "s",
    volunteerId: "v",
    nickname: "tab",
    team: "",
    backend: "wasm",
    addressGroup: null,
    invitationSha256: null,
  });
  expect(events).toEqual(["restored", "sessionOpened", "sessionProbed"]);
  expect(effects.map(({ type }) => type)).toEqual(["setTimer", "sendProbe", "clearTimer"]);
});
