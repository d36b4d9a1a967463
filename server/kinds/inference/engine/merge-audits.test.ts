import { expect, test } from "vitest";
import { AUDIT_ROWS_AT_ONCE_MAX } from "../../../../shared/protocol/limits.ts";
import { CLASSIFICATION } from "./answer-rule.ts";
import type { AuditBatch, BatchAudit } from "./audit-batches.ts";
import { mergeAudits } from "./merge-audits.ts";
import type { InferenceExecutor, InferenceInputs } from "./task-types.ts";

const OUTCOME = {
  ...{ randomlyChecked: 1, failed: 0, isAnothers: false, against: null },
  looked: { fine: 1, coarse: 0, wrong: 0 },
};

/** Calls end when they are told to. An audit's outcome says whose it is: its first output is the batch's. */
function heldExecutor() {
  const calls: { input: InferenceInputs["audit"]; end(): void; fail(message: string): void }[] = [];
  const executor: InferenceExecutor = {
    run: (_, input) =>
      new Promise((resolve, reject) => {
        const audited = input as InferenceInputs["audit"];
        const outcomes = audited.batches.map(({ outputs }): BatchAudit => {
          return { ...OUTCOME, checkedRows: new Uint8Array(1), ownOutputs: outputs };
        });
        calls.push({
          input: audited,
          end: () => resolve(outcomes as never),
          fail: (message) => reject(new Error(message)),
        });
      }),
    close: async () => {},
  };
  return { executor, calls };
}

function batch(name: number, randomRows = 2): AuditBatch {
  const none = { isFine: true, ambiguousRows: 0, chosenRows: [], estimates: null, against: null };
  const outputs = Float32Array.of(name);
  return { rule: CLASSIFICATION, precision: "float32", inputs: new Float32Array(), outputs, randomRows, ...none };
}

const MODEL = { sha256: "a", bundle: new Uint8Array() };
const OTHER_MODEL = { sha256: "b", bundle: new Uint8Array() };
const settled = () => new Promise((resolve) => setImmediate(resolve));
const namesIn = ({ batches }: InferenceInputs["audit"]) => batches.map(({ outputs }) => outputs[0]);

test("an audit begins at once; what comes in meanwhile goes together in the next call, and each gets its own outcome", async () => {
  const { executor, calls } = heldExecutor();
  const merging = mergeAudits(executor, 1);
  const audits = [1, 2, 3].map((name) => merging.run("audit", { model: MODEL, batches: [batch(name)] }));
  expect(calls.map(({ input }) => namesIn(input))).toEqual([[1]]);
  calls[0]!.end();
  await settled();
  expect(calls.map(({ input }) => namesIn(input))).toEqual([[1], [2, 3]]);
  calls[1]!.end();
  const outcomes = await Promise.all(audits);
  expect(outcomes.map((own) => own.map(({ ownOutputs }) => ownOutputs[0]))).toEqual([[1], [2], [3]]);
});

test("audits of different models are never in one call; who waits longest comes first", async () => {
  const { executor, calls } = heldExecutor();
  const merging = mergeAudits(executor, 1);
  const models = [MODEL, OTHER_MODEL, MODEL, OTHER_MODEL];
  const audits = models.map((model, name) => merging.run("audit", { model, batches: [batch(name)] }));
  for (let call = 0; call < 3; call++) {
    calls[call]!.end();
    await settled();
  }
  await Promise.all(audits);
  expect(calls.map(({ input }) => [input.model.sha256, namesIn(input)])).toEqual([
    ["a", [0]],
    ["b", [1, 3]],
    ["a", [2]],
  ]);
});

test("a call has no more rows than the limit, unless one audit alone asks for more", async () => {
  const { executor, calls } = heldExecutor();
  const merging = mergeAudits(executor, 1);
  const rows = [1, AUDIT_ROWS_AT_ONCE_MAX + 1, AUDIT_ROWS_AT_ONCE_MAX - 1, 1, 1];
  const audits = rows.map((count, name) => merging.run("audit", { model: MODEL, batches: [batch(name, count)] }));
  for (let call = 0; call < 4; call++) {
    calls[call]!.end();
    await settled();
  }
  await Promise.all(audits);
  expect(calls.map(({ input }) => namesIn(input))).toEqual([[0], [1], [2, 3], [4]]);
});

test("a further thread is used once there are rows enough for it, and not above the limit of calls", () => {
  const { executor, calls } = heldExecutor();
  const merging = mergeAudits(executor, 2);
  const add = (name: number) => void merging.run("audit", { model: MODEL, batches: [batch(name, 4)] });
  for (const [name, expected] of [
    [1, 1],
    [2, 1],
    [3, 2],
    [4, 2],
    [5, 2],
    [6, 2],
  ] as const) {
    add(name);
    expect(calls.length, `after ${name} audits`).toBe(expected);
  }
  expect(namesIn(calls[1]!.input)).toEqual([2, 3]);
});

test("where a call of several fails, each is tried alone and fails for its own fault", async () => {
  const { executor, calls } = heldExecutor();
  const merging = mergeAudits(executor, 1);
  const [first, second, third] = [1, 2, 3].map((name) =>
    merging.run("audit", { model: MODEL, batches: [batch(name)] }),
  );
  calls[0]!.end();
  await first;
  await settled();
  calls[1]!.fail("one of them cannot be computed");
  await settled();
  calls[2]!.fail("this one");
  await expect(second).rejects.toThrow("this one");
  await settled();
  calls[3]!.end();
  expect((await third)![0]!.ownOutputs[0]).toBe(3);
});

test("tasks other than audits go through as they are", async () => {
  const seen: string[] = [];
  const executor: InferenceExecutor = {
    run: async (task) => {
      seen.push(task);
      return new Float32Array() as never;
    },
    close: async () => void seen.push("closed"),
  };
  const merging = mergeAudits(executor, 1);
  await merging.run("run", { model: MODEL, inputs: new Float32Array(), rowCount: 0 });
  await merging.close();
  expect(seen).toEqual(["run", "closed"]);
});
