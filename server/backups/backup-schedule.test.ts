import { expect, test } from "vitest";
import { BACKUP_LOOK_MS, BACKUP_RETRY_MS } from "../../shared/protocol/limits.ts";
import { BackupSchedule } from "./backup-schedule.ts";

const HOUR_MS = 3_600_000;
const NOON_MS = Date.UTC(2026, 11, 1, 12);

function schedule() {
  const at = { nowMs: NOON_MS, lastMs: null as number | null, isMine: true, problem: null as string | null };
  const did: string[] = [];
  let run = () => {};
  let everyMs = 0;
  const made = new BackupSchedule({
    everyMs: 24 * HOUR_MS,
    nowMs: () => at.nowMs,
    isMine: async () => at.isMine,
    onProblem: (message) => did.push(message),
    interval(ms, look) {
      everyMs = ms;
      run = look;
      return () => did.push("closed");
    },
    backups: {
      lastMadeMs: async () => at.lastMs,
      async make(isScheduled) {
        expect(isScheduled).toBe(true);
        if (at.problem !== null) return { status: 409, code: "not-dumped", message: at.problem };
        did.push("made");
        at.lastMs = at.nowMs;
        return { name: "n", madeMs: at.nowMs, isScheduled: true, files: 1, bytes: 1 };
      },
      removeOldScheduled: async () => void did.push("old ones removed"),
    },
  });
  const look = async () => {
    run();
    await new Promise((resolve) => setImmediate(resolve));
    return did.splice(0);
  };
  expect(everyMs).toBe(BACKUP_LOOK_MS);
  return { at, look, made, did };
}

test("a backup is made once the latest, whoever made it, is as old as the operator wants, and the oldest go then", async () => {
  const { at, look } = schedule();
  expect(await look()).toEqual(["made", "old ones removed"]);
  at.nowMs += 24 * HOUR_MS - 1;
  expect(await look()).toEqual([]);
  at.nowMs += 1;
  expect(await look()).toEqual(["made", "old ones removed"]);
  at.nowMs += 20 * HOUR_MS;
  // By hand.
  at.lastMs = at.nowMs;
  at.nowMs += 23 * HOUR_MS;
  expect(await look()).toEqual([]);
});

test("of several coordinators only the one whose turn it is makes it", async () => {
  const { at, look } = schedule();
  at.isMine = false;
  expect(await look()).toEqual([]);
  at.isMine = true;
  expect(await look()).toContain("made");
});

test("why none was made is told, it is tried again half an hour later, and the reason goes when there is a backup", async () => {
  const { at, look, made } = schedule();
  at.problem = "pg_dump is missing";
  expect(await look()).toEqual(["the backup that is due was not made: pg_dump is missing"]);
  expect(made.problem).toBe("pg_dump is missing");
  at.nowMs += BACKUP_RETRY_MS - 1;
  expect(await look()).toEqual([]);
  at.problem = null;
  at.nowMs += 1;
  expect(await look()).toEqual(["made", "old ones removed"]);
  expect(made.problem).toBeNull();
  at.nowMs += 25 * HOUR_MS;
  at.problem = "pg_dump is missing";
  await look();
  // Another coordinator has made it.
  at.lastMs = at.nowMs;
  await look();
  expect(made.problem).toBeNull();
  made.close();
});
