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
    databaseBytes: z.number(),
    blobs: z
      .object({ files: z.number(), bytes: z.number() })
      .describe("Models and data of jobs, and files beside receipts."),
    otherBytes: z.number().describe("Logs, keys, and files of /v1."),
    backupsDirectory: z.string().describe("On the coordinator's machine."),
    backups: z.array(backupViewSchema).describe("The latest first."),
  })
  .meta({ id: "StorageView", description: "GET /api/storage" });
export type StorageView = z.infer<typeof storageViewSchema>;
