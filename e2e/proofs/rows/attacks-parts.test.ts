/** Two parts of one job on two coordinators, booked on one account, and a liar that has a tab at both. */
import { expect, test } from "vitest";
import { free } from "../../../server/checks/account.ts";
import { RowsStory } from "../../../server/kinds/inference/rows/testing/rows-story.ts";
import { TwoCells } from "../../../server/kinds/inference/rows/testing/two-cells.ts";
import { waitingLiar } from "./waiting-liar.ts";

const LARGE = { macsPerQuery: 1e9 };
const ROWS = 160;
const PLACES_BEFORE = 60_000;
const LIAR = "v2";
/** Its first rows in each part are right: among them are those that its device is measured by. */
const RIGHT = 12;

function keyOfJobs(): string {
  const story = new RowsStory();
  story.submit("job", ROWS, LARGE);
  return [...story.state.accounts.keys()][0]!;
}

interface Parts {
  readonly cells: TwoCells;
  readonly stories: readonly RowsStory[];
  readonly wrong: number;
}

/**
 * Both parts, a claim of each in turn.
 * @param every so many claims they tell each other whom they have named, and what they have booked
 */
function parts(seed: number, lies: (place: number, part: number) => boolean, every: number): Parts {
  const [cells, key] = [new TwoCells(PLACES_BEFORE), keyOfJobs()];
  const names = ["a", "b"];
  const stories = names.map((name, part) => {
    const story = cells.of(name, key, { lies: waitingLiar(LIAR, RIGHT, (place) => lies(place, part)) });
    const secretHex = (2 * seed + part).toString(16).padStart(2, "0").repeat(32);
    const crossChecks = { secretHex, terms: null, anchors: 0, certificate: null };
    story.submit("job", ROWS, { ...LARGE, crossChecks });
    return story;
  });
  for (let n = 0; n < 4_000 && stories.some((story) => story.stateOf("job") !== "done"); n++) {
    for (const [part, story] of stories.entries()) {
      const next = story
        .out()
        .find(({ assignmentId }) => story.state.assignments.get(assignmentId)?.startedMs !== null);
      if (next !== undefined) story.answer(next, 1);
      else if (story.stateOf("job") !== "done") story.pass(5_000);
      expect(free(cells.account)).toBeGreaterThanOrEqual(-1e-6);
      if (n % every !== 0) continue;
      const other = stories[1 - part]!;
      other.happen({ type: "accountsElsewhere", accounts: [{ key, account: cells.othersOf(names[1 - part]!) }] });
      const named = story.durable.volunteers.get(LIAR);
      const isNews = other.state.volunteers.get(LIAR)?.quarantine === null;
      if (named?.quarantine != null && isNews) other.happen({ type: "volunteersElsewhere", volunteers: [named] });
    }
  }
  expect(stories.map((story) => story.stateOf("job"))).toEqual(["done", "done"]);
  expect(cells.account).toMatchObject({ places: PLACES_BEFORE + 2 * ROWS });
  expect(cells.account.held).toBeCloseTo(0, 6);
  const wrong = stories.reduce((all, story) => all + story.wrongFinal("job").length, 0);
  return { cells, stories, wrong };
}

test.each([1, 40])(
  "one that lies in a quarter of both parts has none of it final, and pays for the block of a part where it is found; they hear of each other every %s claims",
  (every) => {
    const { cells, stories, wrong } = parts(1, (place) => place % 4 === 0, every);
    expect(wrong).toBe(0);
    const blocks = stories.flatMap((story) => story.durable.blocks.get("job")!.map(({ block }) => block));
    const charged = blocks.filter(({ state }) => state === "charged").map(({ terms }) => terms.reserve);
    expect(charged.length).toBeGreaterThan(0);
    expect(cells.account.charged).toBeCloseTo(
      charged.reduce((all, one) => all + one),
      6,
    );
  },
);
