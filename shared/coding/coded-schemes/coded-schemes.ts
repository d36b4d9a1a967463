/** Every code of coded runs, one line each. Submissions, OpenAPI, forms, plans and receipts take names, facts and words from here. */
import { avccRun } from "./avcc.ts";
import { avccStaticRun } from "./avcc-static.ts";
import type { CodedSchemeDefinition } from "./coded-scheme.ts";
import { lccRun } from "./lcc.ts";
import { replicationRun } from "./replication.ts";
import { uncodedRun } from "./uncoded.ts";

export const CODED_SCHEMES = {
  uncoded: uncodedRun,
  replication: replicationRun,
  lcc: lccRun,
  "avcc-static": avccStaticRun,
  avcc: avccRun,
} as const satisfies Readonly<Record<string, CodedSchemeDefinition>>;

export type CodedScheme = keyof typeof CODED_SCHEMES;
export const CODED_SCHEME_NAMES = Object.keys(CODED_SCHEMES) as [CodedScheme, ...CodedScheme[]];

/** Of a submission that names none. */
export const DEFAULT_CODED_SCHEME = "avcc" satisfies CodedScheme;
