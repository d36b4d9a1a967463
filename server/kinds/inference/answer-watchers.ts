/** Whoever wants to know when answers of a job may have changed. Told after the step, once for each step. */
import type { Effect } from "../../coordinator/effects.ts";
import type { CoordinatorEvent } from "../../coordinator/events.ts";
import type { StoredVolunteer } from "../../store/store.ts";
import { INFERENCE, inferenceRecordIn } from "./core/work.ts";
import type { RowsWork } from "./rows/work.ts";

const CHANGES_ANSWERS: ReadonlySet<string> = new Set<RowsWork["type"]>(["takeRows", "takeDecoded", "takeOut"]);

const MAKES_FINAL: ReadonlySet<string> = new Set(["rows", "final", "job"]);

export class AnswerWatchers {
  readonly #byJob = new Map<string, Set<() => void>>();
  /** Jobs of a write under way: answers become final when it is durable. */
  readonly #writing = new Map<number, ReadonlySet<string>>();
  /** [TB3] Writes under way that say of somebody that it is named, or is not any more: that may change answers of any job. */
  readonly #naming = new Set<number>();
  readonly #named = new Set<string>();

  /** @returns stops watching */
  watch(jobId: string, changed: () => void): () => void {
    const watchers = this.#byJob.get(jobId) ?? new Set();
    this.#byJob.set(jobId, watchers.add(changed));
    return () => {
      watchers.delete(changed);
      if (watchers.size === 0 && this.#byJob.get(jobId) === watchers) this.#byJob.delete(jobId);
    };
  }

  stepped(event: CoordinatorEvent, effects: readonly Effect[]): void {
    const changed = new Set<string>();
    if (event.type === "persisted" || event.type === "persistFailed") {
      for (const jobId of this.#writing.get(event.effectId) ?? []) changed.add(jobId);
      this.#writing.delete(event.effectId);
      if (this.#naming.delete(event.effectId)) for (const jobId of this.#byJob.keys()) changed.add(jobId);
    }
    if (event.type === "volunteersElsewhere" && this.#areOthersNamed(event.volunteers)) {
      for (const jobId of this.#byJob.keys()) changed.add(jobId);
    }
    for (const effect of effects) {
      if (effect.type === "persist") {
        this.#writing.set(effect.effectId, jobsIn(effect.records));
        const volunteers = effect.records.flatMap((record) => (record.kind === "volunteer" ? [record.volunteer] : []));
        if (this.#areOthersNamed(volunteers)) this.#naming.add(effect.effectId);
      }
      if (effect.type === "releaseJob") changed.add(effect.jobId);
      if (effect.type !== "work" || effect.kind !== INFERENCE) continue;
      if (CHANGES_ANSWERS.has((effect.work as RowsWork).type)) changed.add(effect.jobId);
    }
    for (const jobId of changed) for (const tell of [...(this.#byJob.get(jobId) ?? [])]) tell();
  }

  /** Others than were known to be. */
  #areOthersNamed(volunteers: readonly Pick<StoredVolunteer, "volunteerId" | "quarantine">[]): boolean {
    let areOthers = false;
    for (const { volunteerId, quarantine } of volunteers) {
      if ((quarantine !== null) === this.#named.has(volunteerId)) continue;
      areOthers = true;
      if (quarantine === null) this.#named.delete(volunteerId);
      else this.#named.add(volunteerId);
    }
    return areOthers;
  }

  /** Nothing changes any more. */
  close(): void {
    for (const watchers of [...this.#byJob.values()]) for (const tell of [...watchers]) tell();
    this.#byJob.clear();
    this.#writing.clear();
    this.#naming.clear();
  }
}

/** A volunteer's record may make answers of any job final: its own job is written with it. */
function jobsIn(records: Extract<Effect, { type: "persist" }>["records"]): Set<string> {
  return new Set(
    records.flatMap((record) => {
      const type: string | undefined = inferenceRecordIn(record)?.type;
      return record.kind === "job" && type !== undefined && MAKES_FINAL.has(type) ? [record.jobId] : [];
    }),
  );
}
