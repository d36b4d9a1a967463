/** [JB7] What a run had in hand when it was cancelled is no problem: its thread ends with it. */
import { expect, test } from "vitest";
import { matmulSubmissionSchema } from "../../shared/kinds/matmul/submission.ts";
import { encodeNpy } from "../../shared/protocol/npy.ts";
import { simulationRandom } from "../../shared/random/simulation-random.ts";
import { SETTINGS_DEFAULT } from "../coordinator/state.ts";
import { NUMERICS_TASKS, type TaskInputs, type TaskName } from "../kinds/numerics-tasks.ts";
import type { TaskContext } from "../numerics/numerics-references.ts";
import { systemClock } from "../shell/clock.ts";
import { CoordinatorShell } from "../shell/coordinator-shell.ts";
import { MemoryStore } from "../store/testing/memory-store.ts";
import { isProblem } from "../web/coordinator-port.ts";
import { engineThrough } from "./engine/coded-engine.ts";

/** A coordinator whose engines answer nothing until their thread ends. */
function openShell(problems: string[]) {
  const store = new MemoryStore();
  let tellAsked = () => {};
  const asked = new Promise<void>((resolve) => {
    tellAsked = resolve;
  });
  let tokens = 0;
  const context: TaskContext = { secretRandom: simulationRandom(2), model: () => none() };
  const none = () => Promise.reject(new Error("not asked for here"));
  const shell = new CoordinatorShell({
    clock: systemClock(),
    store,
    executor: {
      run: <T extends TaskName>(task: T, input: TaskInputs[T]) => NUMERICS_TASKS[task](input, context),
      close: async () => {},
    },
    secretRandom: simulationRandom(1),
    makeToken: () => `token-${String(tokens++).padStart(20, "0")}`,
    resolveSample: none,
    regressionSample: none,
    openEngine: () => {
      let end = (_: Error) => {};
      const ended = new Promise<never>((_, reject) => {
        end = reject;
      });
      return engineThrough(
        () => {
          tellAsked();
          return ended;
        },
        async () => end(new Error("the thread of a coded run ended (exit code 1)")),
      );
    },
    buildHash: "testing",
    settings: SETTINGS_DEFAULT,
    faultsAllowed: true,
    onProblem: (message) => void problems.push(message),
  });
  return { shell, store, asked };
}

test.each(["cancelled", "stopped with its coordinator"])(
  "[JB7] a run that is %s leaves no problem in the log",
  async (how) => {
    const problems: string[] = [];
    const { shell, store, asked } = openShell(problems);
    await shell.restore();
    const matrix = () => store.putBlob(encodeNpy({ dtype: "F64", shape: [2, 2], data: Float64Array.of(1, 2, 3, 4) }));
    const source = { kind: "uploads", leftSha256: await matrix(), rightSha256: await matrix() };
    const reply = await shell.submit(
      matmulSubmissionSchema.parse({
        kind: "matmul",
        source,
        scheme: "uncoded",
        dataVolunteers: 1,
        stragglers: 0,
        liars: 0,
      }) as never,
    );
    if (isProblem(reply)) throw new Error(reply.message);
    await asked;
    if (how === "cancelled") {
      await shell.cancel(reply.jobId);
      while (shell.jobView(reply.jobId)!.finishedMs === null) await new Promise((resolve) => setTimeout(resolve, 2));
    }
    shell.close();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(problems).toEqual([]);
  },
);
