/** The submission of an inference job: what a submitter sends, with its defaults and limits. */
import { z } from "zod";
import { QUERIES_PER_GROUP_MAX, WORKERS_PER_ROUND_MAX } from "../../coding/code-limits.ts";
import { LOCATOR_NAMES } from "../../coding/scheme.ts";
import { DEFAULT_SCHEME, SCHEME_NAMES } from "../../coding/schemes/schemes.ts";
import { jobName, jobPurpose, sha256 } from "../../protocol/api-fields.ts";
import {
  ANSWER_BOUND_DEFAULT,
  CONFIDENCE_FLOOR_DEFAULT,
  GROUPS_PER_ROUND_MAX,
  ROUNDS_IN_FLIGHT_MAX,
  STREAM_CLOSE_AFTER_MS_DEFAULT,
  STREAM_CLOSE_AFTER_MS_MAX,
  STREAM_IDLE_MS_DEFAULT,
  STREAM_IDLE_MS_MAX,
  STREAM_IDLE_MS_MIN,
} from "../../protocol/limits.ts";
import { aimSchema } from "./aim.ts";

export const COMPLETIONS = ["fast", "exact"] as const;
export const SPARES = ["auto", "parities", "backups"] as const;
export const TASKS = ["classification", "regression"] as const;

/** POST /api/jobs */
export const inferenceSubmissionSchema = z.strictObject({
  kind: z.literal("inference"),
  name: jobName.default("untitled"),
  submitter: jobName.default("anonymous"),
  /** Told to volunteers: what it is for. */
  purpose: jobPurpose.optional(),
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
      queriesSha256: sha256,
      labelsSha256: sha256.optional(),
      /** Of a scheme that takes a parity model, with S = 1: the model that was trained on sums of K queries. Its input and output are the model's. */
      parityModelSha256: sha256.optional(),
      /** Queries are multiplied by this before they are encoded: 1/255 for 8-bit images. */
      inputScale: z.number().positive().max(1e6).default(1),
    }),
    /** The job stays open: queries are posted to it while it runs, POST /api/jobs/:jobId/queries. */
    z.strictObject({
      kind: z.literal("stream"),
      modelSha256: sha256,
      parityModelSha256: sha256.optional(),
      inputScale: z.number().positive().max(1e6).default(1),
      /** uint8: queries are kept and travel as bytes. */
      dtype: z.enum(["float32", "uint8"]).default("float32"),
      /** Queries like those that will come: the model is tried on them. A regression needs them, to know how large its numbers are. */
      examplesSha256: sha256.optional(),
      /** A group whose oldest query has waited so long is closed, full or not. */
      closeAfterMs: z.number().int().min(0).max(STREAM_CLOSE_AFTER_MS_MAX).default(STREAM_CLOSE_AFTER_MS_DEFAULT),
      /** The job is closed when nothing was posted for so long and everything is answered. */
      idleMs: z.number().int().min(STREAM_IDLE_MS_MIN).max(STREAM_IDLE_MS_MAX).default(STREAM_IDLE_MS_DEFAULT),
    }),
  ]),
  scheme: z.enum(SCHEME_NAMES).default(DEFAULT_SCHEME),
  /** K */
  queriesPerGroup: z.number().int().min(1).max(QUERIES_PER_GROUP_MAX).default(4),
  /** S */
  stragglers: z.number().int().min(0).max(WORKERS_PER_ROUND_MAX).default(2),
  /** E */
  liars: z.number().int().min(0).max(WORKERS_PER_ROUND_MAX).default(1),
  /** Of a scheme with an error locator, with E > 0: how wrong results are found. null-vector: the same idea without a point that it is half blind to. */
  locator: z.enum(LOCATOR_NAMES).optional(),
  /** Which output of a model that has several: its name, its place in the order of the model, or "all": a regression on a row of all. */
  output: z.union([z.string().min(1).max(256), z.number().int().min(0)]).optional(),
  /** classification: the answer is the largest output's place. regression: the answer is the numbers. */
  task: z.enum(TASKS).default("classification"),
  /**
   * regression: an estimate agrees with the model where no number differs by more than absolute + relative * rms, rms being that
   * of the model's output, or of all its outputs where that is more.
   */
  tolerance: z
    .strictObject({
      relative: z.number().min(0).max(1).default(0.05),
      absolute: z.number().min(0).default(0),
    })
    .optional(),
  /** Rows of a batch. 0: by the size of the job and the speed of the crowd, 10 to 40 (server/kinds/inference/core/round-size.ts). */
  groupsPerRound: z.number().int().min(0).max(GROUPS_PER_ROUND_MAX).default(0),
  roundsInFlight: z.number().int().min(1).max(ROUNDS_IN_FLIGHT_MAX).default(4),
  /** exact: estimates first, replaced as lost queries are redone. fast: estimates stay. */
  completion: z.enum(COMPLETIONS).default("exact"),
  /** An answer is final once the chance that it is wrong is below this. */
  answerBound: z.number().min(1e-9).max(0.5).default(ANSWER_BOUND_DEFAULT),
  /**
   * Of a scheme with spares: what the tabs beyond K do. parities: they hold mixtures, lost answers are estimated from them. backups: lost
   * batches are computed again as soon as a round can do without them. auto: what the measurement favours in this job.
   */
  spares: z.enum(SPARES).default("auto"),
  /** An estimate that is less sure than this stays missing until its query is redone; 0 tells all of them. */
  confidenceFloor: z.number().min(0).max(1).default(CONFIDENCE_FLOOR_DEFAULT),
  /** A time or a budget in place of scheme, K, S, E and the sizes of rounds: the coordinator picks them, and anew while the job runs. */
  aim: aimSchema.optional(),
});
export type InferenceSubmission = z.infer<typeof inferenceSubmissionSchema>;
