/** What tasks of inference jobs refer to: queries as they are stored, schemes by name. */
import type { SchemeParameters } from "../../../../shared/coding/scheme.ts";
import type { SchemeName } from "../../../../shared/coding/schemes/schemes.ts";

/** The job's queries as uploaded, in shared memory: queryCount x D. */
export interface QuerySource {
  readonly values: Float32Array | Uint8Array;
  readonly inputSize: number;
  readonly scale: number;
}

export interface SchemeReference {
  readonly name: SchemeName;
  readonly parameters: SchemeParameters;
}
