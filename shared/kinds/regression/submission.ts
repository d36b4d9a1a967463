/** The submission of a regression on data that is coded over the tabs. X and y are uploaded as `.npy` (POST /api/tensors). */
import { z } from "zod";
import { codedSettings } from "../../coded/settings.ts";
import { CODED_SCHEME_NAMES, DEFAULT_CODED_SCHEME } from "../../coding/coded-schemes/coded-schemes.ts";
import { inputScale, jobFields, sha256 } from "../../protocol/api-fields.ts";
import { COLUMN_NAME_LENGTH_MAX, TABLE_LEVEL_LENGTH_MAX, TABLE_LEVELS_MAX } from "../../protocol/limits.ts";
import {
  REGRESSION_CLASSES_MAX,
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

/** A cell of a table, as a word. */
const word = z
  .string()
  .max(TABLE_LEVEL_LENGTH_MAX)
  .regex(/^\P{Cc}*$/u, "expected a word without control characters");

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
        categories: z
          .array(
            z.strictObject({
              column: z.number().int().min(0),
              levels: z.array(word).min(1).max(TABLE_LEVELS_MAX),
            }),
          )
          .optional()
          .describe("columns of X, from 0, that hold words: a cell is the place of its word among the levels"),
        gap: z.number().optional().describe("a cell of this number is empty; absent: none is"),
        labelNames: z
          .array(word)
          .min(1)
          .max(REGRESSION_CLASSES_MAX)
          .optional()
          .describe("the words that y's numbers stand for, from 0; absent: y's numbers are the labels"),
      }),
    ]),
    model: z
      .enum(REGRESSION_MODELS)
      .nullable()
      .default(null)
      .describe("what is trained; else what the labels call for: two different ones, several classes, or numbers"),
    scheme: z
      .enum(CODED_SCHEME_NAMES)
      .default(DEFAULT_CODED_SCHEME)
      .describe("avcc checks every result before it may touch the weights; the others are its baselines"),
    ...codedSettings("the data"),
    iterations: z
      .number()
      .int()
      .min(1)
      .max(REGRESSION_ITERATIONS_MAX)
      .default(300)
      .describe("updates of the weights at most"),
    standardise: z
      .boolean()
      .default(true)
      .describe(
        "columns get mean 0 and standard deviation 1 before anything is learned; weights are given for X as it is",
      ),
    intercept: z.boolean().default(true).describe("a constant is learned beside the weights; nothing holds it down"),
    tolerance: z
      .number()
      .positive()
      .max(1)
      .default(1e-4)
      .describe("stop once each weight is proved to be so near the optimum's, in parts of the largest one"),
    learningRate: z
      .number()
      .positive()
      .max(1e6)
      .nullable()
      .default(null)
      .describe("descend at this rate, by Nesterov's method; else the rate is found, by L-BFGS"),
    momentum: z
      .number()
      .min(0)
      .max(0.999)
      .default(0.9)
      .describe("beside a learning rate: share of the last step that is added to the next"),
    l2: z
      .number()
      .min(0)
      .max(1e6)
      .nullable()
      .default(null)
      .describe("how far weights are held down; else 1 over the rows that are trained on, as C = 1 of scikit-learn"),
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
