/** The part of a receipt that every coded run has. */
import type { CodedEndKind, CodedHistory, CodedVolunteerView } from "./run-view.ts";

export interface CodedReceipt {
  jobId: string;
  rows: number;
  columns: number;
  endKind: CodedEndKind;
  endReason: string;
  code: { blockCount: number; maskCount: number; shardCount: number; volunteerCount: number; redundancy: number };
  verification: {
    /** freivalds: each result; votes or reed-solomon: within the code's budget; none */
    method: "freivalds" | "votes" | "reed-solomon" | "none";
    /** t: secret vectors a check uses. */
    keyCount: number;
    /** Chance that one wrong result passes: q^-t. null where nothing is checked. */
    errorPerResult: number | null;
    resultsChecked: number;
    /** At most resultsChecked * errorPerResult. */
    errorOfJob: number | null;
    resultsRejected: number;
  };
  /** Rounds of lcc in which there were more errors than it can correct, and which were believed nevertheless. */
  undecodedRounds: number;
  correctedResults: number;
  volunteers: CodedVolunteerView[];
  liars: CodedHistory["liars"];
  codeChanges: CodedHistory["codeChanges"];
  /** T > 0: evaluation points handed out, over all volunteers and codes. */
  pointsIssued: number;
  submittedMs: number;
  finishedMs: number;
}
