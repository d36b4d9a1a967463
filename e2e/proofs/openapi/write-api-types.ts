/** `npm run openapi` writes the schemas of the API's answers anew, after a type in shared/protocol has changed. */
import { writeFileSync } from "node:fs";
import { apiTypesText, TYPES_FILE } from "./api-types.ts";

writeFileSync(TYPES_FILE, apiTypesText());
console.log(`wrote ${TYPES_FILE}`);
