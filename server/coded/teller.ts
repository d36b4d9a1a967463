/** What the logs say of coded runs. */
import type { CoordinatorState, Job } from "../coordinator/state.ts";
import type { CoreJobRecord, Own } from "../coordinator/words.ts";
import type { KindTeller, OwnOf, Say, ToldFields } from "../shell/kind-teller.ts";
import { codedRun, type Share } from "./core/run-job.ts";
import type { RunOutcome, RunWork, WrittenRun } from "./core/run-work.ts";

export class CodedTeller implements KindTeller {
  /** Products that are being checked: by job and effect. */
  readonly #verifying = new Map<string, ToldFields>();

  outcome({ jobId, own }: OwnOf, say: Say): void {
    const { run } = own as RunOutcome;
    switch (run.type) {
      case "verified": {
        const key = `${jobId} ${run.effectId}`;
        const fields = this.#verifying.get(key) ?? {};
        this.#verifying.delete(key);
        return say(run.isRight ? "check passed" : "check failed", fields);
      }
      case "decoded":
        return say("decoded", { detail: run.verdict.kind });
      case "linked":
        return say("loss", { detail: run.loss.toPrecision(6) });
      case "effectFailed":
        return say("numerics failed", { detail: run.message });
      default:
        return say(run.type);
    }
  }

  work({ jobId, own }: OwnOf): void {
    const { run } = own as RunWork;
    if (run.type !== "verify") return;
    const { effectId, volunteerId, roundId, shardIndex } = run;
    this.#verifying.set(`${jobId} ${effectId}`, { volunteerId, roundIndex: roundId, workerIndex: shardIndex });
  }

  written(record: Own): CoreJobRecord {
    return (record as WrittenRun).job;
  }

  sent(payload: unknown) {
    const { share, product, generation } = payload as Share;
    if (share === "shard") return { what: "shard sent", work: "share of the data", isOfRound: false, generation };
    const detail = product === null ? {} : { detail: product };
    return { what: "sent", work: "product", isOfRound: true, generation, ...detail };
  }

  counts(own: Own) {
    const { run } = own as RunOutcome;
    const isWrong = run.type === "verified" && !run.isRight;
    return { checks: isWrong ? [{ name: "freivalds", rows: null, failed: 1 }] : [] };
  }

  lacksTabs(state: CoordinatorState, { stored: { jobId } }: Job): boolean {
    return (codedRun(state, jobId)?.run?.waitingFor ?? null) !== null;
  }

  released(jobId: string): void {
    for (const key of this.#verifying.keys()) if (key.startsWith(`${jobId} `)) this.#verifying.delete(key);
  }
}
