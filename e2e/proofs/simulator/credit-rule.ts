/**
 * [CR1] Credit equals verified work: counted here a second time, from events alone, and compared (whole-looks.ts).
 * What is verified becomes part of a total with the write that makes its work durable; a quarantined volunteer earns nothing.
 */
import { codedRun, codedRuns } from "../../../server/coded/core/run-job.ts";
import { isRunOutcome, isRunWork } from "../../../server/coded/core/run-work.ts";
import { productWork } from "../../../server/coded/core/shares.ts";
import type { Effect } from "../../../server/coordinator/effects.ts";
import type { CoordinatorEvent } from "../../../server/coordinator/events.ts";
import type { CoordinatorState } from "../../../server/coordinator/state.ts";
import { COORDINATOR } from "../../../server/kinds/inference/core/job.ts";
import { INFERENCE } from "../../../server/kinds/inference/core/work.ts";
import { rowsJob } from "../../../server/kinds/inference/rows/core/rows-job.ts";
import type { RowsRecord, RowsWork } from "../../../server/kinds/inference/rows/work.ts";
import { WholeLooks } from "./whole-looks.ts";

type Work = Map<string, number>;

export class CreditRule {
  readonly #state: CoordinatorState;
  readonly #looks = new WholeLooks();
  /** Totals as they should be, by volunteer. */
  readonly #totals: Work = new Map();
  /** Verified work of trainings since their last write, and whose work effects `verify` under way are. */
  readonly #ofTrainings = new Map<string, Work>();
  readonly #verifying = new Map<string, { readonly volunteerId: string; readonly work: number }>();
  /** Second words that were counted: job, place, attempt and who gave it. */
  readonly #words = new Set<string>();

  constructor(state: CoordinatorState) {
    this.#state = state;
  }

  after(event: CoordinatorEvent, effects: readonly Effect[]): string[] {
    if (event.type === "restored")
      for (const { volunteerId, creditMacs } of event.volunteers) this.#totals.set(volunteerId, creditMacs);
    this.#countProduct(event);
    for (const effect of effects) this.#look(effect);
    this.#countWords(effects);
    this.#book();
    return this.#looks.isDue(this.#state.volunteers.size) ? this.#compare() : [];
  }

  #countProduct(event: CoordinatorEvent): void {
    if (!isRunOutcome(event)) return;
    const { run } = event.outcome;
    if (run.type !== "verified" || !run.isRight) return;
    const key = `${event.jobId}/${run.effectId}`;
    const checked = this.#verifying.get(key);
    if (checked === undefined) return;
    this.#verifying.delete(key);
    const work = this.#ofTrainings.get(event.jobId) ?? new Map<string, number>();
    this.#ofTrainings.set(event.jobId, add(work, checked.volunteerId, checked.work));
  }

  /** [CR1] A row counts when it is taken in, a second word when it agrees, in one step with the row. */
  #countRows(effect: Effect): void {
    if (effect.type === "work" && effect.kind === INFERENCE) {
      const work = effect.work as RowsWork;
      if (work.type === "takeRows") this.#bookRows(effect.jobId, work.volunteerId, work.answers.length);
      if (work.type === "takeMixtures") this.#bookRows(effect.jobId, work.volunteerId, work.mixtures.length);
    }
  }

  /** Records that are written, or wait for that. */
  #countWords(effects: readonly Effect[]): void {
    const written = effects.flatMap((effect) => (effect.type === "persist" ? effect.records : []));
    for (const record of [...written, ...this.#state.persistQueue.flatMap(({ records }) => records)]) {
      if (record.kind !== "job" || record.of !== INFERENCE) continue;
      const own = record.record as RowsRecord;
      if (own.type !== "rows") continue;
      for (const { place, attempt, partner } of own.rows) {
        const word = `${record.jobId}/${place}/${attempt}/${partner}`;
        if (partner === undefined || partner === COORDINATOR || this.#words.has(word)) continue;
        this.#words.add(word);
        this.#bookRows(record.jobId, partner, 1);
      }
    }
  }

  #bookRows(jobId: string, volunteerId: string, rows: number): void {
    const macs = rowsJob(this.#state, jobId)?.stored.macsPerQuery ?? 0;
    if (rows > 0) this.#bookAll(new Map([[volunteerId, rows * macs]]));
  }

  #look(effect: Effect): void {
    this.#countRows(effect);
    if (!isRunWork(effect) || effect.work.run.type !== "verify") return;
    const job = codedRun(this.#state, effect.jobId);
    if (job === undefined) return;
    const { effectId, volunteerId, product } = effect.work.run;
    this.#verifying.set(`${effect.jobId}/${effectId}`, { volunteerId, work: productWork(job, product) });
  }

  /** Trainings whose credit was taken for a write. */
  #book(): void {
    for (const [jobId, work] of this.#ofTrainings) {
      const job = codedRun(this.#state, jobId);
      if (job === undefined || job.credits.size > 0) continue;
      this.#ofTrainings.delete(jobId);
      this.#bookAll(work);
    }
  }

  #bookAll(work: Work): void {
    for (const [volunteerId, macs] of work)
      if (this.#state.volunteers.get(volunteerId)?.quarantine === null) add(this.#totals, volunteerId, macs);
  }

  #compare(): string[] {
    const broken: string[] = [];
    // Votes and error correction prove results by decoding them: those are not counted here.
    if (codedRuns(this.#state).some(({ plan }) => !plan.isVerified)) return broken;
    for (const { volunteerId, creditMacs } of this.#state.volunteers.values()) {
      const expected = this.#totals.get(volunteerId) ?? 0;
      if (creditMacs === expected) continue;
      broken.push(`[CR1] ${volunteerId} has credit for ${creditMacs} multiply-adds, ${expected} were verified`);
      this.#totals.set(volunteerId, creditMacs);
    }
    return broken;
  }
}

function add(work: Work, volunteerId: string, macs: number): Work {
  return work.set(volunteerId, (work.get(volunteerId) ?? 0) + macs);
}
