/** How many results the Lagrange codes need. K blocks, T masks, deg the kernel's total degree in the coded block. */
import { requireCount } from "./lagrange.ts";

/**
 * Right results from which the product decodes exactly: (K+T-1) deg + 1, one more than the degree of f(u(z)), u of degree
 * K+T-1 (Yu et al., arXiv 1806.00939, theorem 1; for a matrix product deg = 1, K+T).
 * @example recoveryThreshold(4, 1, 1) // -> 5
 */
export function recoveryThreshold(blockCount: number, maskCount: number, degree: number): number {
  requireCount("recoveryThreshold", "blockCount", blockCount, 1);
  requireCount("recoveryThreshold", "maskCount", maskCount, 0);
  requireCount("recoveryThreshold", "degree", degree, 1);
  return (blockCount + maskCount - 1) * degree + 1;
}

export interface FaultBudget {
  readonly stragglerCount: number;
  readonly liarCount: number;
}

/**
 * Workers that LCC asks for: (K+T-1) deg + S + 2M + 1 (Yu et al., arXiv 1806.00939, theorem 1). A liar costs two results,
 * for a Reed-Solomon code of distance d corrects (d-1)/2 errors.
 * @example lccWorkerCount(4, { stragglerCount: 1, liarCount: 1 }) // -> 7
 */
export function lccWorkerCount(threshold: number, { stragglerCount, liarCount }: FaultBudget): number {
  return threshold + stragglerCount + 2 * liarCount;
}

/**
 * Workers that AVCC asks for: (K+T-1) deg + S + M + 1 (Tang et al., arXiv 2107.12958, section 4). A result that fails its
 * check is an erasure, so a liar costs one.
 * @example avccWorkerCount(4, { stragglerCount: 1, liarCount: 1 }) // -> 6
 */
export function avccWorkerCount(threshold: number, { stragglerCount, liarCount }: FaultBudget): number {
  return threshold + stragglerCount + liarCount;
}

/**
 * Errors that a Reed-Solomon decoder can correct among `resultCount` results. 0 where there are not enough at all.
 * @example correctableCount(7, 4) // -> 1
 */
export function correctableCount(resultCount: number, threshold: number): number {
  return Math.max(0, Math.floor((resultCount - threshold) / 2));
}
