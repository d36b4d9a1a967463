/** The submission of a regression on data that is coded over the tabs. X and y are uploaded as `.npy` (POST /api/tensors). */
import { z } from "zod";
import { CODED_SCHEME_NAMES, DEFAULT_CODED_SCHEME } from "../../coding/coded-schemes/coded-schemes.ts";
import { jobName, jobPurpose, sha256 } from "../../protocol/api-fields.ts";
import {
  GRADIENT_ITERATIONS_MAX,
  GRADIENT_SHARDS_MAX,
  GRADIENT_SHARDS_PER_VOLUNTEER_MAX,
  GRADIENT_VALIDATION_SHARE_MAX,
} from "../../protocol/limits.ts";

export const REGRESSION_MODELS = ["linear", "logistic", "softmax"] as const;
export type RegressionModel = (typeof REGRESSION_MODELS)[number];

/** gisette-like: fours against nines, 6000 x 5000, for `logistic`. mnist: ten digits, 784 pixels, for `softmax`. */
export const REGRESSION_SAMPLES = ["gisette-like", "mnist"] as const;
export type RegressionSample = (typeof REGRESSION_SAMPLES)[number];

const volunteerCount = (least: number) => z.number().int().min(least).max(GRADIENT_SHARDS_MAX);

/** POST /api/jobs, and POST /api/estimates to ask what it would cost. */
export const regressionSubmissionSchema = z.strictObject({
  kind: z.literal("regression"),
  name: jobName.default("untitled"),
  submitter: jobName.default("anonymous"),
  /** Told to volunteers: what it is for. */
  purpose: jobPurpose.optional(),
  source: z.discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("sample"),
      sample: z.enum(REGRESSION_SAMPLES),
      /** The first so many rows; absent: 6000, which is all of gisette-like. mnist has 60,000. */
      rows: z.number().int().min(20).max(60_000).optional(),
    }),
    z.strictObject({
      kind: z.literal("uploads"),
      /** X: rows x columns */
      featuresSha256: sha256,
      /** y: one number a row */
      labelsSha256: sha256,
      /** x = entry * inputScale: 1/255 for 8-bit pixels. */
      inputScale: z.number().positive().max(1e6).default(1),
    }),
  ]),
  model: z.enum(REGRESSION_MODELS).default("logistic"),
  scheme: z.enum(CODED_SCHEME_NAMES).default(DEFAULT_CODED_SCHEME),
  /** K: volunteers that would do if all were quick and honest. */
  dataVolunteers: volunteerCount(1).default(4),
  /** S */
  stragglers: volunteerCount(0).default(1),
  /** M */
  liars: volunteerCount(0).default(1),
  /** T: so many volunteers may pool what they hold and learn nothing of X. Above 0 the job runs by invitation. */
  colluders: volunteerCount(0).default(0),
  /** N, where there are to be more than the code needs. */
  volunteers: volunteerCount(1).optional(),
  /** g: small shards a volunteer, so that a slow one's finished part counts. */
  shardsPerVolunteer: z.number().int().min(1).max(GRADIENT_SHARDS_PER_VOLUNTEER_MAX).default(1),
  /** Encoded ahead for whoever joins. */
  spareShards: z.number().int().min(0).max(64).default(0),
  iterations: z.number().int().min(1).max(GRADIENT_ITERATIONS_MAX).default(50),
  learningRate: z.number().positive().max(1e6).default(0.5),
  momentum: z.number().min(0).max(0.999).default(0.9),
  l2: z.number().min(0).max(1e6).default(0),
  /** Share of the rows, drawn at random, that is not trained on and measures the weights. */
  validationShare: z.number().min(0).max(GRADIENT_VALIDATION_SHARE_MAX).default(0.1),
  /** Stop after so many iterations without a better loss; null: never. */
  patience: z.number().int().min(1).max(GRADIENT_ITERATIONS_MAX).nullable().default(null),
});
export type RegressionSubmission = z.infer<typeof regressionSubmissionSchema>;
