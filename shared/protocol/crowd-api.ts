/** The HTTP API of the crowd: sessions, volunteers, the coordinator itself. */

/** GET /api/sessions */
export interface SessionView {
  sessionId: string;
  volunteerId: string;
  nickname: string;
  backend: string;
  state: string;
  precision: "float32" | "float16" | null;
  /** Median of recent response times, ms. */
  responseMsMedian: number | null;
  verifiedAssignments: number;
  lateAssignments: number;
  recent: { jobId: string; roundIndex: number; workerIndex: number; outcome: string; ms: number }[];
}

/** A wrong answer was found: when, in which job (empty: somebody else's) and round, and by what. */
export interface QuarantineCause {
  atMs: number;
  jobId: string;
  roundIndex: number;
  reason: string;
}

/** GET /api/volunteers?state=quarantined */
export interface VolunteerView {
  volunteerId: string;
  nickname: string;
  /** Empty: none. */
  team: string;
  creditMacs: number;
  auditsPassed: number;
  auditsFailed: number;
  quarantine: QuarantineCause | null;
  /** The last time that an operator let it work again, and what it had been quarantined for. null: never. */
  released: { atMs: number; reason: string; from: QuarantineCause } | null;
}

/** GET /api/status */
export interface StatusView {
  protocolVersion: number;
  buildHash: string;
  sessions: number;
  sessionsReady: number;
  jobsActive: number;
  numericsPending: number;
  bytesInFlight: number;
  /** Why no further work is sent out, or null. */
  pausedBecause: string | null;
  faultsAllowed: boolean;
  /** Who runs this coordinator and how to reach them, in their words; null: not said. */
  operatedBy: string | null;
}
