/**
 * What the web asks of the coordinator. The HTTP API and the gateway parse, count and answer; whatever is decided is
 * decided behind this interface.
 */
import type { AnswerFilter, AnswersPage } from "../../shared/kinds/inference/answers.ts";
import type { InferenceEstimateRequest } from "../../shared/kinds/inference/estimate.ts";
import type { InferenceJobView, RoundView } from "../../shared/kinds/inference/job-view.ts";
import type { InferenceReceipt } from "../../shared/kinds/inference/receipt.ts";
import type { QueriesPosted } from "../../shared/kinds/inference/stream.ts";
import type { AssignmentMessage, JobEstimate, JobView, Submission } from "../../shared/kinds/kinds.ts";
import type { MatmulReceipt } from "../../shared/kinds/matmul/receipt.ts";
import type { MatmulSubmission } from "../../shared/kinds/matmul/submission.ts";
import type { RegressionHistory } from "../../shared/kinds/regression/job-view.ts";
import type { RegressionReceipt } from "../../shared/kinds/regression/receipt.ts";
import type { RegressionSubmission } from "../../shared/kinds/regression/submission.ts";
import type { RegressionPredictions } from "../../shared/kinds/regression/weights.ts";
import type { SessionView, StatusView, VolunteerView } from "../../shared/protocol/crowd-api.ts";
import type { JobSubmitted } from "../../shared/protocol/job-api.ts";
import type {
  Cancel,
  Credit,
  Failed,
  Refused,
  Result,
  ResultAck,
  Returned,
  Welcome,
} from "../../shared/protocol/messages.ts";
import type { NpyArray } from "../../shared/protocol/npy.ts";
import type { JobTimeline } from "../../shared/protocol/timeline-api.ts";

/** Why a request is refused: becomes an HTTP status and an ApiError. */
export interface ApiProblem {
  readonly status: number;
  /** Stable, for programs: lower case with hyphens. */
  readonly code: string;
  /** For people: what was expected, and what came. */
  readonly message: string;
}

/** Every answer of a job, one entry a query of the job. C = outputSize. */
export interface AllAnswers {
  readonly queryCount: number;
  readonly outputSize: number;
  /** queryCount x C; rows of missing answers are not read. */
  readonly outputs: Float32Array;
  /** argmax of each row; null: a regression has none */
  readonly labels: Int32Array | null;
  /** Index in ANSWER_MARKS. */
  readonly marks: Uint8Array;
  /** 1: final. */
  readonly final: Uint8Array;
  /** As AnswerView.bound and .confidence; NaN stands for null. */
  readonly bounds: Float64Array;
  readonly confidences: Float64Array;
}

/** A receipt without the hashes of the files that its answers are served as. */
export type InferenceReceiptBody = Omit<InferenceReceipt, "hashes"> & {
  readonly hashes: Omit<InferenceReceipt["hashes"], "answers" | "marks">;
};

/** A query as it was posted to a stream: its numbers, row-major, or why there are none. */
export type PostedQuery = { readonly values: ArrayLike<number> } | { readonly problem: string };

export interface RegressionWeights {
  /** Updates that they have had. */
  readonly iteration: number;
  readonly columns: number;
  readonly classes: number;
  /** columns x classes, for x as it was uploaded times its input scale */
  readonly weights: Float64Array;
  /** What a prediction of class c is called; empty for linear. */
  readonly labelOfClass: readonly number[];
}

export interface MatmulProduct {
  readonly rows: number;
  readonly columns: number;
  /** rows x columns */
  readonly product: Float64Array;
}

/** How the coordinator speaks to one tab. Nothing here fails: what is sent to a closed tab is dropped. */
export interface TabLink {
  welcome(message: Welcome): void;
  assignment(message: AssignmentMessage): void;
  cancel(message: Cancel): void;
  credit(message: Credit): void;
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
  /** IPv4 /24 or IPv6 /48 as a trusted proxy reports it; null without one, and for loopback. */
  readonly addressPrefix: string | null;
  /** Opens a T-private job to this volunteer. */
  readonly invitation: string | null;
}

export interface CoordinatorPort {
  /** The schema has been checked; that uploads exist, that shapes fit and that K <= queries is checked here.
   * @param jobId which the job is to have; by default a fresh one */
  submit(submission: Submission, jobId?: string): Promise<JobSubmitted | ApiProblem>;
  /** What a job would cost; nothing is begun. */
  estimate(
    submission: InferenceEstimateRequest | RegressionSubmission | MatmulSubmission,
  ): Promise<JobEstimate | ApiProblem>;
  /** Of an inference job: what a reader of its answers has to know, without looking at them. null: there is none. */
  standing(jobId: string):
    | (Pick<InferenceJobView, "state" | "finishedMs" | "queryCount" | "error" | "completion"> & {
        readonly inputSize: number;
      })
    | null;
  /**
   * Queries for a stream; those that do not fit are named, and the others taken.
   * @param at the index that the first one taken is to have; what was taken before is not taken twice. null: behind the last one
   */
  postQueries(jobId: string, queries: readonly PostedQuery[], at: number | null): Promise<QueriesPosted | ApiProblem>;
  /** Calls back when answers of this job may have changed, and when it has ended. @returns stops that */
  watchAnswers(jobId: string, changed: () => void): () => void;
  /** A gradient job ends with the best weights it has, a stream when what was posted is answered. false: there is nothing to stop. */
  stop(jobId: string): Promise<boolean>;
  /** null: there is no such gradient job. */
  gradientHistory(jobId: string): RegressionHistory | null;
  /** null: there is no such inference job; "not-ended": it is still at work. */
  inferenceReceipt(jobId: string): Promise<InferenceReceiptBody | "not-ended" | null>;
  /** null: there is no such gradient job; "not-ended": it is still at work. */
  gradientReceipt(jobId: string): Promise<RegressionReceipt | MatmulReceipt | "not-ended" | null>;
  /** null: there is no such matrix job, or its product is not whole. */
  matmulProduct(jobId: string): Promise<MatmulProduct | null>;
  /** null: there is no such gradient job, or it has no weights yet (RegressionJobView.weightsOf). */
  gradientWeights(jobId: string): Promise<RegressionWeights | null>;
  /** @param npy n x columns, finite. null: as gradientWeights */
  predict(jobId: string, features: NpyArray): Promise<RegressionPredictions | ApiProblem | null>;
  /** false: there is nothing left to cancel. */
  cancel(jobId: string): Promise<boolean>;
  jobView(jobId: string): JobView | null;
  /** A job that ended so long ago that it is not at hand is read from the store: what is asked about it next finds it. */
  recall(jobId: string): Promise<void>;
  jobViews(): JobView[];
  rounds(jobId: string): RoundView[] | null;
  /** null: there is no such job. */
  timeline(jobId: string): Promise<JobTimeline | null>;
  /** @param only which of them; offset and limit count these */
  answers(jobId: string, offset: number, limit: number, only?: AnswerFilter): Promise<AnswersPage | null>;
  /** These queries of an inference job as they were submitted. null: there is no such job, or its queries are not kept. */
  queries(jobId: string, indices: readonly number[]): Promise<NpyArray | null>;
  allAnswers(jobId: string): Promise<AllAnswers | null>;
  sessions(): SessionView[];
  volunteers(): VolunteerView[];
  status(): StatusView;
  /** A quarantined volunteer may work again; resolves when that is durable. */
  release(volunteerId: string, reason: string): Promise<VolunteerView | ApiProblem>;

  /** null: no live assignment with this token may read that blob. `model` is immutable and cached; `input` is not,
   * nor is `shard`, which the tab keeps itself. */
  blobForToken(token: string, sha256: string): Promise<{ kind: "model" | "shard" | "input"; bytes: Uint8Array } | null>;
  /** The largest frame that may be uploaded with this token, so that a body is refused before it is read; null: stale. */
  resultBytesMax(token: string): number | null;
  /** The bytes of PUT /results, not yet parsed. The `result` message with `uploaded` follows over the socket. */
  resultUploaded(token: string, frame: Uint8Array): "received" | "stale" | "malformed";

  sessionOpened(session: OpenedSession, link: TabLink): void;
  /** Once for each sessionOpened, whoever closed it. */
  sessionClosed(sessionId: string): void;
  availability(sessionId: string, available: boolean): void;
  result(sessionId: string, result: Result): ResultAck;
  failed(sessionId: string, failed: Failed): void;
  returned(sessionId: string, returned: Returned): void;
}

export function isProblem(reply: object): reply is ApiProblem {
  return "status" in reply && "code" in reply && "message" in reply;
}
