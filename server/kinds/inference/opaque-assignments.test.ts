import { expect, test } from "vitest";
import { ShellWithTabs } from "../../../e2e/crowd/shell-with-tabs.ts";
import { INPUT_SIZE, model, QUERIES, queries, SYSTEMATIC } from "../../shell/testing/small-job.ts";

test("[PR83] a batch says nothing of where it belongs, and has an id of its own that is no token", async () => {
  const world = await ShellWithTabs.open(Array.from({ length: 8 }, () => ({})));
  // Tabs compute what is so small.
  await world.hasAskedFor(1_000);
  const [modelSha256, queriesSha256] = await Promise.all([
    world.store.putBlob(model),
    world.upload({ dtype: "F32", shape: [QUERIES, INPUT_SIZE], data: queries }),
  ]);
  const source = { kind: "uploads", modelSha256, queriesSha256 };
  await world.run({ ...SYSTEMATIC, source });
  const ids = new Set<string>();
  for (const { assignment } of world.batches) {
    expect(Object.keys(assignment)).not.toEqual(expect.arrayContaining(["roundIndex"]));
    expect(Object.keys(assignment)).not.toEqual(expect.arrayContaining(["workerIndex"]));
    expect(assignment.assignmentId).not.toBe(assignment.token);
    ids.add(assignment.assignmentId);
  }
  expect(ids.size).toBe(world.batches.length);
  world.close();
});
