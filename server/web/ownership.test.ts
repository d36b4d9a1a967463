import { expect, test } from "vitest";
import type { Identity } from "../access/identity.ts";
import { MemoryStore } from "../store/testing/memory-store.ts";
import { Ownership } from "./ownership.ts";

test("[LJ3] what nobody announced, for it is made here, is refused where the disk has no room for it", async () => {
  const room = {
    refusesJobs: () => null,
    refusesUploads: (bytes: number) => (bytes > 10 ? { status: 507, code: "disk-full", message: "no room" } : null),
    // Three quarters of it are more than the disk has.
    uploadRoomBytes: () => 16,
  };
  const store = new MemoryStore();
  const ownership = new Ownership(null, null as never, store, room);
  const somebody = {} as Identity;
  await expect(ownership.putAs(somebody, new Uint8Array(11))).rejects.toMatchObject({ status: 507, code: "disk-full" });
  expect(store.holds(await ownership.putAs(somebody, new Uint8Array(10)))).toBe(true);
});
