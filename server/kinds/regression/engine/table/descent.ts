/** How weights descend: at a rate that is found (lbfgs.ts), or at one that was asked for (Nesterov, optimizer.ts). */
import { descend, type OptimizerSettings, type Weights, zeroWeights } from "../optimizer.ts";
import { Lbfgs, writtenSize } from "./lbfgs.ts";

export interface Descent {
  /** Where loss and gradient are asked for next. */
  readonly point: Float64Array;
  /** The weights that count now. */
  readonly reached: Float64Array;
  /** Over l2 it bounds how far the weights that count are from the optimum; Infinity before the first gradient. */
  readonly gradientNorm: number;
  readonly firstNorm: number;
  /** Rounding allows no further progress. */
  readonly isStuck: boolean;
  /** The search tries points, and goes back where the loss has grown: such a loss tells nothing of the weights that count. */
  readonly isTrying: boolean;
  /** Loss and gradient at the point. @returns whether the weights that count are others now */
  take(loss: number, gradient: Float64Array): boolean;
  written(): Float64Array;
  restore(written: Float64Array): void;
}

/** @param size numbers that descend */
export function descentOf(size: number, settings: Omit<OptimizerSettings, "rate"> & { rate: number | null }): Descent {
  const { rate, momentum } = settings;
  // The penalty is part of the gradient already.
  return rate === null ? new FoundRate(size) : new GivenRate(size, { rate, momentum, l2: 0 }, 1 + rate * settings.l2);
}

/** How many numbers are written down of one. */
export function descentSize(size: number, rate: number | null): number {
  return rate === null ? 1 + writtenSize(size) : 2 + 2 * size;
}

class FoundRate implements Descent {
  readonly isTrying = true;
  readonly #lbfgs: Lbfgs;
  readonly #zeros: Float64Array;
  #firstNorm = Number.POSITIVE_INFINITY;

  constructor(size: number) {
    this.#lbfgs = new Lbfgs(size);
    this.#zeros = new Float64Array(size);
  }

  get point() {
    return this.#lbfgs.point;
  }

  get reached() {
    return this.#lbfgs.reached?.weights ?? this.#zeros;
  }

  get gradientNorm() {
    const reached = this.#lbfgs.reached;
    return reached === null ? Number.POSITIVE_INFINITY : normOf(reached.gradient);
  }

  get firstNorm() {
    return this.#firstNorm;
  }

  get isStuck() {
    return this.#lbfgs.isStuck;
  }

  take(loss: number, gradient: Float64Array): boolean {
    if (this.#lbfgs.reached === null) this.#firstNorm = normOf(gradient);
    return this.#lbfgs.take(loss, gradient);
  }

  written(): Float64Array {
    return joined(Float64Array.of(this.#firstNorm), this.#lbfgs.written());
  }

  restore(written: Float64Array): void {
    this.#firstNorm = written[0]!;
    this.#lbfgs.restore(written.slice(1));
  }
}

class GivenRate implements Descent {
  readonly #settings: OptimizerSettings;
  /** The weights that count are a step away from where the gradient was known: so many times its norm bounds them. */
  readonly #times: number;
  #weights: Weights;
  /** Of the latest gradient, and of the first one. */
  #norms = Float64Array.of(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
  readonly isStuck = false;
  readonly isTrying = false;

  constructor(size: number, settings: OptimizerSettings, times: number) {
    this.#settings = settings;
    this.#times = times;
    this.#weights = zeroWeights(size);
  }

  get point() {
    return this.#weights.lookahead;
  }

  get reached() {
    return this.#weights.weights;
  }

  get gradientNorm() {
    return this.#norms[0]!;
  }

  get firstNorm() {
    return this.#norms[1]!;
  }

  take(_loss: number, gradient: Float64Array): boolean {
    const norm = this.#times * normOf(gradient);
    this.#weights = descend(this.#weights, gradient, 1, this.#settings);
    const isFirst = this.#norms[1] === Number.POSITIVE_INFINITY;
    this.#norms = Float64Array.of(norm, isFirst ? norm : this.#norms[1]!);
    return true;
  }

  written(): Float64Array {
    return joined(this.#norms, this.#weights.weights, this.#weights.lookahead);
  }

  restore(written: Float64Array): void {
    const size = (written.length - 2) / 2;
    this.#norms = written.slice(0, 2);
    this.#weights = { weights: written.slice(2, 2 + size), lookahead: written.slice(2 + size) };
  }
}

/** One after the other. */
export function joined(...parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function normOf(values: Float64Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}
