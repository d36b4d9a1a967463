/** The schemas of everything that the API answers, from the types in shared/protocol. */
import { fileURLToPath } from "node:url";
import { OPERATIONS, SMALL_ANSWERS } from "../../../server/web/openapi-operations.ts";
import { schemasOfTypes } from "./types-to-schemas.ts";

export const TYPES_FILE = fileURLToPath(new URL("../../../server/web/openapi-types.json", import.meta.url));

const SOURCES = [
  "api",
  "estimate-api",
  "gradient-api",
  "matmul-api",
  "receipt-api",
  "timeline-api",
  "access-api",
  "volunteer-api",
  "operator-api",
];

/** As the text of TYPES_FILE. */
export function apiTypesText(): string {
  const names = OPERATIONS.flatMap(({ answers }) => Object.values(answers))
    .flatMap(({ types = [], events = [] }) => [...types, ...events])
    .filter((name) => !(name in SMALL_ANSWERS));
  const schemas = schemasOfTypes({
    files: SOURCES.map((name) => fileURLToPath(new URL(`../../../shared/protocol/${name}.ts`, import.meta.url))),
    types: [...new Set([...names, "ApiError"])],
    ref: (name) => `#/components/schemas/${name}`,
  });
  return `${JSON.stringify(schemas, null, 1)}\n`;
}
