/** From the flags of `submit matmul` and `estimate matmul` to a submission whose matrices are uploaded. */
import { basename } from "node:path";
import { InputError } from "../../../../shared/inputs/input-error.ts";
import { Problems } from "../../../../shared/inputs/problems.ts";
import { factorsProblem } from "../../../../shared/kinds/matmul/factors.ts";
import { matmulSubmissionSchema } from "../../../../shared/kinds/matmul/submission.ts";
import type { MatmulSubmissionInput } from "../../../../shared/sdk/paritab-client.ts";
import type { Call, Flag } from "../../../cli/command.ts";
import { type Rows, readRows } from "../../../cli/inputs/read-rows.ts";
import { settingFlags } from "../../../cli/setting-flags.ts";
import { uploaded } from "../../../coded/cli/coded-job.ts";

const settings = settingFlags("matmul", matmulSubmissionSchema);
const NOT_YET = "0".repeat(64);
/** For checking the settings before anything is read. */
const SOME_SOURCE = { kind: "uploads", leftSha256: NOT_YET, rightSha256: NOT_YET };

export const MATMUL_FLAGS: Readonly<Record<string, Flag>> = {
  left: { value: "FILE", help: "A, rows x inner: .npy, .npz (FILE.npz:NAME), CSV or Parquet, or - for stdin" },
  right: { value: "FILE", help: "B, inner x columns; every volunteer sees it" },
  ...settings.flags,
};

/** @throws UsageError, InputError, ParitabApiError (an upload is refused) */
export async function matmulSubmission(call: Call): Promise<MatmulSubmissionInput> {
  const { flags, terminal } = call;
  const given = settings.read(flags, SOME_SOURCE);
  const { left: leftPath, right: rightPath } = flags.requiredAll(["left", "right"]);
  // The product is exact, so what is read must be: float32 would round whole numbers above 2^24.
  const matrix = { stdin: terminal.stdin, isWide: true };
  const problems = new Problems();
  const left = await problems.attempt(() => readRows(leftPath, matrix));
  const right = await problems.attempt(() => readRows(rightPath, matrix));
  problems.throwIfAny();
  requireProduct(left!, right!);
  const leftSha256 = await uploaded(call, left!.numbers);
  const rightSha256 = await uploaded(call, right!.numbers);
  const name = basename(leftPath).slice(0, 80);
  return { name, ...given, kind: "matmul", source: { kind: "uploads", leftSha256, rightSha256 } };
}

/** Before anything is sent; what is no matrix the coordinator refuses. @throws InputError */
function requireProduct({ shape: left }: Pick<Rows, "shape">, { shape: right }: Pick<Rows, "shape">): void {
  const matrix = ([rows = 0, columns = 0]: readonly number[]) => ({ rows, columns });
  const areMatrices = left.length === 2 && right.length === 2;
  const wrong = areMatrices ? factorsProblem(matrix(left), matrix(right)) : null;
  if (wrong !== null) throw new InputError(wrong);
}
