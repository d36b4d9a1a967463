/**
 * Descent that finds its own rate: limited-memory BFGS (Nocedal, Math. Comp. 35, 1980; the two-loop recursion of Nocedal and Wright,
 * Numerical Optimization, algorithm 7.4), with steps that are halved until the loss has fallen enough (Armijo). It is asked where
 * it wants to know loss and gradient, and told; all arithmetic is Float64 in a fixed order, so it can be repeated bit for bit.
 *
 * Losses and gradients come from products of rounded numbers. Very near the optimum the loss cannot tell better from worse any more; then
 * a step is taken that makes the slope along it no steeper.
 */

/** Pairs of steps and gradients that are remembered, and the numbers that all of them may be together. */
const PAIRS_MAX = 30;
const PAIRS_LEAST = 3;
const MEMORY_NUMBERS_MAX = 2 ** 19;
/** The share of the decrease that the slope promises. */
const DECREASE = 1e-4;
/** Losses that differ by less, relatively, are the same. */
const LOSS_NOISE = 1e-9;
/** A pair with less curvature, relatively, tells of rounding. */
const CURVATURE_LEAST = 1e-9;
/** A step is never shortened more than this at once. */
const SHORTER_LEAST = 0.1;
const SHORTER_MOST = 0.5;
/** After so many shortened steps in a row what is remembered is of no use. */
const SHORTENED_MAX = 12;
/** So many steps without a smaller gradient, by this factor, and without a loss that is smaller at all, and rounding allows no more. */
const IDLE_MAX = 40;
const SMALLER = 0.9;

/** Numbers that stand before the arrays when it is written down. */
const HEAD = ["isBegun", "loss", "step", "shortened", "pairs", "idle", "smallest", "isStuck"] as const;
type Head = Record<(typeof HEAD)[number], number>;

export interface Reached {
  readonly weights: Float64Array;
  readonly gradient: Float64Array;
  readonly loss: number;
}

function pairsFor(size: number): number {
  const fitting = Math.floor(MEMORY_NUMBERS_MAX / (2 * size));
  return Math.max(PAIRS_LEAST, Math.min(PAIRS_MAX, fitting));
}

/** How many numbers one of this size writes down. */
export function writtenSize(size: number): number {
  return HEAD.length + (4 + 2 * pairsFor(size)) * size;
}

export class Lbfgs {
  readonly #size: number;
  readonly #pairsMax: number;
  #head: Head = { isBegun: 0, loss: 0, step: 1, shortened: 0, pairs: 0, idle: 0, smallest: Infinity, isStuck: 0 };
  #weights: Float64Array;
  #gradient: Float64Array;
  #direction: Float64Array;
  #point: Float64Array;
  /** pairsMax x size each, the oldest first. */
  #steps: Float64Array;
  #changes: Float64Array;

  constructor(size: number) {
    this.#size = size;
    this.#pairsMax = pairsFor(size);
    const zeros = () => new Float64Array(size);
    [this.#weights, this.#gradient, this.#direction, this.#point] = [zeros(), zeros(), zeros(), zeros()];
    this.#steps = new Float64Array(this.#pairsMax * size);
    this.#changes = new Float64Array(this.#pairsMax * size);
  }

  /** Where it wants to know loss and gradient. */
  get point(): Float64Array {
    return this.#point;
  }

  /** The latest weights whose loss had fallen; null before the first gradient. */
  get reached(): Reached | null {
    if (this.#head.isBegun === 0) return null;
    return { weights: this.#weights, gradient: this.#gradient, loss: this.#head.loss };
  }

  /** Rounding allows no further progress. */
  get isStuck(): boolean {
    return this.#head.isStuck === 1;
  }

  /** Takes loss and gradient at the point. @returns whether the point is what was reached now */
  take(loss: number, gradient: Float64Array): boolean {
    const head = this.#head;
    if (head.isBegun === 1 && !this.#isFine(loss, gradient)) {
      this.#shorten(loss);
      return false;
    }
    if (head.isBegun === 1) this.#remember(gradient);
    this.#weights = this.#point.slice();
    this.#gradient = gradient.slice();
    const norm = Math.sqrt(dot(gradient, gradient));
    const hasFallen = head.isBegun === 0 || loss < head.loss - LOSS_NOISE * Math.abs(head.loss);
    head.idle = hasFallen || norm < SMALLER * head.smallest ? 0 : head.idle + 1;
    head.smallest = Math.min(head.smallest, norm);
    Object.assign(head, { isBegun: 1, loss, shortened: 0 });
    if (head.idle >= IDLE_MAX) head.isStuck = 1;
    this.#aim();
    return true;
  }

  #isFine(loss: number, gradient: Float64Array): boolean {
    if (!Number.isFinite(loss)) return false;
    const { loss: before, step } = this.#head;
    const slope = dot(this.#gradient, this.#direction);
    if (loss <= before + DECREASE * step * slope) return true;
    const noise = LOSS_NOISE * Math.max(Math.abs(before), Number.MIN_VALUE);
    return loss <= before + noise && Math.abs(dot(gradient, this.#direction)) <= Math.abs(slope);
  }

  /** Shortens the step, to the bottom of the parabola through both losses and the slope. */
  #shorten(loss: number): void {
    const head = this.#head;
    const slope = dot(this.#gradient, this.#direction);
    const bend = 2 * (loss - head.loss - head.step * slope);
    const share = (-slope * head.step) / bend;
    head.step *= Number.isFinite(share) ? Math.min(SHORTER_MOST, Math.max(SHORTER_LEAST, share)) : SHORTER_LEAST;
    head.shortened++;
    if (head.shortened > SHORTENED_MAX) {
      // Down the gradient itself, once; where that does not help either, it is rounding that stands in the way.
      if (head.pairs === 0) head.isStuck = 1;
      head.pairs = 0;
      head.shortened = 0;
      this.#aim();
      return;
    }
    this.#move();
  }

  #remember(gradient: Float64Array): void {
    const [size, head] = [this.#size, this.#head];
    const step = this.#point.map((value, i) => value - this.#weights[i]!);
    const change = gradient.map((value, i) => value - this.#gradient[i]!);
    const curvature = dot(step, change);
    if (!(curvature > CURVATURE_LEAST * Math.sqrt(dot(step, step) * dot(change, change)))) return;
    if (head.pairs === this.#pairsMax) {
      this.#steps.copyWithin(0, size);
      this.#changes.copyWithin(0, size);
      head.pairs--;
    }
    this.#steps.set(step, head.pairs * size);
    this.#changes.set(change, head.pairs * size);
    head.pairs++;
  }

  /** The next direction, by the two loops, and a whole step along it. */
  #aim(): void {
    const [size, { pairs }] = [this.#size, this.#head];
    const direction = this.#gradient.map((value) => -value);
    const shares = new Float64Array(pairs);
    const pair = (k: number) => {
      const step = this.#steps.subarray(k * size, (k + 1) * size);
      const change = this.#changes.subarray(k * size, (k + 1) * size);
      return { step, change, curvature: dot(step, change) };
    };
    for (let k = pairs - 1; k >= 0; k--) {
      const { step, change, curvature } = pair(k);
      shares[k] = dot(step, direction) / curvature;
      addTo(direction, change, -shares[k]!);
    }
    if (pairs > 0) {
      const { change, curvature } = pair(pairs - 1);
      const scale = curvature / dot(change, change);
      for (let i = 0; i < size; i++) direction[i]! *= scale;
    }
    for (let k = 0; k < pairs; k++) {
      const { step, change, curvature } = pair(k);
      addTo(direction, step, shares[k]! - dot(change, direction) / curvature);
    }
    this.#direction = direction;
    // Without curvature the first step is at most as long as 1.
    const norm = Math.sqrt(dot(direction, direction));
    this.#head.step = pairs > 0 || norm === 0 ? 1 : Math.min(1, 1 / norm);
    this.#move();
  }

  #move(): void {
    this.#point = this.#weights.slice();
    addTo(this.#point, this.#direction, this.#head.step);
  }

  /** All that it knows, in one array. */
  written(): Float64Array {
    const parts = [this.#weights, this.#gradient, this.#direction, this.#point, this.#steps, this.#changes];
    const all = new Float64Array(parts.reduce<number>((sum, { length }) => sum + length, HEAD.length));
    HEAD.forEach((name, i) => {
      all[i] = this.#head[name];
    });
    let at: number = HEAD.length;
    for (const part of parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }

  /** @param written by one of the same size */
  restore(written: Float64Array): void {
    this.#head = Object.fromEntries(HEAD.map((name, i) => [name, written[i]!])) as Head;
    let at: number = HEAD.length;
    const next = (length: number) => {
      at += length;
      return written.slice(at - length, at);
    };
    [this.#weights, this.#gradient] = [next(this.#size), next(this.#size)];
    [this.#direction, this.#point] = [next(this.#size), next(this.#size)];
    [this.#steps, this.#changes] = [next(this.#steps.length), next(this.#changes.length)];
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function addTo(to: Float64Array, values: Float64Array, times: number): void {
  for (let i = 0; i < to.length; i++) to[i]! += times * values[i]!;
}
