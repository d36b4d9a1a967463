/** The submission of an exact product of matrices: A is coded over the tabs, B is broadcast in slices of columns. */
import { z } from "zod";
import { codedSettings } from "../../coded/settings.ts";
import { CODED_SCHEME_NAMES, DEFAULT_CODED_SCHEME } from "../../coding/coded-schemes/coded-schemes.ts";
import { jobFields, sha256 } from "../../protocol/api-fields.ts";
import { MATMUL_FRACTION_BITS_MAX, MATMUL_SLICE_COLUMNS_MAX } from "./limits.ts";

const fractionBits = z.number().int().min(0).max(MATMUL_FRACTION_BITS_MAX);

/** POST /api/jobs, and POST /api/estimates to ask what it would cost. */
export const matmulSubmissionSchema = z
  .strictObject({
    kind: z.literal("matmul"),
    ...jobFields,
    source: z.strictObject({
      kind: z.literal("uploads"),
      /** A: rows x inner */
      leftSha256: sha256,
      /** B: inner x columns */
      rightSha256: sha256,
    }),
    /** Fixed point: entries are rounded half up, and from there on everything is exact. */
    leftFractionBits: fractionBits
      .default(0)
      .describe("entries of A are rounded to multiples of 2^-bits; 0: whole numbers, and nothing else"),
    rightFractionBits: fractionBits.default(0).describe("the same of B"),
    scheme: z
      .enum(CODED_SCHEME_NAMES)
      .default(DEFAULT_CODED_SCHEME)
      .describe("avcc checks every result; the others are its baselines"),
    ...codedSettings("A; B is seen by all"),
    sliceColumns: z
      .number()
      .int()
      .min(1)
      .max(MATMUL_SLICE_COLUMNS_MAX)
      .default(16)
      .describe("columns of B in one round"),
  })
  .meta({ id: "MatmulSubmission" });
export type MatmulSubmission = z.infer<typeof matmulSubmissionSchema>;
