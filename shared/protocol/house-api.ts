/** The HTTP API of the operator's house-keeping: is new work taken in, what lies on the disk, and backups of it. */
import { z } from "zod";
import { INTAKE_REASON_LENGTH_MAX } from "./limits.ts";

/** PUT /api/intake */
export const intakeRequestSchema = z.strictObject({
  pausedFor: z
    .string()
    .trim()
    .min(1)
    .max(INTAKE_REASON_LENGTH_MAX)
    .nullable()
    .describe("Why no new job is taken, as its submitter reads it; null: new jobs are taken."),
});

export const intakeViewSchema = z
  .object({
    pausedFor: z.string().nullable().describe("Why no new job is taken; null: new jobs are taken."),
    sinceMs: z.number().nullable(),
  })
  .meta({ id: "IntakeView", description: "GET /api/intake" });
export type IntakeView = z.infer<typeof intakeViewSchema>;

export const backupViewSchema = z
  .object({
    name: z.string().describe("Of its folder: the second in which it was made, in UTC."),
    madeMs: z.number(),
    isScheduled: z
      .boolean()
      .default(false)
      .describe("Made by the schedule, which removes it when later ones are there."),
    files: z.number(),
    bytes: z
      .number()
      .describe("As restored; models and data share their place on the disk with the coordinator's own."),
  })
  .meta({ id: "BackupView", description: "The data directory as of one moment." });
export type BackupView = z.infer<typeof backupViewSchema>;

export const storageViewSchema = z
  .object({
    freeBytes: z.number().nullable().describe("null: the disk does not answer."),
    reservedBytes: z.number().describe("Below so many free bytes no new job and no upload is taken."),
    database: z.enum(["SQLite", "PostgreSQL"]).default("SQLite").describe("What holds jobs and answers."),
    databaseBytes: z.number(),
    blobs: z
      .object({ files: z.number(), bytes: z.number() })
      .describe("Models and data of jobs, and files beside receipts."),
    otherBytes: z.number().describe("Logs, keys, and files of /v1."),
    backupsDirectory: z.string().describe("On the coordinator's machine."),
    lastBackupMs: z
      .number()
      .nullable()
      .default(null)
      .describe("When the latest backup was made, whoever made it; null: there is none."),
    backupEveryMs: z
      .number()
      .nullable()
      .default(null)
      .describe("A backup is made once the latest is so old; null: by hand alone."),
    backupProblem: z
      .string()
      .nullable()
      .default(null)
      .describe(
        "Why the backup that is due could not be made by this coordinator; null: none is due, or it is another's.",
      ),
    backups: z.array(backupViewSchema).describe("The latest first."),
  })
  .meta({ id: "StorageView", description: "GET /api/storage" });
export type StorageView = z.infer<typeof storageViewSchema>;
