/** The submission of a regression on data that is coded over the tabs. X and y are uploaded as `.npy` (POST /api/tensors). */
import { z } from "zod";
import { codedSettings } from "../../coded/settings.ts";
import { CODED_SCHEME_NAMES, DEFAULT_CODED_SCHEME } from "../../coding/coded-schemes/coded-schemes.ts";
import { inputScale, jobFields, sha256 } from "../../protocol/api-fields.ts";
import { COLUMN_NAME_LENGTH_MAX } from "../../protocol/limits.ts";
import {
  REGRESSION_FEATURE_BITS_MAX,
  REGRESSION_FEATURE_BITS_MIN,
  REGRESSION_ITERATIONS_MAX,
  REGRESSION_VALIDATION_SHARE_MAX,
} from "./limits.ts";

export const REGRESSION_MODELS = ["linear", "logistic", "softmax"] as const;
export type RegressionModel = (typeof REGRESSION_MODELS)[number];

/** gisette-like: fours against nines, 6000 x 5000, for `logistic`. mnist: ten digits, 784 pixels, for `softmax`. */
export const REGRESSION_SAMPLES = ["gisette-like", "mnist"] as const;
export type RegressionSample = (typeof REGRESSION_SAMPLES)[number];

/** POST /api/jobs, and POST /api/estimates to ask what it would cost. */
export const regressionSubmissionSchema = z
  .strictObject({
    kind: z.literal("regression"),
    ...jobFields,
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
        inputScale,
        columnNames: z
          .array(
            z
              .string()
              .max(COLUMN_NAME_LENGTH_MAX)
              .regex(/^\P{Cc}*$/u, "expected a name without control characters"),
          )
          .optional()
          .describe("names of X's columns, in its order: a table to predict is put in this order by them"),
      }),
    ]),
    model: z.enum(REGRESSION_MODELS).default("logistic").describe("what is trained"),
    scheme: z
      .enum(CODED_SCHEME_NAMES)
      .default(DEFAULT_CODED_SCHEME)
      .describe("avcc checks every result before it may touch the weights; the others are its baselines"),
    ...codedSettings("the data"),
    iterations: z.number().int().min(1).max(REGRESSION_ITERATIONS_MAX).default(50).describe("updates of the weights"),
    learningRate: z.number().positive().max(1e6).default(0.5).describe("the step of an update"),
    momentum: z.number().min(0).max(0.999).default(0.9).describe("share of the last step that is added to the next"),
    l2: z.number().min(0).max(1e6).default(0).describe("how large weights are held down"),
    validationShare: z
      .number()
      .min(0)
      .max(REGRESSION_VALIDATION_SHARE_MAX)
      .default(0.1)
      .describe("share of the rows that is not trained on and measures the weights"),
    patience: z
      .number()
      .int()
      .min(1)
      .max(REGRESSION_ITERATIONS_MAX)
      .nullable()
      .default(null)
      .describe("stop after so many iterations without a better loss"),
    featureBits: z
      .number()
      .int()
      .min(REGRESSION_FEATURE_BITS_MIN)
      .max(REGRESSION_FEATURE_BITS_MAX)
      .nullable()
      .default(null)
      .describe(
        "steps of a feature: 2^bits of its column's usual largest entry; else 22 or more; fewer are cheaper and coarser",
      ),
  })
  .meta({ id: "RegressionSubmission" });
export type RegressionSubmission = z.infer<typeof regressionSubmissionSchema>;
