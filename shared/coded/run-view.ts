/** What the API tells of any coded run: how it ends, its volunteers, its history. */

export const CODED_ENDS = ["done", "stopped", "diverged", "failed", "cancelled"] as const;
export type CodedEndKind = (typeof CODED_ENDS)[number];

export interface CodedVolunteerView {
  volunteerId: string;
  nickname: string;
  isPresent: boolean;
  isSlow: boolean;
  isLiar: boolean;
  /** Shards of the code at work that it holds. */
  shards: number;
  /** Evaluation points that it was ever given. */
  pointsIssued: number;
  acceptedResults: number;
}
/** What happened in a coded run: part of GET /api/jobs/:jobId/history.json. */
export interface CodedHistory {
  codeChanges: { iteration: number; generation: number; blockCount: number; reason: string }[];
  liars: { volunteerId: string; nickname: string; iteration: number }[];
  volunteers: CodedVolunteerView[];
}
