/** For machines that look after the coordinator: is it alive, is it ready, and its figures for Prometheus. */
import type { FastifyInstance } from "fastify";
import type { JobLogView } from "../../shared/protocol/operator-api.ts";
import type { ApiProblem } from "./coordinator-port.ts";

/** What the operator's side knows. */
export interface OperatorPort {
  /** Why new work should go elsewhere, one sentence each; empty: ready. */
  problems(): string[];
  /** The text that Prometheus reads, and its media type. */
  metrics(): Promise<{ type: string; text: string }>;
  /** Why no new job or upload is accepted now; null: it is. */
  refusesJobs(): ApiProblem | null;
  refusesUploads(): ApiProblem | null;
  /** What happened in a job; null: nothing of it is kept. */
  jobLog(jobId: string): Promise<JobLogView | null>;
  /** Sees every answer. */
  watch(app: FastifyInstance): void;
}

/** Nothing is known: what a coordinator without an operator's side says. */
export const NO_OPERATOR: OperatorPort = {
  problems: () => [],
  metrics: async () => ({ type: "text/plain; charset=utf-8", text: "" }),
  refusesJobs: () => null,
  refusesUploads: () => null,
  jobLog: async () => null,
  watch: () => {},
};

export function addOperatorRoutes(app: FastifyInstance, operator: OperatorPort): void {
  // Asked every few seconds by whoever restarts dead processes: never counted, never guarded.
  const options = { config: { rateLimit: false } } as const;

  app.get("/healthz", options, async (_request, reply) => {
    reply.header("cache-control", "no-store");
    return { ok: true };
  });

  app.get("/readyz", options, async (_request, reply) => {
    const problems = operator.problems();
    return reply
      .code(problems.length === 0 ? 200 : 503)
      .header("cache-control", "no-store")
      .send({ ok: problems.length === 0, problems });
  });

  app.get("/metrics", async (_request, reply) => {
    const { type, text } = await operator.metrics();
    return reply.type(type).header("cache-control", "no-store").send(text);
  });
}
