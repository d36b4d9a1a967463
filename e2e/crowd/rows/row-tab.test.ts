import { expect, test } from "vitest";
import { VirtualClock } from "../virtual-clock.ts";
import { RowTab, type RowTabSpec } from "./row-tab.ts";

const STEADY: RowTabSpec = { time: { fixedMs: 0, rowMs: 1_000, factors: [], draw: 1 } };
const PARTS = { everyMs: 2_000, rowsMin: 5 };

function watched(spec: RowTabSpec = STEADY) {
  const clock = new VirtualClock();
  const said: string[] = [];
  const at = () => `${clock.nowMs() / 1e3} s`;
  const tab = new RowTab(clock, spec, {
    ...{ seed: 1, tab: 0, parts: PARTS },
    voice: {
      handsOver: (_, items) => said.push(`${at()}: answers ${items.join(" ")}`),
      leavesOut: (_, items) => said.push(`${at()}: leaves out ${items.join(" ")}`),
      ends: (_, rows, ms, isWhole) => said.push(`${at()}: ends, ${rows} in ${ms} ms, ${isWhole ? "whole" : "cut"}`),
    },
  });
  const give = (claimId: number, rows: number) => {
    const items = Array.from({ length: rows }, (_, item) => ({ item, attempt: 0 }));
    const claim = { claimId, sessionId: "s", volunteerId: "v", items };
    tab.sent(claim);
    tab.arrives(claim);
  };
  const runToEnd = () => {
    while (clock.next()) {}
  };
  return { clock, tab, said, give, runToEnd };
}

test("a claim is handed over in parts of five rows at least, and what is less than one and a half of them is the rest", () => {
  const { said, give, runToEnd } = watched();
  give(1, 12);
  runToEnd();
  expect(said).toEqual([
    "5 s: answers 0 1 2 3 4",
    "12 s: answers 5 6 7 8 9 10 11",
    "12 s: ends, 12 in 12000 ms, whole",
  ]);
});

test("claims are computed one after the other", () => {
  const { said, give, runToEnd } = watched();
  give(1, 2);
  give(2, 1);
  runToEnd();
  expect(said.filter((line) => line.includes("answers"))).toEqual(["2 s: answers 0 1", "3 s: answers 0"]);
});

test("a row that is begun is computed to its end, what comes after it is left out when it is told so", () => {
  const { clock, tab, said, give, runToEnd } = watched();
  give(1, 4);
  clock.at(1_500, () => tab.drop(1, [0, 1, 2, 3]));
  runToEnd();
  expect(said).toEqual(["1.5 s: leaves out 2 3", "2 s: answers 0 1", "2 s: ends, 2 in 2000 ms, cut"]);
});

test("a claim that waits is left out whole, and the one before it goes on", () => {
  const { clock, tab, said, give, runToEnd } = watched();
  give(1, 2);
  give(2, 2);
  clock.at(500, () => tab.drop(2, [0, 1]));
  runToEnd();
  expect(said).toEqual(["0.5 s: leaves out 0 1", "2 s: answers 0 1", "2 s: ends, 2 in 2000 ms, whole"]);
});

test("a mute tab says nothing, even of what it is to leave out, and has computed nothing", () => {
  const { clock, tab, said, give, runToEnd } = watched({ ...STEADY, isMute: true });
  give(1, 3);
  clock.at(1_500, () => tab.drop(1, [2]));
  runToEnd();
  expect([said, tab.rowsComputed, tab.holdsNothing]).toEqual([[], 0, false]);
});

test("what a tab had computed when its session ended counts as computed", () => {
  const { clock, tab, said, give, runToEnd } = watched();
  give(1, 4);
  clock.at(2_500, () => tab.forget());
  runToEnd();
  expect([said, tab.rowsComputed]).toEqual([[], 2]);
});
