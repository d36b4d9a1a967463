/** The job of an estimate as the coordinator's core has jobs: a stored record, with the block that its account would open, and in fewer rows. */
import { inferenceSubmissionSchema } from "../../../../shared/kinds/inference/submission.ts";
import type { BlockTerms } from "../../../checks/words.ts";
import { JUST_SUBMITTED, type StoredJob } from "../records.ts";
import { mixesForOtherModel } from "../rows/core/group-rules.ts";
import type { ChecksAhead } from "../rows/told/rows-ahead.ts";
import type { RestoredOnRows } from "../rows/work.ts";
import { type Code, type CodedJob, planOfCode } from "./coded-job.ts";

/** How much of a job is run. */
export interface Scale {
  /** Rows of the job that one row stands for. */
  readonly rowsEach: number;
  /** Rows that are run. */
  readonly rows: number;
}

export const VIRTUAL_JOB = "job";
export const VIRTUAL_MODEL = "a".repeat(64);
const PARITY_MODEL = "b".repeat(64);
const QUERIES = "c".repeat(64);
/** Coins of a job that nobody answers: nothing hangs on who knows them. */
const KEY_HEX = "5e".repeat(32);

/** @param submittedMs of the virtual clock */
export function virtualJob(
  job: CodedJob,
  code: Code,
  checks: ChecksAhead,
  scale: Scale,
  submittedMs: number,
): RestoredOnRows {
  const { rowsEach, rows } = scale;
  const { macsPerQuery, inputSize, outputSize, answerBound, confidenceFloor, completion } = job;
  const mixesForOther = mixesForOtherModel(planOfCode(job, code));
  const { scheme, queriesPerGroup, stragglers, liars, spares } = code;
  const stored: StoredJob = {
    jobId: VIRTUAL_JOB,
    submission: inferenceSubmissionSchema.parse({
      kind: "inference",
      source: {
        ...{ kind: "uploads", modelSha256: VIRTUAL_MODEL, queriesSha256: QUERIES },
        ...(mixesForOther && { parityModelSha256: PARITY_MODEL }),
      },
      ...{ scheme, queriesPerGroup, stragglers, liars, spares },
      ...{ answerBound, confidenceFloor, completion },
    }),
    codes: [],
    ...{ modelSha256: VIRTUAL_MODEL, queriesSha256: QUERIES, labelsSha256: null },
    ...{ queryCount: rows, isOpen: false },
    ...{ inputSize: rowsEach * inputSize, outputSize: rowsEach * outputSize, macsPerQuery: rowsEach * macsPerQuery },
    parity: mixesForOther ? { modelSha256: PARITY_MODEL, macsPerQuery: rowsEach * macsPerQuery } : null,
    ...{ outputScale: null, inputScale: 1 },
    ...JUST_SUBMITTED,
    state: "preparing",
    submittedMs,
    rows: true,
    crossChecks: { secretHex: KEY_HEX, terms: null, anchors: 0, certificate: null },
    ...(checks.by === "nobody" && { unchecked: "nothing checks it" }),
    ...(checks.by === "coordinator" && { refusal: checks.refused }),
  };
  const block =
    checks.by === "account"
      ? [
          {
            ...{ blockId: 0, places: "all" as const, timesAsked: 0, certificate: null },
            block: { terms: scaledTerms(checks.opening.block.terms, scale), state: "open" as const },
          },
        ]
      : [];
  return { job: stored, contributions: [], onRows: { rows: [], blocks: block } };
}

/** Shares stay what they are. */
function scaledTerms(terms: BlockTerms, { rowsEach, rows }: Scale): BlockTerms {
  const firstRows = Math.min(rows, Math.round(terms.firstRows / rowsEach));
  return { ...terms, rows, firstRows, priceRows: (terms.priceRows * rows) / terms.rows };
}
