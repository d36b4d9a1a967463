/** What tasks of inference jobs refer to: queries as they are stored, schemes by name. */

import type { QueryNumbers } from "../../../../shared/coding/query-numbers.ts";
import type { SchemeParameters } from "../../../../shared/coding/scheme.ts";
import type { SchemeName } from "../../../../shared/coding/schemes/schemes.ts";
import type { ModelInput } from "../../../../shared/compute/model-runtime.ts";
import type { QueryFile } from "./query-file.ts";

/** The job's queries as uploaded, in shared memory or in their file: queryCount x D. */
export interface QuerySource {
  readonly values: QueryNumbers | QueryFile;
  readonly inputSize: number;
  readonly scale: number;
  /** Of whole numbers: what a row is made of. `scale` is for floats alone. */
  readonly inputs?: readonly ModelInput[] | undefined;
}

export interface SchemeReference {
  readonly name: SchemeName;
  readonly parameters: SchemeParameters;
}
