/** Several devices under one name: each works for itself, and none checks another. */
import { describe, expect, test } from "vitest";
import { storedVolunteer } from "../../../coordinator/persistence.ts";
import { areOne, personOf } from "../../../coordinator/persons.ts";
import { Story } from "../../../coordinator/testing/story.ts";
import { checkedJob, SETTINGS, toEnd, withDuplicates } from "../testing/cross-checked-story.ts";

function join(story: Story, n: number, ownerId: string | null, addressGroup: string | null = null): void {
  story.happen({
    ...{ type: "sessionOpened", sessionId: `s${n}`, volunteerId: `v${n}`, nickname: "", team: "", backend: "wasm" },
    ...{ addressGroup, invitationSha256: null, ownerId },
  });
  story.happen({ type: "sessionProbed", sessionId: `s${n}`, precision: "float32" });
}

describe("[DV1] whose device it is", () => {
  test("is known from the link on, of all devices of one, and no link makes a circle", () => {
    const story = new Story();
    join(story, 1, null);
    join(story, 2, "v1");
    join(story, 3, "v2");
    expect([1, 2, 3].map((n) => personOf(story.state, `v${n}`))).toEqual(["v1", "v1", "v1"]);
    story.happen({ type: "sessionClosed", sessionId: "s1" });
    join(story, 1, "v3");
    expect(story.state.volunteers.get("v1")?.ownerId ?? null).toBeNull();
    expect(areOne(story.state, "v2", "v3")).toBe(true);
    expect(areOne(story.state, "v2", "v4")).toBe(false);
  });

  test("is in its record, and there after a restart, without the link", () => {
    const story = new Story();
    join(story, 1, null);
    join(story, 2, "v1");
    const volunteers = [...story.state.volunteers.values()].map(storedVolunteer);
    const next = new Story();
    next.happen({ type: "restored", jobs: [], volunteers });
    join(next, 2, null);
    expect(personOf(next.state, "v2")).toBe("v1");
  });
});

describe("[DV2] devices of one are no strangers", () => {
  test("a row goes to no other device of its author, though it is at another address", () => {
    const story = new Story({ settings: SETTINGS });
    for (let n = 1; n <= 12; n++) join(story, n, n > 9 ? "v9" : null, `address ${n}`);
    story.submitJob(checkedJob());
    toEnd(story);
    expect(story.jobState("job")).toBe("done");
    const compared = withDuplicates(story).flatMap(({ volunteerId, crossChecked }) =>
      crossChecked!.duplicates.flatMap((of) => (of === null ? [] : [[volunteerId, of.volunteerId] as const])),
    );
    expect(compared.length).toBeGreaterThan(20);
    expect(compared.filter(([one, other]) => areOne(story.state, one, other))).toEqual([]);
  });

  test("they hold one worker index of a round between them, where a crowd is large enough", () => {
    const story = new Story();
    for (let n = 1; n <= 7; n++) join(story, n, n === 7 ? "v1" : null);
    story.submit("job", { scheme: "replication", queriesPerGroup: 1, stragglers: 0, liars: 1 }, 10);
    const held = story.out().filter(({ roundIndex }) => roundIndex === 0);
    expect(held).toHaveLength(3);
    expect(new Set(held.map(({ sessionId }) => personOf(story.state, `v${sessionId.slice(1)}`))).size).toBe(3);
  });

  test("no second opinion is asked of another device of the same one", () => {
    const story = new Story();
    for (let n = 1; n <= 5; n++) join(story, n, n > 1 ? "v1" : null);
    story.submit("job", { scheme: "systematic", queriesPerGroup: 4, stragglers: 1, liars: 0 }, 40);
    const sent = story.asked("sendAssignment").length;
    story.draw = 0;
    const [first] = story.out();
    if (first !== undefined) story.answer(first, 1);
    const again = story.asked("sendAssignment").slice(sent);
    expect(again.filter(({ workerIndex }) => workerIndex === first?.workerIndex)).toEqual([]);
  });
});
