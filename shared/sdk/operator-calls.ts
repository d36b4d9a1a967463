/** The operator's requests, for whoever may administer: one method a request. */
import { z } from "zod";
import { type AuditorView, auditorViewSchema } from "../protocol/auditor-api.ts";
import { type BanRequest, type BanView, banViewSchema } from "../protocol/bans-api.ts";
import { type VolunteerView, volunteerViewSchema } from "../protocol/crowd-api.ts";
import {
  type BackupView,
  backupViewSchema,
  type IntakeView,
  intakeViewSchema,
  type StorageView,
  storageViewSchema,
} from "../protocol/house-api.ts";
import {
  type JobLogView,
  jobLogViewSchema,
  type QuarantineView,
  quarantineViewSchema,
} from "../protocol/operator-api.ts";
import { type SeatSheetRequest, type SeatSheetView, seatSheetViewSchema } from "../protocol/seats-api.ts";
import { askAs, posting } from "./ask-as.ts";
import { ofJob } from "./job-calls.ts";
import type { Requester } from "./requests.ts";

export interface OperatorCalls {
  /** Who is quarantined, or was and has been released, with what speaks against them. */
  quarantines(signal?: AbortSignal): Promise<QuarantineView[]>;
  /** The volunteer may work again; resolves when that is durable. @param reason for the audit log */
  release(volunteerId: string, reason: string, signal?: AbortSignal): Promise<VolunteerView>;
  /** Everybody that this job quarantined may work again; resolves when that is durable. @param reason for the audit log */
  releaseNamedBy(jobId: string, reason: string, signal?: AbortSignal): Promise<VolunteerView[]>;
  /** What happened in a job, oldest first. */
  jobLog(jobId: string, signal?: AbortSignal): Promise<JobLogView>;
  /** Machines that compute the rows of checks. */
  auditors(signal?: AbortSignal): Promise<AuditorView[]>;
  /** Whether new jobs are taken. */
  intake(signal?: AbortSignal): Promise<IntakeView>;
  /** @param pausedFor why no new job is taken, as its submitter reads it; null: new jobs are taken */
  setIntake(pausedFor: string | null, signal?: AbortSignal): Promise<IntakeView>;
  /** What lies on the coordinator's disk, and the backups of it. */
  storage(signal?: AbortSignal): Promise<StorageView>;
  /** Resolves once the backup is whole; the coordinator works on meanwhile. */
  makeBackup(signal?: AbortSignal): Promise<BackupView>;
  /** @throws where there is none of that name */
  removeBackup(name: string, signal?: AbortSignal): Promise<void>;
  /** Bans that hold, the latest first. */
  bans(signal?: AbortSignal): Promise<BanView[]>;
  /** Tabs of a volunteer, or of a network, are closed and let in no more; resolves when that is durable. */
  ban(request: BanRequest, signal?: AbortSignal): Promise<BanView>;
  /** @throws where there is none of that id */
  liftBan(banId: string, signal?: AbortSignal): Promise<void>;
  /** Sheets of seats that hold, the latest first. */
  seatSheets(signal?: AbortSignal): Promise<SeatSheetView[]>;
  /** Seats with a code each; resolves when they are durable. */
  makeSeats(request: SeatSheetRequest, signal?: AbortSignal): Promise<SeatSheetView>;
  /** All seats of a sheet end. @throws where there is none of that id */
  endSeats(sheetId: string, signal?: AbortSignal): Promise<void>;
  /** One seat ends. @throws where there is none of that number */
  endSeat(sheetId: string, number: number, signal?: AbortSignal): Promise<void>;
}

export function operatorCalls(requester: Requester): OperatorCalls {
  const end = async (path: string, signal?: AbortSignal) => {
    await askAs(requester, path, z.object({ ended: z.literal(true) }), { method: "DELETE", signal });
  };
  return {
    quarantines: (signal) => askAs(requester, "/api/quarantines", z.array(quarantineViewSchema), { signal }),
    release: (volunteerId, reason, signal) =>
      askAs(
        requester,
        `/api/volunteers/${encodeURIComponent(volunteerId)}/release`,
        volunteerViewSchema,
        posting({ reason }, signal),
      ),
    releaseNamedBy: (jobId, reason, signal) =>
      askAs(requester, `${ofJob(jobId)}/release-volunteers`, z.array(volunteerViewSchema), posting({ reason }, signal)),
    jobLog: (jobId, signal) => askAs(requester, `${ofJob(jobId)}/log`, jobLogViewSchema, { signal }),
    auditors: (signal) => askAs(requester, "/api/auditors", z.array(auditorViewSchema), { signal }),
    intake: (signal) => askAs(requester, "/api/intake", intakeViewSchema, { signal }),
    setIntake: (pausedFor, signal) =>
      askAs(requester, "/api/intake", intakeViewSchema, { ...posting({ pausedFor }, signal), method: "PUT" }),
    storage: (signal) => askAs(requester, "/api/storage", storageViewSchema, { signal }),
    makeBackup: (signal) => askAs(requester, "/api/backups", backupViewSchema, { method: "POST", signal }),
    removeBackup: async (name, signal) => {
      const gone = z.object({ removed: z.literal(true) });
      await askAs(requester, `/api/backups/${encodeURIComponent(name)}`, gone, { method: "DELETE", signal });
    },
    bans: (signal) => askAs(requester, "/api/bans", z.array(banViewSchema), { signal }),
    ban: (request, signal) => askAs(requester, "/api/bans", banViewSchema, posting({ ...request }, signal)),
    liftBan: async (banId, signal) => {
      const lifted = z.object({ lifted: z.literal(true) });
      await askAs(requester, `/api/bans/${encodeURIComponent(banId)}`, lifted, { method: "DELETE", signal });
    },
    seatSheets: (signal) => askAs(requester, "/api/seats", z.array(seatSheetViewSchema), { signal }),
    makeSeats: (request, signal) =>
      askAs(requester, "/api/seats", seatSheetViewSchema, posting({ ...request }, signal)),
    endSeats: (sheetId, signal) => end(`/api/seats/${encodeURIComponent(sheetId)}`, signal),
    endSeat: (sheetId, number, signal) => end(`/api/seats/${encodeURIComponent(sheetId)}/${number}`, signal),
  };
}
