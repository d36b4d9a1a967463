/** The operator's house-keeping: new jobs taken or not, what lies on the disk, backups of it. For administrators. */
import { z } from "zod";
import {
  type BackupView,
  backupViewSchema,
  type IntakeView,
  intakeRequestSchema,
  intakeViewSchema,
  type StorageView,
  storageViewSchema,
} from "../../shared/protocol/house-api.ts";
import { SUBMISSION_BYTES_MAX } from "../../shared/protocol/limits.ts";
import { ApiFailure } from "./api-failure.ts";
import { type ApiProblem, isProblem } from "./coordinator-port.ts";
import { onDisk } from "./on-disk.ts";
import { type App, named, route } from "./route.ts";

export interface HousePort {
  intake(): IntakeView;
  /** Durable when it resolves. @param pausedFor why no new job is taken; null: new jobs are taken */
  setIntake(pausedFor: string | null): Promise<IntakeView>;
  storage(): Promise<StorageView>;
  makeBackup(): Promise<BackupView | ApiProblem>;
  /** false: there is none of that name. */
  removeBackup(name: string): Promise<boolean>;
}

const group = "operators";
const backupParams = z.object({ name: z.string().max(64) });

/** @param house null: there is no disk to look after */
export function addHouseRoutes(app: App, house: HousePort | null): void {
  const intakeAbout = "Whether new jobs are taken.";
  const intake = route(
    { name: "intake", group, about: intakeAbout, scope: "admin" },
    { response: { 200: intakeViewSchema.describe("whether, and since when not") } },
  );
  app.get("/api/intake", intake, async () => onDisk(house).intake());

  const setAbout =
    "Takes no new jobs from now on, or takes them again. Jobs that are here go on; it holds across restarts of the coordinator.";
  const set = route(
    { name: "setIntake", group, about: setAbout, scope: "admin" },
    { body: named("intake", intakeRequestSchema), response: { 200: intakeViewSchema.describe("as it is now") } },
  );
  app.put("/api/intake", { ...set, bodyLimit: SUBMISSION_BYTES_MAX }, async ({ body: { pausedFor } }) =>
    onDisk(house).setIntake(pausedFor),
  );

  const storageAbout = "What lies on the coordinator's disk, counted at most half a minute ago, and the backups of it.";
  const storage = route(
    { name: "storage", group, about: storageAbout, scope: "admin" },
    { response: { 200: storageViewSchema.describe("bytes by what they are") } },
  );
  app.get("/api/storage", storage, async () => onDisk(house).storage());

  const makeAbout = "Backs the data directory up while the coordinator works on. Answers once the backup is whole.";
  const make = route(
    { name: "makeBackup", group, about: makeAbout, scope: "admin" },
    { response: { 201: backupViewSchema.describe("the backup") } },
  );
  app.post("/api/backups", make, async (_request, reply) => {
    const made = await onDisk(house).makeBackup();
    if (isProblem(made)) throw new ApiFailure(made.status, made.code, made.message);
    return reply.code(201).send(made);
  });

  const removeAbout = "Removes a backup. What the coordinator itself needs stays.";
  const remove = route(
    { name: "removeBackup", group, about: removeAbout, scope: "admin" },
    { params: backupParams, response: { 200: z.object({ removed: z.literal(true) }).describe("it is gone") } },
  );
  app.delete("/api/backups/:name", remove, async ({ params: { name } }) => {
    if (!(await onDisk(house).removeBackup(name))) {
      throw new ApiFailure(404, "unknown-backup", `there is no backup ${name}`);
    }
    return { removed: true as const };
  });
}
