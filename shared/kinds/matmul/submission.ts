/** The submission of an exact product of matrices: A is coded over the tabs, B is broadcast in slices of columns. */
import { z } from "zod";
import { CODED_SCHEME_NAMES, DEFAULT_CODED_SCHEME } from "../../coding/coded-schemes/coded-schemes.ts";
import { jobName, jobPurpose, sha256 } from "../../protocol/api-fields.ts";
import {
  GRADIENT_SHARDS_MAX,
  GRADIENT_SHARDS_PER_VOLUNTEER_MAX,
  MATMUL_FRACTION_BITS_MAX,
  MATMUL_SLICE_COLUMNS_MAX,
} from "../../protocol/limits.ts";

const volunteerCount = (least: number) => z.number().int().min(least).max(GRADIENT_SHARDS_MAX);
const fractionBits = z.number().int().min(0).max(MATMUL_FRACTION_BITS_MAX);

/** POST /api/jobs, and POST /api/estimates to ask what it would cost. */
export const matmulSubmissionSchema = z.strictObject({
  kind: z.literal("matmul"),
  name: jobName.default("untitled"),
  submitter: jobName.default("anonymous"),
  /** What the product is for, in a sentence or two that its volunteers read. */
  purpose: jobPurpose.optional(),
  source: z.strictObject({
    kind: z.literal("uploads"),
    /** A: rows x inner */
    leftSha256: sha256,
    /** B: inner x columns */
    rightSha256: sha256,
  }),
  /**
   * Fixed point: entries are rounded to multiples of 2^-bits, half up, and from there on everything is exact. 0: whole numbers,
   * and anything else is refused.
   */
  leftFractionBits: fractionBits.default(0),
  rightFractionBits: fractionBits.default(0),
  scheme: z.enum(CODED_SCHEME_NAMES).default(DEFAULT_CODED_SCHEME),
  /** K */
  dataVolunteers: volunteerCount(1).default(4),
  /** S */
  stragglers: volunteerCount(0).default(1),
  /** M */
  liars: volunteerCount(0).default(1),
  /** T: so many volunteers may pool what they hold and learn nothing of A; B is visible to all. */
  colluders: volunteerCount(0).default(0),
  /** N, where there are to be more than the code needs. */
  volunteers: volunteerCount(1).optional(),
  /** g */
  shardsPerVolunteer: z.number().int().min(1).max(GRADIENT_SHARDS_PER_VOLUNTEER_MAX).default(1),
  spareShards: z.number().int().min(0).max(64).default(0),
  /** Columns of B in one round. */
  sliceColumns: z.number().int().min(1).max(MATMUL_SLICE_COLUMNS_MAX).default(16),
});
export type MatmulSubmission = z.infer<typeof matmulSubmissionSchema>;
