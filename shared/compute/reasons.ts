/** All that is wrong with a model, told at once: whoever mends one thing should not learn of the next one after the next upload. */
import { ModelError } from "./errors.ts";

/** More kinds than a network has that somebody made to be used. */
const REASONS_TOLD_MAX = 40;

export class Reasons {
  /** By kind: the first of that kind, and how many there are. */
  private readonly byKind = new Map<string, { readonly reason: string; count: number }>();

  private readonly openSizes = new Set<string>();

  get isEmpty(): boolean {
    return this.byKind.size === 0;
  }

  /** @param kind reasons of one kind are told once, with their number */
  add(reason: string, kind = reason): void {
    const known = this.byKind.get(kind);
    if (known === undefined) this.byKind.set(kind, { reason, count: 1 });
    else known.count++;
  }

  /** @returns null where the work ended in a ModelError, which is a reason from then on */
  attempt<T>(work: () => T, kind?: string): T | null {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      this.add(error.message, kind);
      for (const size of error.openSizes) this.openSizes.add(size);
      return null;
    }
  }

  /** @throws ModelError with all reasons, where there is one */
  throwIfAny(): void {
    if (this.isEmpty) return;
    const all = [...this.byKind.values()].map(({ reason, count }) =>
      count === 1 ? reason : `${reason} (and ${count - 1} more like it)`,
    );
    const open = [...this.openSizes];
    if (all.length === 1) throw new ModelError(all[0]!, open);
    const told = all.slice(0, REASONS_TOLD_MAX).map((reason, i) => `(${i + 1}) ${reason}`);
    const rest = all.length > told.length ? `\nand ${all.length - told.length} more` : "";
    throw new ModelError(`${all.length} reasons why the model is not taken:\n${told.join("\n")}${rest}`, open);
  }
}
