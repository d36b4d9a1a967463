/** Seats: sheets of codes, who sits where, and the page that a teacher projects. SPEC.md VS rules. */
import { z } from "zod";
import type { InferenceJobView } from "../../shared/kinds/inference/job-view.ts";
import { SUBMISSION_BYTES_MAX } from "../../shared/protocol/limits.ts";
import {
  type ClassView,
  classViewSchema,
  type SeatSheetView,
  type SeatView,
  seatSheetRequestSchema,
  seatSheetViewSchema,
} from "../../shared/protocol/seats-api.ts";
import type { HeldSheet } from "../operator/seats.ts";
import type { StoredSeat } from "../store/store.ts";
import { ApiFailure } from "./api-failure.ts";
import { type ApiProblem, type CoordinatorPort, isProblem } from "./coordinator-port.ts";
import { onDisk } from "./on-disk.ts";
import { type App, named, route } from "./route.ts";

export interface SeatsPort {
  list(): HeldSheet[];
  add(request: z.output<typeof seatSheetRequestSchema>): Promise<HeldSheet | ApiProblem>;
  /** false: there is none of that id. */
  endSheet(sheetId: string): Promise<boolean>;
  revoke(sheetId: string, number: number): Promise<boolean>;
  watched(watchKey: string): HeldSheet | null;
}

type Crowd = Pick<CoordinatorPort, "whereabouts" | "jobViews" | "volunteers">;

const group = "operators";
const sheetParams = z.object({ sheet: z.string().max(64) });
const seatParams = sheetParams.extend({ number: z.coerce.number().int().min(1) });
const watchParams = z.object({ watch: z.string().max(64) });
const ended = { 200: z.object({ ended: z.literal(true) }).describe("it holds no more") };

/** @param seats null: nothing is kept that could hold them */
export function addSeatRoutes(app: App, seats: SeatsPort | null, crowd: Crowd): void {
  const list = route(
    {
      name: "seatSheets",
      group,
      about: "Sheets of seats that hold, and who sits there; the latest first.",
      scope: "admin",
    },
    { response: { 200: z.array(seatSheetViewSchema).describe("sheets, with the codes of their seats") } },
  );
  app.get("/api/seats", list, async () =>
    onDisk(seats)
      .list()
      .map((sheet) => sheetView(sheet, crowd)),
  );

  const addAbout =
    "Makes a sheet of one-time codes: whoever comes with one first sits there, and is vouched for by whoever hands the sheet out.";
  const add = route(
    { name: "makeSeats", group, about: addAbout, scope: "admin" },
    { body: named("seats", seatSheetRequestSchema), response: { 201: seatSheetViewSchema.describe("the sheet") } },
  );
  app.post("/api/seats", { ...add, bodyLimit: SUBMISSION_BYTES_MAX }, async ({ body }, reply) => {
    const added = await onDisk(seats).add(body);
    if (isProblem(added)) throw new ApiFailure(added.status, added.code, added.message);
    return reply.code(201).send(sheetView(added, crowd));
  });

  const endSheet = route(
    { name: "endSeats", group, about: "Ends a sheet: nobody sits there any more.", scope: "admin" },
    { params: sheetParams, response: ended },
  );
  app.delete("/api/seats/:sheet", endSheet, async ({ params: { sheet } }) => {
    if (!(await onDisk(seats).endSheet(sheet)))
      throw new ApiFailure(404, "unknown-sheet", `there is no sheet ${sheet}`);
    return { ended: true as const };
  });

  const endSeat = route(
    { name: "endSeat", group, about: "Revokes one seat: whoever sits there computes on without it.", scope: "admin" },
    { params: seatParams, response: ended },
  );
  app.delete("/api/seats/:sheet/:number", endSeat, async ({ params: { sheet, number } }) => {
    if (!(await onDisk(seats).revoke(sheet, number)))
      throw new ApiFailure(404, "unknown-seat", `there is no seat ${number} of a sheet ${sheet} that is not revoked`);
    return { ended: true as const };
  });

  const watchAbout = "What a teacher projects: seats by number, and the job that came last. No names, and no codes.";
  const watch = route(
    { name: "classView", group: "crowd", about: watchAbout, scope: null },
    { params: watchParams, response: { 200: classViewSchema.describe("the class as it is now") } },
  );
  app.get("/api/classes/:watch", watch, async ({ params }, reply) => {
    const sheet = seats?.watched(params.watch) ?? null;
    if (sheet === null) throw new ApiFailure(404, "unknown-class", "there is no such class, or its sheet has ended");
    reply.header("cache-control", "no-store");
    return classView(sheet, crowd);
  });
}

function sheetView({ seats, ...sheet }: HeldSheet, crowd: Crowd): SeatSheetView {
  return { ...sheet, seats: seats.map((seat) => seatView(seat, crowd)) };
}

function seatView({ number, code, volunteerId, takenMs, revokedMs }: StoredSeat, crowd: Crowd): SeatView {
  const {
    nickname = null,
    rows = 0,
    state = "away",
  } = (volunteerId === null ? null : crowd.whereabouts(volunteerId)) ?? {};
  const at = revokedMs !== null ? "revoked" : volunteerId === null ? "free" : state;
  return { ...{ number, code, volunteerId, nickname, takenMs, rows }, state: at };
}

function classView({ name, untilMs, seats }: HeldSheet, crowd: Crowd): ClassView {
  const views = seats.map((seat) => seatView(seat, crowd));
  return {
    ...{ name, untilMs, seats: views.map(({ number, state, rows }) => ({ number, state, rows })) },
    job: jobOf(crowd),
  };
}

function jobOf(crowd: Crowd): ClassView["job"] {
  const jobs = crowd.jobViews().filter((job): job is InferenceJobView => job.kind === "inference");
  const job = jobs.reduce<InferenceJobView | null>(
    (last, one) => (last === null || one.submittedMs >= last.submittedMs ? one : last),
    null,
  );
  if (job === null) return null;
  const { name, purpose = "", state, finalCount: answers, queryCount: of, jobId } = job;
  const caught = crowd.volunteers(undefined, true).filter(({ quarantine }) => quarantine?.jobId === jobId).length;
  return { ...{ name, purpose, state, answers, of, caught }, checked: job.rows?.coordinatorRows ?? 0 };
}
