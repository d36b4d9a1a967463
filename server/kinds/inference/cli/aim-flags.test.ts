import { expect, test } from "vitest";
import { FlagValues } from "../../../cli/command.ts";
import { withAim } from "./aim-flags.ts";

const read = (flags: Record<string, string>, given: Record<string, unknown> = {}) =>
  withAim(new FlagValues(flags), given);

test("a time, a budget, and a confidence become the aim of the API", () => {
  expect(read({ within: "10m", confidence: ".9" })).toEqual({ aim: { finishWithinMs: 600_000, confidence: 0.9 } });
  expect(read({ within: "1.5h" })).toEqual({ aim: { finishWithinMs: 5_400_000 } });
  expect(read({ "budget-macs": "1e12" }, { completion: "fast" })).toEqual({
    completion: "fast",
    aim: { budgetMacs: 1e12 },
  });
  expect(read({}, { queriesPerGroup: 8 })).toEqual({ queriesPerGroup: 8 });
});

test("what has no meaning is refused in the words of the command line", () => {
  expect(() => read({ within: "10" })).toThrow(
    /--within: expected a time from 1s to 30d such as 90s, 10m or 2h, got "10"/,
  );
  expect(() => read({ within: "500ms" })).toThrow(/--within/);
  expect(() => read({ within: "10m", "budget-macs": "5" })).toThrow(/one of --within/);
  expect(() => read({ confidence: "0.9" })).toThrow(/--confidence: expected --within/);
  expect(() => read({ within: "10m", confidence: "1" })).toThrow(/0\.5 to 0\.99/);
  expect(() => read({ within: "10m" }, { queriesPerGroup: 8, stragglers: 1 })).toThrow(
    /--queries-per-group, --stragglers; got both/,
  );
  expect(() => read({ "budget-bytes": "-1" })).toThrow(/above 0/);
});
