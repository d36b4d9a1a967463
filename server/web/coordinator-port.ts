/**
 * What the web asks of the coordinator. The HTTP API and the gateway parse, count and answer; whatever is decided is
 * decided behind this interface.
 */
import type { AssignmentMessage } from "../../shared/kinds/assignments.ts";
import type { JobListPage, JobListQuery } from "../../shared/kinds/job-list.ts";
import type { EstimateRequest, JobEstimate, JobView, Receipt, Submission } from "../../shared/kinds/kinds.ts";
import type { CrowdRange, SessionView, StatusView, VolunteerView } from "../../shared/protocol/crowd-api.ts";
import type { JobSubmitted } from "../../shared/protocol/job-api.ts";
import type {
  Cancel,
  Credit,
  Failed,
  ModelBackend,
  Refused,
  Result,
  ResultAck,
  Returned,
  SeatStanding,
  Shorten,
  Slice,
  Unfit,
  Welcome,
  WorkChoice,
} from "../../shared/protocol/messages.ts";
import type { JobTimeline } from "../../shared/protocol/timeline-api.ts";
import type { AwayReason } from "../../shared/protocol/why-no-tab.ts";
import type { KeyLink, SealedReceipt } from "../../shared/receipts/sealed-receipt.ts";
import type { SealedWhole } from "../../shared/receipts/whole-receipt.ts";
import type { FoundWhole, StoredWhole } from "../store/store.ts";

/** Why a request is refused: becomes an HTTP status and an ApiError. */
export interface ApiProblem {
  readonly status: number;
  /** Stable, for programs: lower case with hyphens. */
  readonly code: string;
  /** For people: what was expected, and what came. */
  readonly message: string;
}

/** How the coordinator speaks to one tab. Nothing here fails: what is sent to a closed tab is dropped. */
export interface TabLink {
  welcome(message: Welcome): void;
  assignment(message: AssignmentMessage): void;
  cancel(message: Cancel): void;
  /** [PR113] Absent: such a tab computes all that it was sent. */
  shorten?(message: Shorten): void;
  credit(message: Credit): void;
  unfit(message: Unfit): void;
  /** Tells why, then closes; `sessionClosed` follows. */
  refused(message: Refused): void;
}

/** A tab whose key is proved. */
export interface OpenedSession {
  readonly sessionId: string;
  /** First 32 hex digits of the sha-256 of the public key. */
  readonly volunteerId: string;
  readonly nickname: string;
  /** Trimmed; empty: none. */
  readonly team: string;
  readonly backend: string;
  /** IPv4 /24 or IPv6 /48, in private ranges of IPv4 the address; null for loopback, and behind a proxy that is not trusted. */
  readonly addressPrefix: string | null;
  /** [CE8] It asked for this coordinator by name; absent: for none. */
  readonly isPointedHere?: boolean;
  /** Opens a T-private job to this volunteer. */
  readonly invitation: string | null;
  /** What its volunteer works for; null: whatever there is. */
  readonly choice?: WorkChoice | null;
  /** Whose device it says to be, by that one's signature; null: nobody else's. */
  readonly ownerId?: string | null;
  /** The operator has let it in: it may check what it chose. */
  readonly isAdmitted?: boolean;
  /** [VS2] Where it sits; null or absent: nowhere. */
  readonly seat?: { readonly place: string; readonly believed: boolean } | null;
  /** What the tab is told of that; null or absent: nothing. */
  readonly seatStanding?: SeatStanding | null;
  /** What it gives one model; absent: as any tab. */
  readonly memoryBytes?: number;
  /** 65 bytes: what it signs its results with. Absent: a tab in this process, which has no key and signs nothing. */
  readonly publicKey?: Uint8Array;
}

/** Bytes that an assignment names. */
export interface TabBlob {
  readonly kind: "model" | "shard" | "input";
  /** Read only when they are sent: they may be made then. */
  readonly bytes: Uint8Array;
  /** They are lent: other bytes may stand there once this was called, which is when they have left; absent: they stay. */
  readonly giveBack?: () => void;
}

/** What tabs say, and what the token of a live assignment opens. */
export interface TabsPort {
  /** null: no live assignment with this token may read that blob. `model` is immutable and cached; `input` is not,
   * nor is `shard`, which the tab keeps itself. */
  blobForToken(token: string, sha256: string): TabBlob | null;
  /** The largest frame that may be uploaded with this token, so that a body is refused before it is read; null: stale. */
  resultBytesMax(token: string): number | null;
  /** The bytes of PUT /results, not yet parsed. The `result` message with `uploaded` follows over the socket. */
  resultUploaded(token: string, frame: Uint8Array): "received" | "stale" | "malformed";

  sessionOpened(session: OpenedSession, link: TabLink): void;
  /** Once for each sessionOpened, whoever closed it. */
  sessionClosed(sessionId: string): void;
  /** @param because why it takes no work; undefined: it takes some, or did not say */
  availability(sessionId: string, available: boolean, because?: AwayReason): void;
  choice(sessionId: string, choice: WorkChoice | null): void;
  /** [PC7] */
  modelOnBackend(sessionId: string, told: ModelBackend): void;
  /** @param waitedMs since it came: others were heard first */
  result(sessionId: string, result: Result, waitedMs?: number): ResultAck;
  /** [PR106] Nothing comes of what is not wanted, or is no slice. */
  slice(sessionId: string, slice: Slice): void;
  failed(sessionId: string, failed: Failed): void;
  returned(sessionId: string, returned: Returned): void;
}

/** Of a volunteer that has a seat. */
export interface Whereabouts {
  readonly nickname: string;
  readonly rows: number;
  readonly state: "away" | "here" | "working" | "late" | "named";
}

export interface CoordinatorPort {
  readonly tabs: TabsPort;
  /** The schema has been checked; that uploads exist, that shapes fit and that K <= queries is checked here.
   * @param jobId which the job is to have; by default a fresh one */
  submit(submission: Submission, jobId?: string): Promise<JobSubmitted | ApiProblem>;
  /** What a job would cost; nothing is begun. */
  /** @param party who asks (partyOfIdentity); absent: nobody but this machine */
  estimate(request: EstimateRequest, party?: string): Promise<JobEstimate | ApiProblem>;
  /** The job ends before its time with what it has, if its kind can. false: there is nothing to stop. */
  stop(jobId: string): Promise<boolean>;
  /** null: there is no such job; "not-ended": it is still at work. */
  receipt(jobId: string): Promise<Receipt | "not-ended" | null>;
  /** "unsigned": it ended before receipts were signed. */
  sealedReceipt(jobId: string): Promise<SealedReceipt | "unsigned" | "not-ended" | null>;
  /** A file that the signed receipt names. */
  receiptFile(jobId: string, name: string): Promise<Uint8Array | null>;
  /** Of whoever signs receipts, the first one first. */
  receiptKeys(): Promise<KeyLink[]>;
  /** false: there is nothing left to cancel. */
  cancel(jobId: string): Promise<boolean>;
  jobView(jobId: string): JobView | null;
  /** A job that ended so long ago that it is not at hand is read from the store: what is asked about it next finds it. */
  recall(jobId: string): Promise<void>;
  jobViews(): JobView[];
  /** @param among of these jobs alone; null: of all */
  jobList(query: JobListQuery, among: readonly string[] | null): Promise<JobListPage>;
  /** As it was accepted; null: there is no such job. */
  submission(jobId: string): Promise<Submission | null>;
  /** [CE12] null: it is no job in parts. */
  whole(jobId: string): Promise<FoundWhole | null>;
  /** [CE12] Its parts are deleted before. */
  deleteWhole(wholeId: string): Promise<void>;
  /** [CE13] @param parts the receipts of all parts, which have ended. @returns "unsigned": nothing is signed here */
  sealedWhole(whole: StoredWhole, parts: readonly SealedReceipt[]): Promise<SealedWhole | "unsigned">;
  /** [JB8] Everything that is kept of a job that has ended; durable when it resolves. */
  deleteJob(jobId: string): Promise<"deleted" | "not-ended" | "unknown">;
  /** null: there is no such job. */
  timeline(jobId: string): Promise<JobTimeline | null>;
  /** @param page absent: all of them */
  sessions(page?: CrowdRange): SessionView[];
  /** Tabs that work, or would. */
  tabsAtHand(): number;
  /** [JB2] Why none of the connected tabs takes work, in words; null: one does. */
  whyNoTab(): string | null;
  /** @param page absent: all of them. @param isNamed only those that are quarantined */
  volunteers(page?: CrowdRange, isNamed?: boolean): VolunteerView[];
  /** null: it was never here. */
  whereabouts(volunteerId: string): Whereabouts | null;
  status(): StatusView;
  /** A quarantined volunteer may work again; resolves when that is durable. */
  release(volunteerId: string, reason: string): Promise<VolunteerView | ApiProblem>;
  /** Everybody that this job quarantined. */
  releaseNamedBy(jobId: string, reason: string): Promise<VolunteerView[] | ApiProblem>;
}

export function isProblem(reply: object): reply is ApiProblem {
  return "status" in reply && "code" in reply && "message" in reply;
}
