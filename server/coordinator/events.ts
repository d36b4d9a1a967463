/**
 * What happens to the coordinator. Events are plain data: they carry references (ids, indices), never tensors and never
 * secrets, and the time as a field, so that a log of them replays to the same state.
 */
import type { WorkChoice } from "../../shared/protocol/messages.ts";
import type { AwayReason } from "../../shared/protocol/why-no-tab.ts";
import type { Account } from "../checks/words.ts";
import type { CellLoad, StoredCrowd, StoredVolunteer } from "../store/store.ts";
import type { AccountNews } from "./accounts-elsewhere.ts";
import type { CoreJobRecord, Own, PrecisionClass, Timeless } from "./words.ts";

/** A job that is in the store; its kind adds what it keeps beside the record. */
export interface RestoredJob {
  readonly job: CoreJobRecord;
}

export type CoordinatorEvent = { readonly atMs: number } & (
  | {
      readonly type: "restored";
      readonly jobs: readonly RestoredJob[];
      readonly volunteers: readonly StoredVolunteer[];
      /** Absent: nothing was kept of the crowd. */
      readonly crowd?: StoredCrowd | null;
      /** Of submitters; absent: there are none. */
      readonly accounts?: readonly { readonly key: string; readonly account: Account }[];
    }
  /** [CE4] Other coordinators on the same database: what they alone have counted of these, and what stands of them. */
  | { readonly type: "volunteersElsewhere"; readonly volunteers: readonly StoredVolunteer[] }
  /** [CE3] Of a coordinator that is gone: they are this one's from now on. */
  | { readonly type: "jobsTaken"; readonly jobs: readonly RestoredJob[] }
  /** [CE8] The coordinators that tabs can be pointed to, and what each has to do; what this one is called. */
  | { readonly type: "cellsLooked"; readonly own: string; readonly cells: readonly CellLoad[] }
  | {
      readonly type: "sessionOpened";
      readonly sessionId: string;
      readonly volunteerId: string;
      readonly nickname: string;
      /** Whose total its credit counts for; empty: nobody's. */
      readonly team: string;
      readonly backend: string;
      /** The same for sessions of one network, by a salt that is never kept; null: not known. */
      readonly addressGroup: string | null;
      /** [VS2] It checks nobody of the same; absent: its address group. */
      readonly checkGroup?: string;
      /** [CE8] Where its address group is at home follows from that; absent: no tab is placed. */
      readonly homePoint?: number;
      /** [CE8] It asked for this coordinator by name; absent: for none. */
      readonly isPointedHere?: boolean;
      /** Of the invitation that it came with. */
      readonly invitationSha256: string | null;
      /** [WC1] What its volunteer gives its work to; absent: to whatever there is. */
      readonly choice?: WorkChoice | null;
      /** [DV1] Whose device it says to be, by that one's signature; absent: nobody else's that is new. */
      readonly ownerId?: string | null;
      /** [WC3] The operator has let it in, by a token; absent: not so. */
      readonly isAdmitted?: boolean;
      /** [PC8] What it gives one model; absent: as any tab, TAB_MEMORY_BYTES_MAX. */
      readonly memoryBytes?: number;
    }
  | { readonly type: "sessionProbed"; readonly sessionId: string; readonly precision: PrecisionClass | null }
  | {
      readonly type: "availabilityChanged";
      readonly sessionId: string;
      readonly available: boolean;
      /** Why it is not; absent: it is, or did not say. */
      readonly because?: AwayReason;
    }
  /** [WC1] null: its volunteer takes whatever there is. */
  | { readonly type: "choiceChanged"; readonly sessionId: string; readonly choice: WorkChoice | null }
  /** [PC7] What it says of one model. */
  | {
      readonly type: "modelOnBackend";
      readonly sessionId: string;
      readonly modelSha256: string;
      readonly backend: string;
    }
  | { readonly type: "sessionClosed"; readonly sessionId: string }
  /** An operator says that a quarantined volunteer may work again, and why. */
  | { readonly type: "volunteerReleased"; readonly volunteerId: string; readonly reason: string }
  /** party: [DP2] with whom it takes turns as one; absent: with the jobs of its submitter. */
  | { readonly type: "jobSubmitted"; readonly job: CoreJobRecord; readonly party?: string }
  | { readonly type: "jobCancelled"; readonly jobId: string }
  /** [JB8] Nothing of it is in the store any more. */
  | { readonly type: "jobDeleted"; readonly jobId: string }
  /** A coded run is to end with what it has; a stream, when what was posted is answered. */
  | { readonly type: "stopRequested"; readonly jobId: string }
  /** The process is about to end: what tabs have in hand may still come in, nothing new goes out. */
  | { readonly type: "stopping" }
  /** What came of an effect `work` of this kind. */
  | {
      readonly type: "outcome";
      readonly kind: string;
      readonly jobId: string;
      readonly effectId: number;
      readonly outcome: Own;
    }
  /** Somebody asks something of a job that this kind alone understands. */
  | { readonly type: "request"; readonly kind: string; readonly jobId: string; readonly request: Own }
  | { readonly type: "persisted"; readonly effectId: number }
  | {
      readonly type: "persistFailed";
      readonly effectId: number;
      readonly message: string;
      /** [CK2] Others have booked so much on this account that what takes of it is refused, and nothing else was wrong. */
      readonly taken?: AccountNews;
    }
  /** [CK2] What other coordinators have booked. */
  | { readonly type: "accountsElsewhere"; readonly accounts: readonly AccountNews[] }
  /** Its bytes are held, of the right shape, and finite. */
  | {
      readonly type: "resultArrived";
      readonly sessionId: string;
      readonly assignmentId: number;
      /** Uniform in [0, 1), by the shell's secret generator, once the bytes are held: chance, for a core that has none. */
      readonly draw: number;
      /** What its kind knows of what has come; absent: nothing. */
      readonly came?: Own;
      /** Since when it was here: the coordinator had others to hear first; absent: not at all. */
      readonly waitedMs?: number;
    }
  /** First rows of an assignment are held, and its tab is still at it. */
  | {
      readonly type: "sliceArrived";
      readonly sessionId: string;
      readonly assignmentId: number;
      /** What its kind knows of them. */
      readonly slices: Own;
      /** As of resultArrived. */
      readonly draw: number;
    }
  | {
      readonly type: "resultMalformed";
      readonly sessionId: string;
      readonly assignmentId: number;
      readonly message: string;
    }
  | {
      readonly type: "assignmentFailed";
      readonly sessionId: string;
      readonly assignmentId: number;
      readonly message: string;
    }
  /** The tab let go of an assignment without an answer: cancelled, or given back. */
  | { readonly type: "assignmentReturned"; readonly sessionId: string; readonly assignmentId: number }
  | { readonly type: "timerFired"; readonly timerId: number }
);

/** An event without its time: the shell stamps it. */
export type Happening = Timeless<CoordinatorEvent>;
