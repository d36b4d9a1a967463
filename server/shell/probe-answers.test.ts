/** The coordinator's own answers to known questions: those that come while it computes some are computed together. */
import { expect, test } from "vitest";
import { PROBE_INPUT_SIZE, PROBE_OUTPUT_SIZE } from "../../shared/compute/probe.ts";
import { ProbeAnswers } from "./probe-answers.ts";
import { PROBE_ROWS } from "./probes.ts";

interface Run {
  readonly rowCount: number;
  end(error?: Error): void;
}

/** What it answers to a row is the row's first number, ten times. */
function desk() {
  const runs: Run[] = [];
  const answers = new ProbeAnswers({
    run: (_task, { inputs, rowCount }) =>
      new Promise((resolve, reject) => {
        const outputs = Float32Array.from({ length: rowCount * PROBE_OUTPUT_SIZE }, (_, at) => {
          return inputs[Math.floor(at / PROBE_OUTPUT_SIZE) * PROBE_INPUT_SIZE]!;
        });
        runs.push({ rowCount, end: (error) => (error === undefined ? resolve(outputs) : reject(error)) });
      }),
  });
  return { runs, answers };
}

const question = (n: number) => new Float32Array(PROBE_ROWS * PROBE_INPUT_SIZE).fill(n);
const answer = (n: number) => new Float32Array(PROBE_ROWS * PROBE_OUTPUT_SIZE).fill(n);

test("the first is computed at once, those that come meanwhile together, and each gets its own answer", async () => {
  const { runs, answers } = desk();
  const given = Array.from({ length: 70 }, (_, n) => answers.to(question(n)));
  expect(runs.map(({ rowCount }) => rowCount)).toEqual([PROBE_ROWS]);
  runs[0]!.end();
  expect(await given[0]).toEqual(answer(0));
  await expect.poll(() => runs.length).toBe(2);
  runs[1]!.end();
  await expect.poll(() => runs.length).toBe(3);
  runs[2]!.end();
  expect(await Promise.all(given)).toEqual(given.map((_, n) => answer(n)));
  expect(runs.map(({ rowCount }) => rowCount / PROBE_ROWS)).toEqual([1, 64, 5]);
});

test("those of a computation that fails hear of it, and the next ones are computed", async () => {
  const { runs, answers } = desk();
  const first = answers.to(question(1));
  const others = [answers.to(question(2)), answers.to(question(3))];
  runs[0]!.end(new Error("the thread ended"));
  await expect(first).rejects.toThrow("the thread ended");
  await expect.poll(() => runs.length).toBe(2);
  runs[1]!.end(new Error("again"));
  expect((await Promise.allSettled(others)).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  const last = answers.to(question(4));
  await expect.poll(() => runs.length).toBe(3);
  runs[2]!.end();
  expect(await last).toEqual(answer(4));
});
