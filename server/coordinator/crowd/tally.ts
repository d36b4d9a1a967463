/** How many names stand under each label; a name stands under one at a time. */
export class Tally<Label extends string> {
  readonly #labels = new Map<string, Label>();
  readonly #counts = new Map<Label, number>();

  get size(): number {
    return this.#labels.size;
  }

  /** @param label null: under none any more */
  set(name: string, label: Label | null): void {
    const before = this.#labels.get(name) ?? null;
    if (before === label) return;
    if (before !== null) this.#add(before, -1);
    if (label === null) this.#labels.delete(name);
    else this.#labels.set(name, label);
    if (label !== null) this.#add(label, 1);
  }

  count(label: Label): number {
    return this.#counts.get(label) ?? 0;
  }

  /** Labels that nobody stands under are left out. */
  counts(): [Label, number][] {
    return [...this.#counts].filter(([, count]) => count > 0);
  }

  #add(label: Label, count: number): void {
    this.#counts.set(label, this.count(label) + count);
  }
}
