/**
 * Requests are parsed by their routes' schemas; what is wrong is one message (PR20). Answers are typed by their schemas where they
 * are made, and a test holds every answer against them: here they are only written, so that a large page costs nothing more.
 */
import type { FastifySchemaCompiler, FastifyServerOptions } from "fastify";
import { z } from "zod";
import { describeIssues } from "../../shared/protocol/describe-issues.ts";
import { ApiFailure } from "./api-failure.ts";

const PARTS: Readonly<Record<string, string>> = { querystring: "query", params: "address", headers: "headers" };

const validatorCompiler: FastifySchemaCompiler<z.ZodType> = ({ schema, httpPart }) => {
  const what = PARTS[httpPart ?? ""] ?? z.globalRegistry.get(schema)?.title ?? "body";
  return (given: unknown) => {
    // A body that is not there.
    const data = given ?? undefined;
    const parsed = schema.safeParse(data);
    if (parsed.success) return { value: parsed.data };
    return { error: new ApiFailure(400, "bad-request", `${what}: ${describeIssues(parsed.error, data)}`) };
  };
};

/** For `fastify(...)`. Told this later it has loaded compilers of its own by then, a tenth of all that a coordinator loads. */
export const schemaController = {
  compilersFactory: { buildValidator: () => validatorCompiler, buildSerializer: () => () => JSON.stringify },
} as unknown as NonNullable<FastifyServerOptions["schemaController"]>;
