/** The queue of writes by itself: what goes together, what waits, and what a refusal does. */
import { expect, test } from "vitest";
import type { Step } from "./core-kind.ts";
import type { CoreRecord } from "./effects.ts";
import { persist, persistFailed, retryWrites, storedVolunteer, takePersisted, writeQueue } from "./persistence.ts";
import { newVolunteer } from "./reputation.ts";
import { initialState } from "./state.ts";
import { startStep } from "./step-context.ts";
import { CAUGHT, volunteerRecord } from "./testing/records.ts";

const submission = (jobId: string) => ({ kind: "submission", jobId });
const record = (jobId: string): CoreRecord => ({ kind: "job", of: "inference", jobId, record: { type: "job" } });

/** A submission and an end are in line; `more` come while they are being written. */
function writing(): Step {
  const step = startStep(new Map(), initialState(), 5_000);
  persist(step, { kind: "submission", jobId: "one" }, [record("one")]);
  persist(step, { kind: "jobEnd", jobId: "two", end: "done", credited: [] }, [record("two"), record("three")]);
  writeQueue(step);
  return step;
}

const writes = (step: Step) => step.effects.flatMap((effect) => (effect.type === "persist" ? [effect] : []));
const jobIds = (records: readonly CoreRecord[]) => records.map((one) => (one.kind === "job" ? one.jobId : one.kind));

test("[PS1] what is in line is written together, and what comes meanwhile waits for it", () => {
  const step = writing();
  expect(writes(step).map(({ records }) => jobIds(records))).toEqual([["one", "two", "three"]]);
  persist(step, { kind: "standing" }, [record("four")]);
  writeQueue(step);
  expect(writes(step)).toHaveLength(1);
  const durable = takePersisted(step, writes(step)[0]!.effectId);
  expect(durable.map(({ purpose }) => purpose.kind)).toEqual(["submission", "jobEnd"]);
  writeQueue(step);
  expect(jobIds(writes(step)[1]!.records)).toEqual(["four"]);
  takePersisted(step, writes(step)[1]!.effectId);
  writeQueue(step);
  expect(writes(step)).toHaveLength(2);
});

test("[PS3] after a refusal submissions are out of the line, the rest is written again after a second, in order", () => {
  const step = writing();
  persist(step, { kind: "submission", jobId: "five" }, [record("five")]);
  persist(step, { kind: "standing" }, [record("four")]);
  const { effectId } = writes(step)[0]!;
  expect(persistFailed(step, effectId + 1, "stale")).toEqual([]);
  expect(step.state.storeProblem).toBeNull();
  expect(persistFailed(step, effectId, "disk full")).toEqual([submission("one"), submission("five")]);
  expect(step.state.storeProblem).toBe("disk full");
  expect(step.effects.at(-1)).toMatchObject({ type: "setTimer", atMs: 6_000 });
  expect([...step.state.timers.values()]).toEqual([{ kind: "retryPersist" }]);
  writeQueue(step);
  expect(writes(step)).toHaveLength(1);
  // Said once more, the same refusal is about nothing that is being written.
  expect(persistFailed(step, effectId, "disk full")).toEqual([]);
  expect(takePersisted(step, effectId)).toEqual([]);
  retryWrites(step);
  writeQueue(step);
  expect(jobIds(writes(step)[1]!.records)).toEqual(["two", "three", "four"]);
  expect(step.state.storeProblem).toBe("disk full");
  takePersisted(step, writes(step)[1]!.effectId);
  expect(step.state.storeProblem).toBeNull();
});

test("[PS3] where nothing is left to write, the next submission shows whether the store is well again", () => {
  const step = startStep(new Map(), initialState(), 5_000);
  persist(step, { kind: "submission", jobId: "one" }, [record("one")]);
  writeQueue(step);
  expect(persistFailed(step, writes(step)[0]!.effectId, "disk full")).toEqual([submission("one")]);
  expect(step.state).toMatchObject({ storeProblem: null, write: null, persistQueue: [] });
  expect(step.state.timers.size).toBe(0);
  persist(step, { kind: "submission", jobId: "two" }, [record("two")]);
  writeQueue(step);
  expect(jobIds(writes(step)[1]!.records)).toEqual(["two"]);
});

test("[PS2] of a volunteer everything is written that outlives its tabs, and nothing else", () => {
  const credit = { creditMacs: 3, creditAssignments: 2 };
  const stored = volunteerRecord("v1", { ...credit, auditsPassed: 7, auditsFailed: 1, quarantine: CAUGHT });
  const volunteer = newVolunteer(stored);
  expect(storedVolunteer({ ...volunteer, sessionIds: new Set(["s1"]), unansweredInRow: 2, besideSpeed: 5 })).toEqual(
    stored,
  );
});
