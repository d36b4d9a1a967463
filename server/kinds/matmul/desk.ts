/** Products of matrices in the shell: what their runs come to. */

import type { MatmulSubmission } from "../../../shared/kinds/matmul/submission.ts";
import { withoutOwnNames } from "../../../shared/kinds/own-names.ts";
import type { CodedKind } from "../../coded/coded-kind.ts";
import { CodedDesk, type CodedDeskOptions } from "../../coded/desk.ts";
import type { NamedArrays } from "../../coded/engine/kind-numerics.ts";
import type { RunRecord } from "../../coded/records.ts";
import type { DeskHost } from "../../shell/kind-desk.ts";
import { type JobCodec, jobCodec } from "../../store/job-record.ts";
import { numericsOf } from "./engine/matmul-engine.ts";
import type { MatmulProduct } from "./port.ts";
import { blocksOfMatmul, costOfMatmul, describeMatmul, type MatmulSources } from "./submission.ts";

/** A: rows x inner, B: inner x columns. */
interface MatmulRecord extends RunRecord<MatmulSubmission> {
  leftSha256: string;
  rightSha256: string;
  rows: number;
  inner: number;
  columns: number;
}

export const matmulCodec: JobCodec<MatmulRecord> = jobCodec<MatmulRecord>(["leftSha256", "rightSha256", "invitations"]);

export interface MatmulDeskOptions extends CodedDeskOptions, MatmulSources {}

function matmulKind(options: MatmulDeskOptions): CodedKind<MatmulRecord> {
  return {
    name: "matmul",
    codec: matmulCodec,
    engine: { url: new URL("./engine/matmul-engine.ts", import.meta.url).href, numericsOf },
    blocks: (submission) => blocksOfMatmul(options, submission),
    describe: (submission, plan) => describeMatmul(options, submission, plan),
    cost: (submission, plan) => costOfMatmul(options, submission, plan),
    async engineJob({ submission, leftSha256, rightSha256 }, plan, read) {
      const [leftNpy, rightNpy] = await Promise.all([read(leftSha256), read(rightSha256)]);
      const { leftFractionBits, rightFractionBits, sliceColumns } = submission;
      return { plan, leftNpy, rightNpy, leftFractionBits, rightFractionBits, sliceColumns };
    },
    entries: ({ rows, inner }) => rows * inner,
    view({ stored, run }, common) {
      const { rows, inner, columns, settings, progress } = stored;
      const slicesDone = (run ?? progress).iteration;
      return { ...common, kind: "matmul", rows, inner, columns, slices: settings.iterations, slicesDone };
    },
    result: productOf,
    receipt(record, common, productSha256) {
      const { submission, leftSha256, rightSha256, rows, inner, progress } = record;
      const data = { leftSha256, rightSha256, productSha256, rows, columns: inner };
      return {
        ...common,
        kind: "matmul",
        submission: withoutOwnNames(submission),
        ...data,
        slices: progress.iteration,
      };
    },
  };
}

/** Half a product is none. */
function productOf({ submission, endKind }: MatmulRecord, { product }: NamedArrays): Float64Array | null {
  if (endKind !== "done" || product === undefined) return null;
  // A power of two: the numbers stay exact.
  const unit = 2 ** -(submission.leftFractionBits + submission.rightFractionBits);
  return product.map((whole) => whole * unit);
}

export class MatmulDesk extends CodedDesk<MatmulRecord> {
  constructor(options: MatmulDeskOptions, host: DeskHost) {
    super(matmulKind(options), options, host);
  }

  /** Of a job whose last slice is in. */
  async product(jobId: string): Promise<MatmulProduct | null> {
    const [job, held] = [this.job(jobId), await this.durable(jobId)];
    if (job === undefined || held === null) return null;
    const product = productOf(job.stored, held.arrays);
    const { rows, columns } = job.stored;
    return product === null ? null : { rows, columns, product };
  }
}
