import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { profileShares } from "./profile-shares.ts";

test("samples of all threads are told apart by the file of what ran; idle ones are none", async () => {
  const directory = await mkdtemp(join(tmpdir(), "paritab-profile-"));
  try {
    const node = (id: number, functionName: string, url: string) => ({ id, callFrame: { functionName, url } });
    const nodes = [
      node(1, "(idle)", ""),
      node(2, "compare", "file:///srv/shared/verify/compare-rows.ts"),
      node(3, "(garbage collector)", ""),
      node(4, "step", "file:///srv/server/coordinator/state.ts"),
    ];
    const thread = { nodes, startTime: 1_000, samples: [1, 2, 3, 4], timeDeltas: [5_000, 600, 100, 100] };
    const other = { nodes, startTime: 9_000, samples: [2], timeDeltas: [200] };
    await expect(profileShares(directory)).rejects.toThrow("expected profiles");
    await writeFile(join(directory, "a.cpuprofile"), JSON.stringify(thread));
    await writeFile(join(directory, "b.cpuprofile"), JSON.stringify(other));
    await writeFile(join(directory, "notes.txt"), "no profile");
    expect(await profileShares(directory)).toEqual([
      { part: "numerics", share: 0.8 },
      { part: "garbage collection", share: 0.1 },
      { part: "decisions", share: 0.1 },
    ]);
    expect(await profileShares(directory, [[6_700, 8_000]])).toEqual([
      { part: "garbage collection", share: 0.5 },
      { part: "decisions", share: 0.5 },
    ]);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
