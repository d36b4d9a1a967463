import type { BackendClass } from "../../../../shared/verify/compare-rows.ts";

/** A back-end of a volunteer with a model that it ran, and what the known question said of it. */
export interface Measured {
  readonly volunteerId: string;
  /** Of the model and the back-end. */
  readonly classKey: string;
  readonly probed: BackendClass;
}
