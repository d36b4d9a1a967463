/** Streams whose liar knows when the last window is: honest for as long as that pays, and a liar once nothing comes after. */
import { expect, test } from "vitest";
import type { StoredJob } from "../../../server/kinds/inference/records.ts";
import { RowsStory, rowsStoredJob } from "../../../server/kinds/inference/rows/testing/rows-story.ts";
import { waitingLiar } from "./waiting-liar.ts";

const EPS = 0.02;
const SEEDS = 3;
const POSTS = 4;
const POST_ROWS = 40;
const LIAR = "v3";
/** Its first rows are right: among them are those that its device is measured by. */
const RIGHT = 8;

interface Came {
  readonly wrong: number;
  readonly charged: number;
  readonly places: number;
}

/** @param lies at this place of a stream of POSTS times POST_ROWS rows */
function stream(seed: number, lies: (place: number) => boolean, ends: (story: RowsStory) => void): Came {
  const story = new RowsStory({ lies: waitingLiar(LIAR, RIGHT, lies) });
  story.crowd(8);
  const source = {
    ...{ kind: "stream", modelSha256: "0".repeat(64), closeAfterMs: 5, idleMs: 7 * 24 * 3_600_000 },
    ...{ finalWithinMs: 60_000, dtype: "float32" },
  };
  const secretHex = seed.toString(16).padStart(2, "0").repeat(32);
  const changes: Partial<StoredJob> = {
    ...{ queriesSha256: null, isOpen: true },
    crossChecks: { secretHex, terms: null, anchors: 0, certificate: null },
  };
  story.happen({ type: "jobSubmitted", job: rowsStoredJob("job", 0, changes, { source, answerBound: EPS }) });
  for (let n = 0; n < POSTS && story.stateOf("job") === "running"; n++) {
    const request = { type: "queriesPosted", firstQuery: n * POST_ROWS, queryCount: POST_ROWS } as never;
    story.happen({ type: "request", kind: "inference", jobId: "job", request });
    // The last rows are out when it ends.
    if (n < POSTS - 1) story.answerAll();
  }
  ends(story);
  for (let n = 0; n < 20 && ["running"].includes(story.stateOf("job")); n++) {
    story.answerAll();
    story.pass(60_000);
  }
  const { account } = [...story.durable.accounts.values()][0]!;
  expect(account.charged + account.held).toBeLessThanOrEqual(EPS * account.places + 1e-6);
  return { wrong: story.wrongFinal("job").length, charged: account.charged, places: account.places };
}

const close = (story: RowsStory) => story.happen({ type: "stopRequested", jobId: "job" });
const cancel = (story: RowsStory) => {
  const out = story.out();
  expect(out.length).toBeGreaterThan(1);
  for (const sent of out.slice(0, Math.ceil(out.length / 2))) story.answer(sent, 1);
  story.happen({ type: "jobCancelled", jobId: "job" });
};
const last = (POSTS - 1) * POST_ROWS;

test.each([
  { plan: "once in the last window", lies: (place: number) => place === last + 20, ends: close },
  { plan: "in all of the last window", lies: (place: number) => place >= last, ends: close },
  {
    plan: "in one of eight rows from the second post on",
    lies: (place: number) => place >= POST_ROWS && place % 8 === 0,
    ends: close,
  },
  { plan: "in the last window, which its accomplice calls off", lies: (place: number) => place >= last, ends: cancel },
])("one that lies $plan has fewer wrong rows final than the account allows", ({ lies, ends }) => {
  const came = Array.from({ length: SEEDS }, (_, seed) => stream(seed, lies, ends));
  const sum = (of: keyof Came) => came.reduce((all, one) => all + one[of], 0);
  expect(sum("wrong")).toBeLessThanOrEqual(EPS * sum("places"));
});
