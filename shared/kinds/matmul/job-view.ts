/** What the API tells of a product of matrices while it is computed. */
import type { CodedEndKind } from "../../coded/run-view.ts";
import type { CodedScheme } from "../../coding/coded-schemes/coded-schemes.ts";

/** GET /api/jobs/:jobId of a matrix job. */
export interface MatmulJobView {
  jobId: string;
  kind: "matmul";
  name: string;
  submitter: string;
  purpose?: string;
  scheme: CodedScheme;
  dataVolunteers: number;
  stragglers: number;
  liars: number;
  colluders: number;
  volunteerCount: number;
  state: "accepting" | "preparing" | "running" | "finishing" | "done" | "failed" | "cancelled";
  waitingFor: string | null;
  error: string | null;
  endKind: CodedEndKind | null;
  endReason: string | null;
  /** A is rows x inner, B is inner x columns. */
  rows: number;
  inner: number;
  columns: number;
  /** Of columns of B; each is a round. */
  slices: number;
  slicesDone: number;
  isVerified: boolean;
  code: { generation: number; dataBlocks: number; masks: number; shards: number; shardsHeld: number } | null;
  volunteersAtWork: number;
  liarsNamed: number;
  codeChanges: number;
  notes: string[];
  submittedMs: number;
  /** null until its end is durable. */
  finishedMs: number | null;
  remainingMs: number | null;
}
