/** What every estimate has, whatever its kind of job: the submitter's own computer beside the crowd. */
import { z } from "zod";

export const timeSpreadSchema = z
  .object({
    p50: z.number(),
    p90: z.number().nullable(),
  })
  .meta({
    id: "TimeSpread",
    description: "A time; p90 is null if more than one draw of ten does not end, because the crowd leaves.",
  });
export type TimeSpread = z.infer<typeof timeSpreadSchema>;

/** Letters of what was measured. */
const ALONE_HOW_LENGTH_MAX = 200;

export const aloneSchema = z
  .strictObject({
    lowMs: z.number().positive().describe("The whole job on the submitter's computer takes from so long ..."),
    highMs: z.number().positive().describe("... to so long, as far as was measured."),
    oneCoreMs: z
      .number()
      .positive()
      .optional()
      .describe("The same as a tab would compute it there: on one core. It says what tabs like that one would bring."),
    how: z
      .string()
      .min(1)
      .max(ALONE_HOW_LENGTH_MAX)
      .describe('What computed it, such as "this computer, WebAssembly on 4 cores".'),
  })
  .refine(({ lowMs, highMs }) => lowMs <= highMs, "expected lowMs to be at most highMs")
  .meta({ id: "Alone", description: "What the job would take without a crowd, measured by whoever asks." });
export type Alone = z.infer<typeof aloneSchema>;

/** What a request says of its own computer: what was measured, or why nothing was. */
export const aloneSaidSchema = z
  .union([aloneSchema, z.string().min(1).max(ALONE_HOW_LENGTH_MAX)])
  .optional()
  .describe("With it the answer compares the two; a text: why it was not measured.");

export const COMPARISON_VERDICTS = ["worth it", "about the same", "not worth it", "no tabs", "unknown"] as const;

export const comparisonSchema = z
  .object({
    aloneMs: z.object({ low: z.number(), high: z.number() }).nullable().describe("null: it was not measured."),
    crowdMs: timeSpreadSchema.nullable().describe("null: it cannot be predicted, such as without a tab."),
    verdict: z.enum(COMPARISON_VERDICTS),
    words: z.string().describe('For people: "Alone 13 min, with the crowd about 2 min: ...".'),
  })
  .meta({
    id: "Comparison",
    description: "The submitter's own computer beside the crowd, in the same words everywhere.",
  });
export type Comparison = z.infer<typeof comparisonSchema>;
