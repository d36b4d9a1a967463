/** The HTTP side: the API, the data plane of the tabs, the pages. Decides nothing: see coordinator-port.ts. */
import fastify, { type FastifyBaseLogger, type FastifyError, type FastifyInstance, LogController } from "fastify";
import { REQUEST_HEADERS_MS_MAX, REQUEST_MS_MAX, SUBMISSION_BYTES_MAX } from "../../shared/protocol/limits.ts";
import { type Store, StoreError } from "../store/store.ts";
import { addAnswerRoutes } from "./answer-routes.ts";
import { ApiFailure, errorBody } from "./api-failure.ts";
import type { CoordinatorPort } from "./coordinator-port.ts";
import { addCrowdRoutes } from "./crowd-routes.ts";
import type { HostRules } from "./host-rules.ts";
import { addJobRoutes } from "./job-routes.ts";
import { addModelRoutes } from "./model-routes.ts";
import { addSecurityHeaders } from "./security-headers.ts";
import { addStaticRoutes, type StaticDirectories } from "./static-routes.ts";
import { addTensorRoutes } from "./tensor-routes.ts";
import { createUploadBudget } from "./upload-budget.ts";
import { addWorkRoutes } from "./work-routes.ts";

export interface ApiOptions {
  readonly port: CoordinatorPort;
  readonly store: Pick<Store, "putBlob">;
  readonly hostRules: HostRules;
  readonly directories: StaticDirectories;
  /** People reach us by TLS (the public URL says https). */
  readonly isHttps: boolean;
  /** Where unexpected errors go; none by default. */
  readonly logger?: FastifyBaseLogger;
}

/** @returns a fastify instance that does not listen yet; the gateway is attached to its `server` */
export async function createApi(options: ApiOptions): Promise<FastifyInstance> {
  const { port, store, hostRules, directories, isHttps, logger } = options;
  const app: FastifyInstance = fastify({
    ...(logger === undefined ? {} : { loggerInstance: logger }),
    // A line for each request would hold the addresses of volunteers.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: SUBMISSION_BYTES_MAX,
    requestTimeout: REQUEST_MS_MAX,
    http: { headersTimeout: REQUEST_HEADERS_MS_MAX },
    onProtoPoisoning: "error",
    onConstructorPoisoning: "error",
  });
  app.setErrorHandler((error: FastifyError | ApiFailure, request, reply) => {
    const problem = problemOf(error);
    if (problem.status >= 500 && problem.code !== "busy") request.log.error(error);
    return reply.code(problem.status).send(errorBody(problem));
  });
  app.setNotFoundHandler((request, reply) => {
    const address = request.url.split("?")[0]!.slice(0, 200);
    return reply
      .code(404)
      .send(errorBody({ code: "not-found", message: `there is nothing at ${request.method} ${address}` }));
  });

  await addSecurityHeaders(app, isHttps);
  addHostAndOriginChecks(app, hostRules);
  app.addContentTypeParser("application/octet-stream", { parseAs: "buffer" }, (_request, body, done) =>
    done(null, body),
  );

  const uploadBudget = createUploadBudget();
  await addModelRoutes(app, store, uploadBudget);
  addTensorRoutes(app, store, uploadBudget);
  addJobRoutes(app, port);
  addAnswerRoutes(app, port);
  addCrowdRoutes(app, port);
  addWorkRoutes(app, port, uploadBudget);
  await addStaticRoutes(app, directories);
  await app.ready();
  return app;
}

const READING_METHODS = ["GET", "HEAD", "OPTIONS"];

function addHostAndOriginChecks(app: FastifyInstance, hostRules: HostRules): void {
  app.addHook("onRequest", async (request) => {
    const { host, origin } = request.headers;
    if (!hostRules.isAllowedHost(host)) {
      throw new ApiFailure(
        403,
        "foreign-host",
        "Host: expected a name of this coordinator, got another; set PARITAB_PUBLIC_URL to the address people use",
      );
    }
    // Programs send no Origin; browsers always do where something would change.
    if (origin === undefined || READING_METHODS.includes(request.method)) return;
    if (!hostRules.isAllowedOrigin(origin, host)) {
      throw new ApiFailure(403, "foreign-origin", "Origin: expected this coordinator's own pages, got another site");
    }
  });
}

const MEDIA_TYPES =
  "content-type: expected application/octet-stream for tensors, application/json for jobs, multipart/form-data for models";
const CODES: Readonly<Record<number, string>> = { 400: "bad-request", 413: "too-large", 415: "bad-media-type" };

function problemOf(error: FastifyError | ApiFailure | StoreError): { status: number; code: string; message: string } {
  if (error instanceof ApiFailure) return error;
  if (error instanceof StoreError) {
    return {
      status: 503,
      code: "store-failed",
      message: "the coordinator could not write to its disk; nothing was kept",
    };
  }
  const status = "statusCode" in error ? (error.statusCode ?? 500) : 500;
  // What was not foreseen may hold anything: it goes to the log, not to the caller.
  if (status >= 500)
    return { status: 500, code: "internal", message: "the coordinator made a mistake; its log has it" };
  if (status === 415) return { status, code: "bad-media-type", message: MEDIA_TYPES };
  return { status, code: CODES[status] ?? "bad-request", message: error.message };
}
