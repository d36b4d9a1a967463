/** What the numerics pool computes for products of matrices. */
import { DataError } from "../../../coded/engine/data-error.ts";
import type { TasksOf } from "../../../numerics/tasks.ts";
import { type Factors, wholeFactors } from "./matmul-engine.ts";

export interface MatmulTasks {
  /** See wholeFactors. */
  checkFactors: {
    input: Factors;
    /** Why there is no exact product, or how many parts its sums are cut into. */
    output: { readonly problem: string } | { readonly chunkCount: number };
  };
}

export const MATMUL_TASKS: TasksOf<MatmulTasks> = {
  async checkFactors(factors) {
    try {
      return { chunkCount: wholeFactors(factors).bounds.length - 1 };
    } catch (error) {
      // An error of a class does not survive the way from one thread to another.
      if (error instanceof DataError) return { problem: error.message };
      throw error;
    }
  },
};
