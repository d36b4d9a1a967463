/** Items in the order in which they came, each once. Any of them is found, taken out or put to the end without a walk. */

interface Node<V> {
  readonly item: number;
  readonly value: V;
  before: Node<V> | null;
  after: Node<V> | null;
}

export class ItemQueue<V = null> {
  readonly #nodes = new Map<number, Node<V>>();
  #first: Node<V> | null = null;
  #last: Node<V> | null = null;

  get size(): number {
    return this.#nodes.size;
  }

  /** null: it is empty */
  get first(): number | null {
    return this.#first === null ? null : this.#first.item;
  }

  has(item: number): boolean {
    return this.#nodes.has(item);
  }

  valueOf(item: number): V | undefined {
    return this.#nodes.get(item)?.value;
  }

  /** Puts it at the end. @returns false: it is there already, and stays where it is */
  push(item: number, value: V): boolean {
    if (this.#nodes.has(item)) return false;
    const node: Node<V> = { item, value, before: null, after: null };
    this.#nodes.set(item, node);
    this.#append(node);
    return true;
  }

  /** @returns whether it was there */
  delete(item: number): boolean {
    const node = this.#nodes.get(item);
    if (node === undefined) return false;
    this.#nodes.delete(item);
    this.#unlink(node);
    return true;
  }

  toBack(item: number): void {
    const node = this.#nodes.get(item);
    if (node === undefined || node === this.#last) return;
    this.#unlink(node);
    this.#append(node);
  }

  *values(): Generator<V, undefined> {
    for (let node = this.#first; node !== null; node = node.after) yield node.value;
  }

  #append(node: Node<V>): void {
    node.before = this.#last;
    node.after = null;
    if (this.#last === null) this.#first = node;
    else this.#last.after = node;
    this.#last = node;
  }

  #unlink({ before, after }: Node<V>): void {
    if (before === null) this.#first = after;
    else before.after = after;
    if (after === null) this.#last = before;
    else after.before = before;
  }
}
