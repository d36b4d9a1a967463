/** The schemas of everything that the API answers, from the types in shared/protocol. */
import { fileURLToPath } from "node:url";
import { OPERATIONS, SMALL_ANSWERS } from "../../../server/web/openapi-operations.ts";
import { schemasOfTypes } from "./types-to-schemas.ts";

export const TYPES_FILE = fileURLToPath(new URL("../../../server/web/openapi-types.json", import.meta.url));

const SOURCES = [
  "protocol/uploads-api",
  "protocol/job-api",
  "protocol/crowd-api",
  "protocol/api-error",
  "protocol/timeline-api",
  "protocol/access-api",
  "protocol/volunteer-api",
  "protocol/operator-api",
  "coded/run-view",
  "kinds/inference/aim",
  "kinds/inference/submission",
  "kinds/inference/answers",
  "kinds/inference/stream",
  "kinds/inference/job-view",
  "kinds/inference/estimate",
  "kinds/inference/receipt",
  "kinds/regression/submission",
  "kinds/regression/job-view",
  "kinds/regression/estimate",
  "kinds/regression/receipt",
  "kinds/regression/weights",
  "kinds/matmul/submission",
  "kinds/matmul/job-view",
  "kinds/matmul/estimate",
  "kinds/matmul/receipt",
  "kinds/kinds",
];

/** As the text of TYPES_FILE. */
export function apiTypesText(): string {
  const names = OPERATIONS.flatMap(({ answers }) => Object.values(answers))
    .flatMap(({ types = [], events = [] }) => [...types, ...events])
    .filter((name) => !(name in SMALL_ANSWERS));
  const schemas = schemasOfTypes({
    files: SOURCES.map((name) => fileURLToPath(new URL(`../../../shared/${name}.ts`, import.meta.url))),
    types: [...new Set([...names, "ApiError"])],
    ref: (name) => `#/components/schemas/${name}`,
  });
  return `${JSON.stringify(schemas, null, 1)}\n`;
}
