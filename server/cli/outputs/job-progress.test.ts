import { expect, test } from "vitest";
import type { InferenceJobView } from "../../../shared/kinds/inference/job-view.ts";
import { ProgressMeter } from "./job-progress.ts";

const job = (audited: number, queryCount: number, rest: Partial<InferenceJobView>) =>
  ({
    kind: "inference",
    state: "running",
    waitingFor: null,
    queryCount,
    answersByMark: { missing: queryCount - audited, unchecked: 0, estimated: 0, audited, exact: 0 },
    finalCount: 0,
    accuracy: null,
    ...rest,
  }) as InferenceJobView;
const stream = (isOpen: boolean) => ({ stream: { isOpen, closeAfterMs: 50, idleMs: 600_000 } });

test("a job whose queries are all there says how long the rest may take, by what it has seen", () => {
  const meter = new ProgressMeter();
  meter.line(job(0, 100, {}), 0);
  expect(meter.line(job(25, 100, {}), 5_000)).toBe("[######..................] 25/100, 25 audited, 15 s left");
});

test("a stream shows what is answered of what was posted, and no time while more may come", () => {
  const meter = new ProgressMeter();
  expect(meter.line(job(0, 0, stream(true)), 0)).toBe("[........................] 0/0, open");
  expect(meter.line(job(25, 50, stream(true)), 5_000)).toBe("[############............] 25/50, 25 audited, open");
  const waits = { waitingFor: "it is open, and waits for queries", ...stream(true) };
  expect(meter.line(job(50, 50, waits), 10_000)).toMatch(/50\/50, 50 audited, it is open, and waits for queries$/);
  expect(meter.line(job(50, 100, stream(false)), 10_000)).toMatch(/50\/100, 50 audited, 10 s left$/);
});
