/** [CE8] A coalition that would be most of those at one coordinator of several, though it is a fifth of the service. */
import { describe, expect, test } from "vitest";
import { SHARE_KEPT_MS } from "../../shared/protocol/limits.ts";
import { SmallService, type Tab, tab } from "./testing/small-service.ts";
import { PLAIN } from "./testing/story.ts";

const NAMES = ["a", "b", "c", "d", "e"];
const TABS = 200;
const ROWS = 3_200;
/** A fifth, each at an address of its own. */
const isParty = (n: number) => n % 5 === 0;
const isHonest = (n: number) => !isParty(n);
const TARGET = "a";
const ALL = Array.from({ length: TABS }, (_, n) => n + 1);
const seedOf = (n: number) => 100 + n;

function tabsOf(seed: number): Tab[] {
  return ALL.map((n) => tab(n, seed));
}

/** Honest tabs come to any coordinator, each of which has a job at work. */
function service(seed: number, isOfFormerVersion = false): { all: SmallService; party: Tab[] } {
  const all = new SmallService(NAMES, { isOfFormerVersion });
  for (const name of NAMES) all.cell(name).submit(`job of ${name}`, PLAIN, ROWS);
  all.look();
  const tabs = tabsOf(seed);
  for (const one of tabs) if (isHonest(one.n)) all.follow(NAMES[one.n % NAMES.length]!, one);
  return { all, party: tabs.filter(({ n }) => isParty(n)) };
}

/** Shares are what the submitters at work are. */
function toRest(all: SmallService): void {
  all.look();
  all.pass(SHARE_KEPT_MS);
  all.look();
}

function onlyWork(all: SmallService, at: string): void {
  for (const name of NAMES) if (name !== at) all.cell(name).happen({ type: "jobCancelled", jobId: `job of ${name}` });
  toRest(all);
  all.moveAll(isHonest);
}

/** Members at work, or waiting, that hold a batch there. */
const holding = (all: SmallService, at: string) =>
  [...all.cell(at).state.sessions.values()].filter(
    ({ volunteerId, holds }) => isParty(Number(volunteerId.slice(1))) && holds.size > 0,
  ).length;

test("[CE8] where tabs are not placed, a fifth of a service of five is more than half of those at one coordinator: a former version is among them", () => {
  const { all, party } = service(1, true);
  for (const one of party) all.connect(TARGET, one, true);
  all.look();
  expect(all.partOf(isParty, TARGET)).toBeGreaterThan(0.5);
});

describe("[CE8] [CC5] a fifth of the address groups is about a fifth of those who check, at each coordinator", () => {
  const SEEDS = 2;
  /** @returns its largest part anywhere, for each seed */
  const worst = (gather: (all: SmallService, party: readonly Tab[]) => void): number[] =>
    Array.from({ length: SEEDS }, (_, n) => {
      const { all, party } = service(seedOf(n));
      gather(all, party);
      return Math.max(...NAMES.map((name) => all.partOf(isParty, name)));
    });
  /** What follows from forty tabs at a coordinator, drawn one by one. */
  const expectFair = (parts: readonly number[]) => {
    expect(parts.reduce((sum, part) => sum + part, 0) / parts.length).toBeLessThan(0.34);
    expect(Math.max(...parts)).toBeLessThan(0.45);
  };

  test("whoever follows", () => {
    expectFair(
      worst((all, party) => {
        for (const one of party) all.follow(TARGET, one);
      }),
    );
  });

  test("whoever asks for one coordinator by name, again and again, whatever it is told", () => {
    expectFair(
      worst((all, party) => {
        for (let n = 0; n < 3; n++) {
          const opened = party.map((one) => all.connect(TARGET, one, true).sessionId);
          all.look();
          expect(holding(all, TARGET)).toBeLessThan(party.length / 2);
          if (n < 2) for (const sessionId of opened) all.close(TARGET, sessionId);
        }
      }),
    );
  });

  test("whoever is pointed elsewhere and stays: it gets nothing", () => {
    expectFair(
      worst((all, party) => {
        const stays = party.map((one) => all.connect(TARGET, one)).filter(({ to }) => to !== null);
        expect(stays.length).toBeGreaterThan(party.length / 2);
        const { sessions } = all.cell(TARGET).state;
        for (const { sessionId } of stays) {
          all.cell(TARGET).happen({ type: "sessionProbed", sessionId, precision: "float32" });
          all.cell(TARGET).happen({ type: "availabilityChanged", sessionId, available: true });
          expect(sessions.get(sessionId)!.holds.size).toBe(0);
        }
      }),
    );
  });

  test("whoever pauses before it is told to go, and goes on later", () => {
    expectFair(
      worst((all, party) => {
        const opened = party.map((one) => all.connect(TARGET, one, true).sessionId);
        const says = (available: boolean) => {
          for (const sessionId of opened)
            all.cell(TARGET).happen({ type: "availabilityChanged", sessionId, available });
        };
        says(false);
        all.look();
        says(true);
      }),
    );
  });

  test("whoever chooses, refuses a job or brings an invitation that nobody gave, and thinks better of it", () => {
    const choices = [
      { projects: [""], refused: [] },
      { projects: null, refused: ["job of a"] },
    ];
    for (const choice of choices)
      expectFair(
        worst((all, party) => {
          const opened = party.map((one) => all.connect(TARGET, one, true, { invitationSha256: "1".repeat(64) }));
          for (const { sessionId } of opened) all.cell(TARGET).happen({ type: "choiceChanged", sessionId, choice });
          all.look();
          for (const { sessionId } of opened)
            all.cell(TARGET).happen({ type: "choiceChanged", sessionId, choice: null });
        }),
      );
  });

  test("whoever submits jobs to one coordinator until the draw suits: all that one submitter has draw once", () => {
    expectFair(
      worst((all, party) => {
        for (const one of party) all.follow(TARGET, one);
        for (let n = 0; n < 8; n++) {
          all.cell(TARGET).submit(`job of ${TARGET} ${n}`, PLAIN, 400);
          all.look();
          expect(NAMES.map((name) => all.cell(name).state.strays.size)).toEqual([0, 0, 0, 0, 0]);
        }
      }),
    );
  });

  test("whoever keeps what it holds while the shares change", () => {
    expectFair(
      worst((all, party) => {
        // All that is at work is at the target: the party is there by right, and holds what it was sent.
        onlyWork(all, TARGET);
        for (const one of party) all.follow(TARGET, one);
        expect(holding(all, TARGET)).toBeGreaterThan(0.9 * party.length);
        for (const name of NAMES) if (name !== TARGET) all.cell(name).submit(`second of ${name}`, PLAIN, ROWS);
        all.look();
        all.moveAll(isHonest);
        expect(holding(all, TARGET)).toBeGreaterThan(0.9 * party.length);
      }),
    );
  });
});
