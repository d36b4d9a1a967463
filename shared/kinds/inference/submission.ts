/** The submission of an inference job: what a submitter sends, with its defaults and limits. */
import { z } from "zod";
import { QUERIES_PER_GROUP_MAX, WORKERS_PER_ROUND_MAX } from "../../coding/code-limits.ts";
import { LOCATOR_NAMES } from "../../coding/scheme.ts";
import { DEFAULT_SCHEME, SCHEME_NAMES, SCHEMES, schemesThat } from "../../coding/schemes/schemes.ts";
import { inputScale, jobFields, nonce, sha256 } from "../../protocol/api-fields.ts";
import {
  ANSWER_BOUND_DEFAULT,
  CONFIDENCE_FLOOR_DEFAULT,
  PART_ROWS_MIN,
  PARTS_MAX,
  PARTS_UNASKED,
  QUERIES_PER_JOB_MAX,
  STREAM_CLOSE_AFTER_MS_DEFAULT,
  STREAM_CLOSE_AFTER_MS_MAX,
  STREAM_FINAL_WITHIN_MS_DEFAULT,
  STREAM_FINAL_WITHIN_MS_MAX,
  STREAM_FINAL_WITHIN_MS_MIN,
  STREAM_IDLE_MS_DEFAULT,
  STREAM_IDLE_MS_MAX,
  STREAM_IDLE_MS_MIN,
} from "../../protocol/limits.ts";
import { aimSchema } from "./aim.ts";

const COMPLETIONS = ["fast", "exact"] as const;
export const SPARES = ["auto", "parities", "backups"] as const;
const TASKS = ["classification", "regression"] as const;

/** One array, n x the model's input; or one for each input, { "input_ids": "...", "attention_mask": "..." }, n x its shape. */
const queriesSha256 = z.union([sha256, z.record(z.string().min(1).max(256), sha256)]);

/** POST /api/jobs */
export const inferenceSubmissionSchema = z
  .strictObject({
    kind: z.literal("inference"),
    ...jobFields,
    nonce: nonce.optional(),
    /** The built-in sample (model, queries and labels), or your own uploads. */
    source: z.discriminatedUnion("kind", [
      z.strictObject({
        kind: z.literal("sample"),
        sample: z.literal("mnist"),
        queryStart: z.number().int().min(0).default(0),
        queryCount: z.number().int().positive().default(400),
      }),
      z.strictObject({
        kind: z.literal("uploads"),
        modelSha256: sha256,
        queriesSha256: queriesSha256.describe(
          "the array of queries; of a model with several inputs one array for each, by the names of the inputs",
        ),
        labelsSha256: sha256.optional(),
        namesSha256: sha256
          .optional()
          .describe(
            "names of its rows, as POST /api/names took them; told to whoever may read its answers, and to nobody else",
          ),
        /** Of a scheme that takes a parity model, with S = 1: the model that was trained on sums of K queries. Its input and output are the model's. */
        parityModelSha256: sha256.optional(),
        inputScale,
      }),
      /** The job stays open: queries are posted to it while it runs, POST /api/jobs/:jobId/queries. */
      z.strictObject({
        kind: z.literal("stream"),
        modelSha256: sha256,
        parityModelSha256: sha256.optional(),
        inputScale,
        /** uint8: queries are kept and travel as bytes. */
        dtype: z.enum(["float32", "uint8"]).default("float32"),
        /** Queries like those that will come: the model is tried on them. A regression needs them, to know how large its numbers are. */
        examplesSha256: queriesSha256.optional(),
        /** A group whose oldest query has waited so long is closed, full or not. */
        closeAfterMs: z.number().int().min(0).max(STREAM_CLOSE_AFTER_MS_MAX).default(STREAM_CLOSE_AFTER_MS_DEFAULT),
        /** The job is closed when nothing was posted for so long and everything is answered. */
        idleMs: z.number().int().min(STREAM_IDLE_MS_MIN).max(STREAM_IDLE_MS_MAX).default(STREAM_IDLE_MS_DEFAULT),
        crossChecks: z
          .enum(["no", "yes"])
          .optional()
          .describe(
            "yes, or absent: volunteers check each other, and answers become final together, window by window; no: each answer becomes final by itself, as soon as that is sure, and the coordinator alone checks",
          ),
        finalWithinMs: z
          .number()
          .int()
          .min(STREAM_FINAL_WITHIN_MS_MIN)
          .max(STREAM_FINAL_WITHIN_MS_MAX)
          .optional()
          .describe(
            `of a stream that is cross-checked: a window that is not full after so long ends as it is (${STREAM_FINAL_WITHIN_MS_DEFAULT})`,
          ),
      }),
    ]),
    scheme: z
      .enum(SCHEME_NAMES)
      .default(DEFAULT_SCHEME)
      .describe(
        `${DEFAULT_SCHEME}: ${SCHEMES[DEFAULT_SCHEME].words.inShort}; the others are the papers' baselines; none hides the queries`,
      ),
    queriesPerGroup: z
      .number()
      .int()
      .min(1)
      .max(QUERIES_PER_GROUP_MAX)
      .default(4)
      .describe("K: queries that are encoded together; of fewer queries, all of them"),
    stragglers: z
      .number()
      .int()
      .min(0)
      .max(WORKERS_PER_ROUND_MAX)
      .default(0)
      .describe(
        "S: how many late tabs a group does not wait for; 0: each row goes out once, and again where tabs idle",
      ),
    liars: z
      .number()
      .int()
      .min(0)
      .max(WORKERS_PER_ROUND_MAX)
      .default(0)
      .describe("E: so many lying tabs a group are reckoned with; 0: checks alone find them"),
    /** null-vector: the same idea as the published one, without a point that it is half blind to. */
    locator: z
      .enum(LOCATOR_NAMES)
      .optional()
      .describe(`${schemesThat(({ takes }) => takes.locator)} with E > 0: how wrong results are found`),
    output: z
      .union([z.string().min(1).max(256), z.number().int().min(0)])
      .optional()
      .describe("of a model with several outputs: which, by name or place; all: a row of all, with task regression"),
    task: z
      .enum(TASKS)
      .default("classification")
      .describe("classification: the answer is the largest output's place; regression: the numbers"),
    /**
     * regression: an estimate agrees with the model where no number differs by more than absolute + relative * rms, rms being that
     * of the model's output, or of all its outputs where that is more.
     */
    tolerance: z
      .strictObject({
        relative: z
          .number()
          .min(0)
          .max(1)
          .default(0.05)
          .describe("regression: how far an estimate may be off, relative to the output's size"),
        absolute: z.number().min(0).default(0).describe("regression: how far an estimate may be off in any case"),
      })
      .optional(),
    completion: z
      .enum(COMPLETIONS)
      .default("exact")
      .describe("exact: estimates are replaced by the model's own answers; fast: estimates stay"),
    answerBound: z
      .number()
      .min(1e-9)
      .max(0.5)
      .default(ANSWER_BOUND_DEFAULT)
      .describe("an answer is final once the chance that it is wrong is below this"),
    /**
     * Of a scheme with spares: what the tabs beyond K do. parities: they hold mixtures, lost answers are estimated from them. backups: late
     * rows are computed by others too. Where S and E are 0 there are no such tabs, and late rows go to tabs that would idle.
     */
    spares: z
      .enum(SPARES)
      .default("auto")
      .describe(
        `${schemesThat(({ hasSpares }) => hasSpares)}: whether the tabs beyond K hold mixtures (parities) or compute lost batches again (backups); auto: what does better in the job, and where S and E are 0 copies go to tabs that would idle`,
      ),
    confidenceFloor: z
      .number()
      .min(0)
      .max(1)
      .default(CONFIDENCE_FLOOR_DEFAULT)
      .describe("an estimate that is less sure than this stays missing until its query is redone; 0 tells all of them"),
    ifUnstable: z
      .enum(["refuse", "unchecked"])
      .optional()
      .describe(
        "where rounding alone changes the model's answers so much that honest ones cannot be told from lies: refuse the job (unless told), or take answers as they come, marked unchecked",
      ),
    strict: z
      .enum(["no", "yes"])
      .optional()
      .describe(
        "yes: the bounds of its answers rest on what was checked in this job alone, and on no volunteer's record in other jobs; that takes more checks. Absent: no, but for jobs on the ledger of rows where nobody shows a token and strangers seem to have one address",
      ),
    coordinatorRowsMax: z
      .number()
      .int()
      .min(0)
      .max(QUERIES_PER_JOB_MAX)
      .optional()
      .describe(
        "of a job on the ledger of rows: so many rows the coordinator may compute to check it, at most; answers of a job whose checks cost more are not final; absent: the operator's cap alone",
      ),
    parts: z
      .number()
      .int()
      .min(1)
      .max(PARTS_MAX)
      .optional()
      .describe(
        `of a service of several coordinators: they take so many parts of the job, one after the other; absent: ${PARTS_UNASKED} for each of several, as far as each part has ${PART_ROWS_MIN} queries or more; 1: it stays in one piece`,
      ),
    aim: aimSchema
      .optional()
      .describe(
        "a time (finishWithinMs) or a budget (budgetMacs, budgetBytes) in place of scheme, K, S and E: the coordinator picks them",
      ),
  })
  .meta({ id: "InferenceSubmission" });
export type InferenceSubmission = z.infer<typeof inferenceSubmissionSchema>;
