/** The API as an OpenAPI 3.1 document, from the list of operations, the schemas that parse bodies, and the schemas of answers. */
import { z } from "zod";
import "../../shared/kinds/inference/stream.ts";
import "../../shared/kinds/kinds.ts";
import "../../shared/kinds/regression/weights.ts";
import "../../shared/protocol/api-error.ts";
import "../../shared/protocol/timeline-api.ts";
import "../../shared/protocol/access-api.ts";
import "../../shared/protocol/volunteer-api.ts";
import "../../shared/protocol/operator-api.ts";
import "../../shared/protocol/crowd-api.ts";
import "../../shared/protocol/uploads-api.ts";
import "../../shared/protocol/job-api.ts";
import {
  type Answer,
  BODIES,
  type Body,
  OPERATIONS,
  type Operation,
  type Parameter,
  SMALL_ANSWERS,
} from "./openapi-operations.ts";
import { type SubmissionKind, settingWords } from "./setting-words.ts";

export type Json = Readonly<Record<string, unknown>>;

export interface OpenApiDocument {
  readonly openapi: "3.1.0";
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly tags: readonly { readonly name: string }[];
  /** By path, then by method in lower case. */
  readonly paths: Readonly<Record<string, Readonly<Record<string, Json>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Json>>; readonly securitySchemes: Json };
}

const VERSION = "1";
const OCTETS = "application/octet-stream";
const NDJSON = "application/x-ndjson";
const DESCRIPTION =
  "What submitters, operators and tabs ask of a Paritab coordinator over HTTP. Arrays travel as .npy, models as .onnx or as the files " +
  "that tfjs writes. Every error has a status of 400 or more and the body {error: {code, message}}: the code is stable, the message is " +
  "for people. Where the coordinator needs tokens, send `Authorization: Bearer <token>`.";

export function openApiDocument(): OpenApiDocument {
  const paths: Record<string, Record<string, Json>> = {};
  for (const operation of OPERATIONS) {
    paths[operation.path] = { ...paths[operation.path], [operation.method.toLowerCase()]: operationOf(operation) };
  }
  return {
    openapi: "3.1.0",
    info: { title: "Paritab", version: VERSION, description: DESCRIPTION },
    tags: [...new Set(OPERATIONS.map(({ group }) => group))].map((name) => ({ name })),
    paths,
    components: { schemas: { ...answerSchemas(), ...SMALL_ANSWERS, ...bodySchemas() }, securitySchemes: SECURITY },
  };
}

const SECURITY: Json = {
  token: { type: "http", scheme: "bearer", description: "of a submitter; needed only where the operator says so" },
  assignment: { type: "http", scheme: "bearer", description: "of a live assignment, as a tab is given it" },
};

function operationOf({ name, group, about, path, query = [], headers = [], body, answers, scope }: Operation): Json {
  const parameters = [
    ...[...path.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => ({
      name: parameter,
      in: "path",
      required: true,
      schema: { type: "string" },
    })),
    ...query.map((one) => parameterOf(one, "query")),
    ...headers.map((one) => parameterOf(one, "header")),
  ];
  const responses = Object.entries(answers).map(([status, answer]) => [status, responseOf(answer)]);
  return {
    operationId: name,
    tags: [group],
    description: about,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: { required: true, content: contentOfBody(body) } }),
    responses: { ...Object.fromEntries(responses), default: ERROR },
    security: scope === null ? [] : scope === "assignment" ? [{ assignment: [] }] : [{ token: [] }, {}],
    ...(scope === null || scope === "assignment" ? {} : { "x-scope": scope }),
  };
}

function parameterOf({ name, about, schema }: Parameter, place: "query" | "header"): Json {
  return { name, in: place, description: about, schema };
}

const ERROR: Json = {
  description: "what was expected, and what came",
  content: { "application/json": { schema: reference("ApiError") } },
};

function responseOf({ about, types, isList, media, events }: Answer): Json {
  const json = types === undefined ? {} : { "application/json": { schema: schemaOf(types, isList === true) } };
  const other = media === undefined ? {} : { [media]: { schema: events === undefined ? {} : schemaOf(events, false) } };
  return { description: about, content: { ...json, ...other } };
}

function contentOfBody(body: Body): Json {
  switch (body.kind) {
    case "json":
      return { "application/json": { schema: schemaOf(body.schemas, false) } };
    case "model":
      return { "multipart/form-data": { schema: { type: "object", additionalProperties: { type: "string" } } } };
    case "queries":
      return {
        [OCTETS]: { schema: { description: `a .npy file: ${body.about}` } },
        [NDJSON]: { schema: { description: "one query a line, as a JSON array of numbers" } },
      };
    case "npy":
    case "frame":
      return { [OCTETS]: { schema: { description: body.about } } };
  }
}

function schemaOf(names: readonly string[], isList: boolean): Json {
  const one = names.length === 1 ? reference(names[0]!) : { anyOf: names.map(reference) };
  return isList ? { type: "array", items: one } : one;
}

function reference(name: string): Json {
  return { $ref: `#/components/schemas/${name}` };
}

function answerSchemas(): Record<string, Json> {
  const { schemas } = z.toJSONSchema(z.globalRegistry, { uri: (id) => `#/components/schemas/${id}`, io: "output" });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $schema: _, $id: __, ...schema }]) => [id, schema as Json]),
  );
}

const KIND_OF_BODY: Readonly<Record<string, SubmissionKind>> = {
  InferenceSubmission: "inference",
  RegressionSubmission: "regression",
  MatmulSubmission: "matmul",
};

function bodySchemas(): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(BODIES).map(([name, schema]) => {
      const { $schema: _, ...json } = z.toJSONSchema(schema, { io: "input" });
      const kind = KIND_OF_BODY[name];
      return [name, kind === undefined ? json : withWords(kind, json as Json, "")];
    }),
  );
}

/** The words that the command line's help has for a setting are the document's too. */
function withWords(kind: SubmissionKind, schema: Json, path: string): Json {
  const properties = schema.properties as Record<string, Json> | undefined;
  const description = path === "" ? undefined : settingWords(kind, path);
  const described = description === undefined ? schema : { ...schema, description };
  if (properties === undefined) return described;
  const inside = Object.entries(properties).map(([name, property]) => {
    return [name, withWords(kind, property, path === "" ? name : `${path}.${name}`)];
  });
  return { ...described, properties: Object.fromEntries(inside) };
}
