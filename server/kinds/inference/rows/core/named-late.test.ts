/** Somebody is named when every row of a job is answered, and its block has ended. */
import { expect, test } from "vitest";
import type { Effect } from "../../../../coordinator/effects.ts";
import { RowsStory } from "../testing/rows-story.ts";

/** Whether a lie is found late hangs on who happens to answer beside whom: the first stories in which it is are looked at. */
const SEEDS_MAX = 60;

type Work = Extract<Effect, { type: "work" }>;

const isConfirmation = (effect: Effect): effect is Work =>
  effect.type === "work" && (effect.work as { type: string }).type === "confirmRows";

/** 200 rows without checks: v3 and v2 are slow, so that others answer beside them, and v2 lies once its device is let in. */
function answered(seed: number): { story: RowsStory; held: Work[] } {
  let state = seed * 7_919;
  const drawn = (below: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * below);
  };
  const held: Work[] = [];
  let isAwake = false;
  const story = new RowsStory({
    lies: (volunteerId, place) => volunteerId === "v2" && isAwake && place % 3 === 0,
    holds(effect) {
      if (isConfirmation(effect)) held.push(effect);
      return isConfirmation(effect);
    },
  });
  story.crowd(8);
  story.submit("job", 200, { macsPerQuery: 235_000 }, { scheme: "uncoded" });
  for (let n = 0; n < 3_000 && story.stateOf("job") === "running" && story.out().length > 0; n++) {
    isAwake ||= [...(story.job("job").ledger?.standingOf("v2") ?? [])].length > 0;
    const out = story.out().filter(({ assignmentId }) => story.state.assignments.get(assignmentId)?.startedMs !== null);
    const quick = out.filter(({ volunteerId }) => !["v2", "v3"].includes(volunteerId) || drawn(20) === 0);
    if (quick.length === 0 || drawn(4) === 0) {
      story.pass(300);
      continue;
    }
    const sent = quick[drawn(quick.length)]!;
    if (drawn(3) === 0 && story.rowsOf(sent).length > 5) story.part(sent, [0, 1, 2, 3, 4].slice(0, 1 + drawn(5)));
    else story.answer(sent, drawn(300));
  }
  return { story, held };
}

test("[VF4] whoever is named then loses what stands of it, the coordinator computes that, and the job ends", () => {
  let lost = 0;
  for (let seed = 1; lost === 0 && seed <= SEEDS_MAX; seed++) {
    const { story, held } = answered(seed);
    if (held.length === 0) continue;
    lost += [...(story.job("job").ledger?.standingOf("v2") ?? [])].length;
    for (const { effectId, work } of held) {
      const { volunteerIds } = work as unknown as { volunteerIds: readonly string[] };
      const judged = volunteerIds.map((volunteerId) => ({ volunteerId, verdict: "differs" as const, spread: 1e-6 }));
      const outcome = { type: "rowsConfirmed", judged };
      story.happen({ type: "outcome", kind: "inference", jobId: "job", effectId, outcome } as never);
    }
    expect(story.stateOf("job")).toBe("done");
    expect(story.durableRows("job").filter(({ author }) => author === "v2")).toEqual([]);
    expect(story.durableRows("job")).toHaveLength(200);
  }
  expect(lost).toBeGreaterThan(0);
});
