/** Bans by hand: who is let in no more, and undoing that. For administrators. */
import { z } from "zod";
import { type BanView, banRequestSchema, banViewSchema } from "../../shared/protocol/bans-api.ts";
import { SUBMISSION_BYTES_MAX } from "../../shared/protocol/limits.ts";
import { ApiFailure } from "./api-failure.ts";
import { type ApiProblem, isProblem } from "./coordinator-port.ts";
import { onDisk } from "./on-disk.ts";
import { type App, named, route } from "./route.ts";

export interface BansPort {
  list(): BanView[];
  add(request: z.output<typeof banRequestSchema>): Promise<BanView | ApiProblem>;
  /** false: there is none of that id. */
  lift(banId: string): Promise<boolean>;
}

const group = "operators";
const banParams = z.object({ ban: z.string().max(64) });

/** @param bans null: nothing is kept that could hold them */
export function addBanRoutes(app: App, bans: BansPort | null): void {
  const listAbout = "Bans that hold, the latest first.";
  const list = route(
    { name: "bans", group, about: listAbout, scope: "admin" },
    { response: { 200: z.array(banViewSchema).describe("who, why, and until when") } },
  );
  app.get("/api/bans", list, async () => onDisk(bans).list());

  const addAbout =
    "Closes the tabs of a volunteer, or of a network, and lets them in no more; their work in hand goes to others, and checked work stands. A ban holds across restarts.";
  const add = route(
    { name: "ban", group, about: addAbout, scope: "admin" },
    { body: named("ban", banRequestSchema), response: { 201: banViewSchema.describe("the ban") } },
  );
  app.post("/api/bans", { ...add, bodyLimit: SUBMISSION_BYTES_MAX }, async ({ body }, reply) => {
    const added = await onDisk(bans).add(body);
    if (isProblem(added)) throw new ApiFailure(added.status, added.code, added.message);
    return reply.code(201).send(added);
  });

  const lift = route(
    { name: "liftBan", group, about: "Lifts a ban: the volunteer or network may come again.", scope: "admin" },
    { params: banParams, response: { 200: z.object({ lifted: z.literal(true) }).describe("it holds no more") } },
  );
  app.delete("/api/bans/:ban", lift, async ({ params: { ban } }) => {
    if (!(await onDisk(bans).lift(ban))) throw new ApiFailure(404, "unknown-ban", `there is no ban ${ban}`);
    return { lifted: true as const };
  });
}
