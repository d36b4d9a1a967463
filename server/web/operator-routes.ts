/** For machines that look after the coordinator: is it alive, is it ready, and its figures for Prometheus. */
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { JobLogView } from "../../shared/protocol/operator-api.ts";
import type { BansPort } from "./ban-routes.ts";
import type { ApiProblem } from "./coordinator-port.ts";
import type { HousePort } from "./house-routes.ts";
import { type App, file, route } from "./route.ts";
import type { SeatsPort } from "./seat-routes.ts";

/** What the operator's side knows. */
export interface OperatorPort {
  /** Why new work should go elsewhere, one sentence each; empty: ready. */
  problems(): string[];
  /** The text that Prometheus reads, and its media type. */
  metrics(): Promise<{ type: string; text: string }>;
  /** Why no new job or upload is accepted now; null: it is. */
  refusesJobs(): ApiProblem | null;
  /** @param bytes that are to go to the disk */
  refusesUploads(bytes: number): ApiProblem | null;
  /** Of the disk, beside what is kept free; null: nobody knows. */
  uploadRoomBytes(): number | null;
  /** What happened in a job; null: nothing of it is kept. */
  jobLog(jobId: string): Promise<JobLogView | null>;
  /** The job is deleted: so is its log. */
  forgetJob(jobId: string): Promise<void>;
  /** null: nothing lies on a disk. */
  readonly house: HousePort | null;
  /** Absent or null: nothing is kept that could hold them. */
  readonly bans?: BansPort | null;
  readonly seats?: SeatsPort | null;
  /** Sees every answer. */
  watch(app: FastifyInstance): void;
}

/** Nothing is known: what a coordinator without an operator's side says. */
export const NO_OPERATOR: OperatorPort = {
  problems: () => [],
  metrics: async () => ({ type: "text/plain; charset=utf-8", text: "" }),
  refusesJobs: () => null,
  refusesUploads: () => null,
  uploadRoomBytes: () => null,
  jobLog: async () => null,
  forgetJob: async () => {},
  house: null,
  watch: () => {},
};

const group = "operators";
const healthSchema = z.object({ ok: z.boolean() }).meta({ id: "Health" });
const readinessSchema = z.object({ ok: z.boolean(), problems: z.array(z.string()) }).meta({ id: "Readiness" });

export function addOperatorRoutes(app: App, operator: OperatorPort): void {
  // Asked every few seconds by whoever restarts dead processes: never counted, never guarded.
  const health = route(
    { name: "health", group, about: "The process is alive.", scope: null },
    { response: { 200: healthSchema.describe("it is") } },
  );
  app.get("/healthz", { ...health, config: { ...health.config, rateLimit: false } }, async (_request, reply) => {
    reply.header("cache-control", "no-store");
    return { ok: true };
  });

  const ready = route(
    { name: "ready", group, about: "Whether new work may come here.", scope: null },
    {
      response: {
        200: readinessSchema.describe("it may"),
        503: readinessSchema.describe("it had better go elsewhere, and why"),
      },
    },
  );
  app.get("/readyz", { ...ready, config: { ...ready.config, rateLimit: false } }, async (_request, reply) => {
    const problems = operator.problems();
    return reply
      .code(problems.length === 0 ? 200 : 503)
      .header("cache-control", "no-store")
      .send({ ok: problems.length === 0, problems });
  });

  const metrics = route(
    { name: "metrics", group, about: "Figures for Prometheus.", scope: "read" },
    { response: { 200: file("the text format", "text/plain") } },
  );
  app.get("/metrics", metrics, async (_request, reply) => {
    const { type, text } = await operator.metrics();
    return reply.type(type).header("cache-control", "no-store").send(text);
  });
}
