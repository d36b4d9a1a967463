/**
 * The HTTP API of seats: a class, or a company, behind one address, whose teacher vouches that each seat is another person. Codes are one-time:
 * a seat belongs to the first key that comes with its code. SPEC.md VS rules.
 */
import { z } from "zod";
import { JOB_STATES } from "./job-api.ts";
import { NAME_LENGTH_MAX, SEAT_DAYS_MAX, SEATS_PER_SHEET_MAX } from "./limits.ts";

/** POST /api/seats */
export const seatSheetRequestSchema = z.strictObject({
  name: z.string().trim().min(1).max(NAME_LENGTH_MAX).describe("Whose seats these are, such as a class."),
  seats: z.number().int().min(1).max(SEATS_PER_SHEET_MAX),
  days: z.number().positive().max(SEAT_DAYS_MAX).default(7).describe("So many days the seats hold, parts of one too."),
  prefix: z
    .string()
    .max(64)
    .nullable()
    .default(null)
    .describe("Codes are taken from this network alone, such as 203.0.113.0/24 or 2001:db8::/48; null: from anywhere."),
  believed: z
    .boolean()
    .default(false)
    .describe(
      "true: whoever runs this coordinator believes that at most a third of the seats are one person, and seats count as addresses do. false: all seats together count as one address.",
    ),
});
export type SeatSheetRequest = z.input<typeof seatSheetRequestSchema>;

/** free: nobody has come. away: it is taken, and its tab is closed. late: its tab is long over its time. named: its key gave a wrong answer. */
export const SEAT_STATES = ["free", "away", "here", "working", "late", "named", "revoked"] as const;
export type SeatState = (typeof SEAT_STATES)[number];

const seat = {
  number: z.number().describe("On the sheet, from 1 on."),
  state: z.enum(SEAT_STATES),
  rows: z.number().describe("Rows of its volunteer that were taken in."),
};

export const seatViewSchema = z
  .object({
    ...seat,
    code: z.string().describe("As it is printed, such as ABCD-EFGH."),
    volunteerId: z.string().nullable().describe("Whose seat it is; null: nobody's yet."),
    nickname: z.string().nullable(),
    takenMs: z.number().nullable(),
  })
  .meta({ id: "SeatView" });
export type SeatView = z.infer<typeof seatViewSchema>;

export const seatSheetViewSchema = z
  .object({
    sheetId: z.string(),
    name: z.string(),
    prefix: z.string().nullable(),
    believed: z.boolean(),
    sinceMs: z.number(),
    untilMs: z.number(),
    watchKey: z.string().describe("Opens the class page, and nothing else: /class#watch=KEY."),
    came: z
      .number()
      .describe(
        "Volunteers that have a seat, and those that came with a code that was another's by then; more than there are seats: somebody handed a code on.",
      ),
    seats: z.array(seatViewSchema),
  })
  .meta({ id: "SeatSheetView", description: "GET /api/seats, one each: a sheet of seats and who sits there." });
export type SeatSheetView = z.infer<typeof seatSheetViewSchema>;

/** GET /api/classes/:watchKey: what the projector shows. No names, no codes. */
export const classViewSchema = z
  .object({
    name: z.string(),
    untilMs: z.number(),
    seats: z.array(z.object(seat)),
    job: z
      .object({
        name: z.string(),
        purpose: z.string(),
        state: z.enum(JOB_STATES),
        answers: z.number().describe("Final ones."),
        of: z.number(),
        checked: z.number().describe("Rows that this coordinator computed itself, to check others."),
        caught: z.number().describe("Volunteers that were named for a wrong answer in this job."),
      })
      .nullable()
      .describe("The job that was submitted last and has rows; null: none has come."),
  })
  .meta({ id: "ClassView" });
export type ClassView = z.infer<typeof classViewSchema>;
