/** How exactly a back-end computes a model, by rows of it that were looked at. */
import { expect, test } from "vitest";
import { NOTHING_LOOKED, type RowsLooked } from "../../../../shared/verify/model-class.ts";
import { RowsStory } from "../rows/testing/rows-story.ts";
import {
  classOf,
  enterRows,
  forgetWrongRows,
  isMeasured,
  isOneTooMany,
  isUnfit,
  MEASURED_BACKENDS_MAX,
  measuredIn,
  probedOn,
} from "./model-classes.ts";

function begun() {
  const story = new RowsStory();
  story.crowd(3);
  story.submit("job", 400, { macsPerQuery: 1e9 });
  const [state, job] = [story.state, story.job("job")];
  const session = state.sessions.get("s1")!;
  const volunteer = state.volunteers.get("v1")!;
  const measured = () => measuredIn(job, session);
  const step = { state, nowMs: story.nowMs, effects: [] } as never;
  const enter = (looked: Partial<RowsLooked>, isFine = false) =>
    enterRows(step, measured(), { ...NOTHING_LOOKED, ...looked }, isFine);
  return { story, state, job, session, volunteer, measured, step, enter };
}

test.each([
  ["wasm", "float32", "fixed32"],
  ["cpu", "float32", "float32"],
  ["webgpu", "float32", "float32"],
  ["wasm ", "float32", "float32"],
  ["wasm", "float16", "float16"],
] as const)(
  "[PC10] on %j, where the known question says %s, rows are looked at as %s",
  (backend, precision, expected) => {
    expect(probedOn(backend, precision)).toBe(expected);
  },
);

test("[PC3] a device counts as half precision until enough rows of the model have shown that it computes finer", () => {
  const { state, measured, enter } = begun();
  expect([classOf(state, measured()), isMeasured(state, measured())]).toEqual(["float16", false]);
  enter({ fine: 2 });
  expect(classOf(state, measured())).toBe("float16");
  enter({ fine: 1 });
  expect([classOf(state, measured()), isMeasured(state, measured())]).toEqual(["fixed32", true]);
});

test("[PC3] one that is as far off as half precision is counts as that, and is no liar", () => {
  const { state, measured, enter, volunteer } = begun();
  expect(enter({ coarse: 3 })).not.toBe("lied");
  expect([classOf(state, measured()), volunteer.quarantine]).toEqual(["float16", null]);
});

test("[PC4] once a device that was believed to be fine turns out coarse, the record that it had as that says nothing", () => {
  const { enter, volunteer } = begun();
  volunteer.auditsPassed = 40;
  enter({ fine: 3 });
  expect(volunteer.auditsPassed).toBe(40);
  enter({ coarse: 1 });
  expect(volunteer.auditsPassed).toBe(0);
});

test("[PC5] of whom some rows are right and some are not lies; whose every row is wrong gets no more of that model there", () => {
  const liar = begun();
  liar.enter({ fine: 3 }, true);
  expect(liar.enter({ wrong: 1 }, true)).toBe("lied");
  const { state, job, session, enter } = begun();
  expect(isUnfit(state, job, session)).toBe(false);
  expect(enter({ wrong: 8 })).toBe("unfit");
  expect(isUnfit(state, job, session)).toBe(true);
  // On another back-end it is asked again.
  session.modelBackends = new Map([[job.stored.modelSha256, "cpu"]]);
  expect(isUnfit(state, job, session)).toBe(false);
});

test("[PC9] a volunteer is measured on so many back-ends of a model, and no further one", () => {
  const { state, job, session, measured, enter } = begun();
  for (let n = 0; n < MEASURED_BACKENDS_MAX; n++) {
    session.modelBackends = new Map([[job.stored.modelSha256, `card ${n}`]]);
    expect(isOneTooMany(state, measured())).toBe(false);
    enter({ fine: 1 });
  }
  session.modelBackends = new Map([[job.stored.modelSha256, "one more"]]);
  expect([isOneTooMany(state, measured()), isUnfit(state, job, session)]).toEqual([true, true]);
});

test("[VF14] of a model whose answers nobody can check rows that seemed wrong are forgotten", () => {
  const { state, job, session, enter } = begun();
  enter({ wrong: 8 });
  forgetWrongRows(state, job);
  expect(isUnfit(state, job, session)).toBe(false);
  expect(enter({ fine: 3 })).not.toBe("lied");
});
