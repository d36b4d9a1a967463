/**
 * What the coordinator itself answers to known questions. Those that come up while it computes some are computed together: a crowd that comes back
 * at once brings thousands, and a thread that is woken up for each of them spends most of its time on waking up.
 */
import { PROBE_INPUT_SIZE, PROBE_OUTPUT_SIZE } from "../../shared/compute/probe.ts";
import type { NumericsExecutor } from "../numerics/numerics-executor.ts";
import type { CommonTasks } from "../numerics/tasks.ts";
import { PROBE_MODEL, PROBE_ROWS } from "./probes.ts";

interface Question {
  readonly inputs: Float32Array;
  resolve(outputs: Float32Array): void;
  reject(error: unknown): void;
}

/** Computed in about a millisecond. */
const TOGETHER_MAX = 64;

export class ProbeAnswers {
  readonly #executor: Pick<NumericsExecutor<CommonTasks>, "run">;
  readonly #waiting: Question[] = [];
  #isAtWork = false;

  constructor(executor: Pick<NumericsExecutor<CommonTasks>, "run">) {
    this.#executor = executor;
  }

  /** @param inputs of drawProbe @returns PROBE_ROWS x PROBE_OUTPUT_SIZE @throws what the executor throws */
  to(inputs: Float32Array): Promise<Float32Array> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ inputs, resolve, reject });
      if (!this.#isAtWork) void this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#isAtWork = true;
    while (this.#waiting.length > 0) await this.#computed(this.#waiting.splice(0, TOGETHER_MAX));
    this.#isAtWork = false;
  }

  /** Never rejects. */
  async #computed(questions: readonly Question[]): Promise<void> {
    const inputs = new Float32Array(questions.length * PROBE_ROWS * PROBE_INPUT_SIZE);
    for (const [i, question] of questions.entries()) inputs.set(question.inputs, i * PROBE_ROWS * PROBE_INPUT_SIZE);
    try {
      const rowCount = questions.length * PROBE_ROWS;
      const outputs = await this.#executor.run("run", { model: PROBE_MODEL, inputs, rowCount });
      const size = PROBE_ROWS * PROBE_OUTPUT_SIZE;
      for (const [i, { resolve }] of questions.entries()) resolve(outputs.slice(i * size, (i + 1) * size));
    } catch (error) {
      for (const { reject } of questions) reject(error);
    }
  }
}
