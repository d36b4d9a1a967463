/**
 * Audits that wait for each other. A few rows alone cost a model up to twice as much each as a few more of them do (bench overhead), so
 * what comes in while an audit is being computed goes together in the next call of its model. Nobody waits for the sake of company: where
 * nothing is being computed an audit begins at once.
 */

import { AUDIT_ROWS_AT_ONCE_MAX, RECOMPUTED_BYTES_AT_ONCE_MAX } from "../../../../shared/protocol/limits.ts";
import type { NumericsExecutor } from "../../../numerics/numerics-executor.ts";
import type { ModelReference } from "../../../numerics/numerics-references.ts";
import type { TaskTypes } from "../../../numerics/tasks.ts";
import type { AuditBatch, BatchAudit } from "./audit-batches.ts";
import type { InferenceExecutor, InferenceInputs, InferenceTasks } from "./task-types.ts";

/** With so many rows waiting a further call is worth a further thread: of as many, a row costs about what it costs of forty. */
const ROWS_WORTH_A_CALL = 8;

interface WaitingAudit {
  readonly model: ModelReference;
  readonly batches: readonly AuditBatch[];
  resolve(audits: BatchAudit[]): void;
  reject(error: unknown): void;
}

/**
 * Audits of one job wait for each other, and for no other job's: its model may be slow.
 * @param callsMax calls of models for audits of one job that may be under way at once, 1 or more
 */
export function mergeAudits<T extends InferenceTasks & TaskTypes<T>>(
  executor: NumericsExecutor<T>,
  callsMax: number,
): NumericsExecutor<T> {
  const queues = new Map<string, AuditQueue>();
  return {
    async run(task, input, of) {
      if (task !== "audit") return executor.run(task, input, of);
      const audit = input as InferenceInputs["audit"];
      const { jobId = "" } = audit.model;
      const forget = () => void queues.delete(jobId);
      const queue = queues.get(jobId) ?? new AuditQueue(executor as InferenceExecutor, callsMax, forget);
      queues.set(jobId, queue);
      return (await queue.add(audit)) as T[typeof task]["output"];
    },
    forget: (jobId) => executor.forget?.(jobId),
    close: () => executor.close(),
  };
}

class AuditQueue {
  readonly #executor: InferenceExecutor;
  readonly #callsMax: number;
  readonly #whenIdle: () => void;
  /** In the order in which they came. */
  #waiting: WaitingAudit[] = [];
  #calls = 0;

  /** @param whenIdle nothing of it is under way, and nothing waits */
  constructor(executor: InferenceExecutor, callsMax: number, whenIdle: () => void) {
    this.#executor = executor;
    this.#callsMax = callsMax;
    this.#whenIdle = whenIdle;
  }

  add({ model, batches }: InferenceInputs["audit"]): Promise<BatchAudit[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ model, batches, resolve, reject });
      this.#begin();
    });
  }

  #begin(): void {
    while (this.#waiting.length > 0 && (this.#calls === 0 || this.#isWorthAThread())) {
      const together = this.#takeTogether();
      this.#calls++;
      this.#call(together).finally(() => {
        this.#calls--;
        this.#begin();
        if (this.#calls === 0) this.#whenIdle();
      });
    }
  }

  #isWorthAThread(): boolean {
    return this.#calls < this.#callsMax && rowsOf(this.#waiting) >= ROWS_WORTH_A_CALL;
  }

  /** Who waits longest, and whoever waits for the same model, as long as there is room. */
  #takeTogether(): WaitingAudit[] {
    const together: WaitingAudit[] = [];
    const { sha256 } = this.#waiting[0]!.model;
    let [rows, bytes] = [0, 0];
    this.#waiting = this.#waiting.filter((audit) => {
      if (audit.model.sha256 !== sha256) return true;
      const [own, ownBytes] = [rowsOf([audit]), bytesOf(audit)];
      const isTooMuch = rows + own > AUDIT_ROWS_AT_ONCE_MAX || bytes + ownBytes > RECOMPUTED_BYTES_AT_ONCE_MAX;
      // One is always let through: no audit asks for more rows than a batch has.
      if (together.length > 0 && isTooMuch) return true;
      together.push(audit);
      rows += own;
      bytes += ownBytes;
      return false;
    });
    return together;
  }

  /** Never rejects. What fails together is tried again alone, so that each fails for its own fault. */
  async #call(together: readonly WaitingAudit[]): Promise<void> {
    const { model } = together[0]!;
    try {
      const batches = together.flatMap((audit) => audit.batches);
      const audits = await this.#executor.run("audit", { model, batches });
      let taken = 0;
      for (const { batches: own, resolve } of together) {
        resolve(audits.slice(taken, taken + own.length));
        taken += own.length;
      }
    } catch (error) {
      if (together.length === 1) together[0]!.reject(error);
      else for (const audit of together) await this.#call([audit]);
    }
  }
}

/** Rows that are asked for; what is suspected beside them is known once it is compared. */
function rowsOf(audits: readonly WaitingAudit[]): number {
  return audits
    .flatMap(({ batches }) => batches)
    .reduce((sum, { randomRows, chosenRows }) => sum + randomRows + chosenRows.length, 0);
}

/** What its rows take once they are gathered, in and out; where nothing says which, those of the whole batch. */
function bytesOf({ batches }: WaitingAudit): number {
  return batches.reduce((sum, { inputs, outputs, randomRows, chosenRows }) => {
    const gathered =
      inputs instanceof Float32Array
        ? inputs.byteLength
        : Math.min(randomRows + chosenRows.length, inputs.queries.length) * inputs.source.inputSize * 4;
    return sum + gathered + outputs.byteLength;
  }, 0);
}
