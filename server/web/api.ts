/** The HTTP side: the API, the data plane of the tabs, the pages. Decides nothing: see coordinator-port.ts. */

import fastify, { type FastifyBaseLogger, type FastifyError, type FastifyInstance, LogController } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { jsonDepth } from "../../shared/compute/model-json.ts";
import {
  KEEP_ALIVE_MS_MAX,
  MODEL_UPLOAD_BYTES_IN_FLIGHT_MAX,
  OVERDUE_CHECK_MS,
  REQUEST_HEADERS_MS_MAX,
  REQUEST_MS_MAX,
  SUBMISSION_BYTES_MAX,
  SUBMISSION_DEPTH_MAX,
} from "../../shared/protocol/limits.ts";
import { NO_SERVICE } from "../cells/whole-service.ts";
import { type ModelIntake, plainIntake } from "../intake/model-intake.ts";
import type { Lan } from "../lan/open-lan.ts";
import { type OpenAiOptions, openOpenAi } from "../openai/openai.ts";
import { errorBodyAt } from "../openai/openai-error.ts";
import { addV1Routes } from "../openai/v1-routes.ts";
import { createSampleFiles, type SampleFiles } from "../samples/sample-files.ts";
import { type ApiAccess, addAccessHooks } from "./access-hooks.ts";
import { ApiFailure, JSON_TYPE, OF_A_BODY, RETRY_AFTER_S } from "./api-failure.ts";
import { type AuditorPort, addAuditorRoutes } from "./auditor-routes.ts";
import { addBanRoutes } from "./ban-routes.ts";
import { answerBrokenRequest } from "./broken-request.ts";
import { addCatchingUp } from "./catch-up.ts";
import { type AskedChange, addChangeHook } from "./change-hook.ts";
import { createAddressReader } from "./client-address.ts";
import type { CompareUpload } from "./compare-upload.ts";
import { capConnections } from "./connection-caps.ts";
import { addCrossOriginRules, isAllowedElsewhere } from "./cross-origin.ts";
import { addCrowdRoutes, type ServicePort } from "./crowd-routes.ts";
import { addDeskRoutes } from "./desk-routes.ts";
import type { HostRules } from "./host-rules.ts";
import { addHouseRoutes } from "./house-routes.ts";
import { addRecall } from "./job-address.ts";
import { addJobListRoutes } from "./job-list-routes.ts";
import { addJobRoutes, addLookRoutes, addReceiptRoute, addStopRoute } from "./job-routes.ts";
import { addJobsOfAllCells } from "./jobs-of-all-cells.ts";
import { addKindRoutes, type DeskPort } from "./kind-routes.ts";
import { addLanRoutes } from "./lan-routes.ts";
import { addLaterRoutes, LaterAnswers, type LaterOptions } from "./later-answers.ts";
import { addModelRoutes } from "./model-routes.ts";
import { addNameRoutes } from "./name-routes.ts";
import { addOpenApiRoutes, notedRoutes } from "./openapi-routes.ts";
import { addOperatorRoutes, NO_OPERATOR, type OperatorPort } from "./operator-routes.ts";
import { addOtherCells, type OtherCells } from "./other-cells.ts";
import { type OwnedStore, Ownership } from "./ownership.ts";
import { problemOf } from "./problem-of.ts";
import { addRateLimits } from "./rate-limits.ts";
import { addSignedReceiptRoutes } from "./receipt-routes.ts";
import { createRefusals } from "./refusals.ts";
import { addSampleRoutes } from "./sample-routes.ts";
import { schemaController } from "./schema-compilers.ts";
import { addSeatRoutes } from "./seat-routes.ts";
import { addSecurityHeaders } from "./security-headers.ts";
import { dropSlowBodies } from "./slow-bodies.ts";
import { addStaticRoutes, type StaticDirectories } from "./static-routes.ts";
import { addTensorRoutes } from "./tensor-routes.ts";
import { addLinkRoutes, addTokenRoutes } from "./token-routes.ts";
import { createUploadBudget } from "./upload-budget.ts";
import { addVolunteerRoutes } from "./volunteer-routes.ts";
import type { Web } from "./web-kind.ts";
import { addWorkRoutes } from "./work-routes.ts";

export interface ApiOptions {
  readonly port: DeskPort;
  readonly store: OwnedStore;
  readonly hostRules: HostRules;
  readonly directories: StaticDirectories;
  /** People reach us by TLS (the public URL says https). */
  readonly isHttps: boolean;
  /** A certificate of our own, and the authority that made it: TLS ends here. By default it ends before us, or there is none. */
  readonly lan?: Pick<Lan, "certified" | "authority"> | null;
  /** Where unexpected errors go; none by default. */
  readonly logger?: FastifyBaseLogger;
  /** Whose things are whose, and who may call; by default everybody may everything. */
  readonly access?: ApiAccess;
  /** Machines that compute trusted rows; by default none may. */
  readonly auditors?: AuditorPort | null;
  /** What /readyz and /metrics tell. */
  readonly operator?: OperatorPort;
  /** X-Forwarded-For is written by a proxy of ours. */
  readonly trustProxy?: boolean;
  readonly requestsPerMinuteMax?: number;
  /** Takes uploaded models in; by default in memory, here and now. */
  readonly intake?: ModelIntake;
  /** The built-in sample; by default as it is in the packages. */
  readonly sampleFiles?: SampleFiles;
  /** Where /v1 keeps models, files and batches; null: there is no /v1. */
  readonly v1Directory?: string | null;
  /** Other coordinators on the same database; null: there can be none. */
  readonly otherCells?: OtherCells | null;
  /** What all coordinators of the service are at; by default nothing. */
  readonly service?: ServicePort;
  /** How answers that take long are given. */
  readonly later?: LaterOptions | undefined;
  /** Hears of every route as it is added: what is served can be compared with what is described. */
  readonly onRoute?: (route: { readonly method: string | string[]; readonly url: string }) => void;
  /** Hears of every call that would change something, once it is answered. */
  readonly onChangeAsked?: (change: AskedChange) => void;
  /** Now and then, while the bytes of a large upload come. */
  readonly onUploadComes?: () => void;
  /** Milliseconds that a row of a model takes on this machine, by the model's sha-256; null: it has not run here. By default nothing is known. */
  readonly rowMsHere?: (modelSha256: string) => number | null;
  /** [PR111] Of a model that was uploaded; by default nothing is compared. */
  readonly compareUpload?: CompareUpload;
}

/** @returns a fastify instance that does not listen yet; the gateway is attached to its `server` */
export async function createApi(options: ApiOptions): Promise<FastifyInstance> {
  const { port, store, hostRules, directories, isHttps, logger } = options;
  const { certified, authority } = options.lan ?? {};
  const server: FastifyInstance = fastify({
    ...(certified === undefined ? {} : { https: { key: certified.key, cert: `${certified.certificate}${authority}` } }),
    ...(logger === undefined ? {} : { loggerInstance: logger }),
    // A line for each request would hold the addresses of volunteers.
    logController: new LogController({ disableRequestLogging: true }),
    // A logger for each request would put its number beside errors, which stands nowhere else.
    childLoggerFactory: (ofAll) => ofAll,
    bodyLimit: SUBMISSION_BYTES_MAX,
    requestTimeout: REQUEST_MS_MAX,
    keepAliveTimeout: KEEP_ALIVE_MS_MAX,
    http: { headersTimeout: REQUEST_HEADERS_MS_MAX, connectionsCheckingInterval: OVERDUE_CHECK_MS },
    clientErrorHandler: answerBrokenRequest,
    schemaController,
    onProtoPoisoning: "error",
    onConstructorPoisoning: "error",
  });
  server.setErrorHandler((error: FastifyError | ApiFailure, request, reply) => {
    const problem = problemOf(error, request);
    if (problem.status === 503 && !reply.hasHeader("retry-after")) reply.header("retry-after", String(RETRY_AFTER_S));
    // Where a file was to be sent its headers are there already, and say nothing true of an error.
    for (const name of OF_A_BODY) reply.removeHeader(name);
    return reply.code(problem.status).type(JSON_TYPE).send(errorBodyAt(request.url, problem));
  });
  server.setNotFoundHandler((request, reply) => {
    const address = request.url.split("?")[0]!.slice(0, 200);
    const problem = { status: 404, code: "not-found", message: `there is nothing at ${request.method} ${address}` };
    return reply.code(404).send(errorBodyAt(request.url, problem));
  });

  if (options.onRoute !== undefined) server.addHook("onRoute", options.onRoute);
  const routes = notedRoutes(server);
  capConnections(server.server);
  const access = options.access ?? null;
  const operator = options.operator ?? NO_OPERATOR;
  const otherCells = options.otherCells ?? null;
  operator.watch(server);
  const readAddress = createAddressReader(options.trustProxy === true);
  const refuse = createRefusals(readAddress);
  dropSlowBodies(server);
  await addSecurityHeaders(server, isHttps);
  addHostAndOriginChecks(server, hostRules);
  addCrossOriginRules(server, hostRules);
  addCatchingUp(server, access, otherCells?.catchUp ?? null);
  addAccessHooks(server, access, refuse, readAddress);
  await addRateLimits(server, readAddress, options.requestsPerMinuteMax);
  addOtherCells(server, otherCells);
  addJobsOfAllCells(server, otherCells && (() => otherCells.others()));
  addChangeHook(server, options.onChangeAsked);
  addJsonBodies(server);
  server.addContentTypeParser("application/octet-stream", { parseAs: "buffer" }, (_request, body, done) =>
    done(null, body),
  );

  addRecall(server, port);

  const app = server.withTypeProvider<ZodTypeProvider>();
  const uploadBudget = createUploadBudget();
  const ownership = new Ownership(access, port, store, operator);
  const intake = options.intake ?? plainIntake();
  const later = new LaterAnswers(options.later ?? {});
  const modelBudget = createUploadBudget(MODEL_UPLOAD_BYTES_IN_FLIGHT_MAX);
  await addModelRoutes(app, ownership, modelBudget, { intake, later, compare: options.compareUpload });
  await addTensorRoutes(app, ownership, options.onUploadComes);
  await addNameRoutes(app, ownership);
  addJobRoutes(app, port, ownership, later);
  addLaterRoutes(app, later);
  addJobListRoutes(app, port, ownership, operator);
  addStopRoute(app, port);
  addLookRoutes(app, port);
  addSampleRoutes(app, options.sampleFiles ?? createSampleFiles());
  addKindRoutes({ app, port, ownership, uploadBudget, later, otherCells }, port.desks);
  addReceiptRoute(app, port);
  addSignedReceiptRoutes(app, port);
  await addV1(options, { app, ownership, modelBudget, intake, later });
  addCrowdRoutes(app, port, ownership, options.service ?? NO_SERVICE);
  addVolunteerRoutes(app, port);
  addTokenRoutes(app, access?.tokens ?? null);
  addLinkRoutes(app, access?.tokens ?? null);
  addOperatorRoutes(app, operator);
  addDeskRoutes(app, port, operator);
  addHouseRoutes(app, operator.house);
  addBanRoutes(app, operator.bans ?? null);
  addSeatRoutes(app, operator.seats ?? null, port);
  addAuditorRoutes(app, options.auditors ?? null);
  addOpenApiRoutes(app, routes);
  addWorkRoutes(app, port.tabs, uploadBudget, refuse);
  await addStaticRoutes(server, directories);
  if (authority !== undefined) addLanRoutes(server, authority);
  await server.ready();
  return server;
}

async function addV1(
  { v1Directory = null, otherCells = null, port, logger, rowMsHere = () => null }: ApiOptions,
  { app, ...given }: Pick<Web, "app"> & Pick<OpenAiOptions, "ownership" | "modelBudget" | "intake" | "later">,
): Promise<void> {
  if (v1Directory === null) return;
  const openAi = await openOpenAi({
    directory: v1Directory,
    cells: otherCells,
    port,
    desk: port.desks.inference,
    rowMsHere,
    onProblem: (message, error) => logger?.error({ err: error }, message),
    ...given,
  });
  app.addHook("onClose", () => openAi.close());
  app.addHook("onRequest", async ({ url }) => {
    if (url.startsWith("/v1/")) await openAi.begin();
  });
  addV1Routes(app, openAi);
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
    if (!hostRules.isAllowedOrigin(origin, host) && !isAllowedElsewhere(hostRules, origin, request.url)) {
      throw new ApiFailure(403, "foreign-origin", "Origin: expected this coordinator's own pages, got another site");
    }
  });
}

/**
 * JSON bodies: refused before they are parsed where they nest too deep, and where a key could reach a prototype. Clients announce JSON and
 * send nothing where an address says all (OpenAI's for Python: cancel, delete): no body.
 */
function addJsonBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser("error", "error");
  app.removeContentTypeParser("application/json");
  app.addContentTypeParser("application/json", { parseAs: "buffer" }, (request, body, done) => {
    if (body.length === 0) return done(null, undefined);
    const depth = jsonDepth(body as Buffer);
    if (depth > SUBMISSION_DEPTH_MAX) {
      const message = `body: expected at most ${SUBMISSION_DEPTH_MAX} levels of nesting, got ${depth}`;
      return done(new ApiFailure(400, "bad-request", message));
    }
    return parse(request, (body as Buffer).toString("utf8"), done);
  });
}
