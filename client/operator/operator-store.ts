/** What the operator's page shows, asked for again while somebody looks. */
import { batch, type ReadonlySignal, signal } from "@preact/signals";
import type { JobView } from "../../shared/kinds/kinds.ts";
import type { TokenView } from "../../shared/protocol/access-api.ts";
import type { AuditorView } from "../../shared/protocol/auditor-api.ts";
import type { BanRequest, BanView } from "../../shared/protocol/bans-api.ts";
import type { SessionView, StatusView } from "../../shared/protocol/crowd-api.ts";
import type { IntakeView, StorageView } from "../../shared/protocol/house-api.ts";
import { CROWD_ROWS_MAX } from "../../shared/protocol/limits.ts";
import type { JobLogView, QuarantineView } from "../../shared/protocol/operator-api.ts";
import type { SeatSheetRequest, SeatSheetView } from "../../shared/protocol/seats-api.ts";
import type { CellView } from "../../shared/protocol/service-api.ts";
import { ParitabApiError } from "../../shared/sdk/paritab-api-error.ts";
import type { ParitabClient } from "../../shared/sdk/paritab-client.ts";
import { pollWhileVisible } from "../ui/poll.ts";

export interface Overview {
  readonly status: StatusView;
  /** A line for each coordinator, those that went lately too. */
  readonly cells: readonly CellView[];
  readonly sessions: readonly SessionView[];
  /** The latest first. */
  readonly jobs: readonly JobView[];
  readonly quarantines: readonly QuarantineView[];
  /** null: none are needed. */
  readonly tokens: readonly TokenView[] | null;
  readonly auditors: readonly AuditorView[];
  readonly intake: IntakeView;
  readonly storage: StorageView;
  readonly bans: readonly BanView[];
  /** The latest first. */
  readonly seatSheets: readonly SeatSheetView[];
}

export type OpenLog =
  | { readonly kind: "none" }
  | { readonly kind: "fetching"; readonly jobId: string }
  | { readonly kind: "failed"; readonly jobId: string; readonly problem: string }
  | { readonly kind: "open"; readonly log: JobLogView };

export interface OperatorStore {
  /** null until the first answer came. */
  readonly overview: ReadonlySignal<Overview | null>;
  /** Why what is shown is out of date; null where it is not. */
  readonly problem: ReadonlySignal<string | null>;
  readonly log: ReadonlySignal<OpenLog>;
  /** @throws where the coordinator refuses, with its reason */
  release(volunteerId: string, reason: string): Promise<void>;
  /** Everybody that this job quarantined. @throws as release */
  releaseNamedBy(jobId: string, reason: string): Promise<void>;
  /** @returns the token, told this once. @throws as release */
  makeToken(submitter: string, days: number | null): Promise<string>;
  /** @throws as release */
  revokeToken(tokenId: string): Promise<void>;
  /** @param pausedFor why no new job is taken; null: new jobs are taken. @throws as release */
  setIntake(pausedFor: string | null): Promise<void>;
  /** @throws as release */
  makeBackup(): Promise<void>;
  /** @throws as release */
  removeBackup(name: string): Promise<void>;
  /** @throws as release */
  ban(request: BanRequest): Promise<void>;
  /** @throws as release */
  liftBan(banId: string): Promise<void>;
  /** @throws as release */
  makeSeats(request: SeatSheetRequest): Promise<void>;
  /** @throws as release */
  endSeats(sheetId: string): Promise<void>;
  /** @throws as release */
  endSeat(sheetId: string, number: number): Promise<void>;
  /** null closes it. */
  openLog(jobId: string | null): Promise<void>;
  close(): void;
}

const POLL_MS = 2_000;

export function createOperatorStore(client: ParitabClient): OperatorStore {
  const overview = signal<Overview | null>(null);
  const problem = signal<string | null>(null);
  const log = signal<OpenLog>({ kind: "none" });

  async function ask(): Promise<void> {
    try {
      const [quarantines, status, service, sessions, listed, tokens, auditors, intake, storage, bans, seatSheets] =
        await Promise.all([
          client.quarantines(),
          client.status(),
          client.service(),
          client.sessions(undefined, CROWD_ROWS_MAX),
          askJobs(client, overview.value?.jobs ?? []),
          askTokens(client),
          client.auditors(),
          client.intake(),
          client.storage(),
          client.bans(),
          client.seatSheets(),
        ]);
      batch(() => {
        overview.value = {
          status,
          cells: service.cells,
          sessions,
          quarantines,
          tokens,
          auditors,
          intake,
          storage,
          bans,
          seatSheets,
          jobs: listed.jobs.toSorted((a, b) => b.submittedMs - a.submittedMs),
        };
        problem.value = listed.problem;
      });
    } catch (error) {
      problem.value = (error as Error).message;
    }
  }

  const poll = pollWhileVisible(ask, POLL_MS);
  /** What has changed is seen at once. */
  async function shown(change: Promise<unknown>): Promise<void> {
    await change;
    poll.now();
  }
  let wanted: string | null = null;
  return {
    overview,
    problem,
    log,
    release: (volunteerId, reason) => shown(client.release(volunteerId, reason)),
    releaseNamedBy: (jobId, reason) => shown(client.releaseNamedBy(jobId, reason)),
    async makeToken(submitter, days) {
      const created = client.createToken({ submitter, days });
      await shown(created);
      return (await created).token;
    },
    revokeToken: (tokenId) => shown(client.revokeToken(tokenId)),
    setIntake: (pausedFor) => shown(client.setIntake(pausedFor)),
    makeBackup: () => shown(client.makeBackup()),
    removeBackup: (name) => shown(client.removeBackup(name)),
    ban: (request) => shown(client.ban(request)),
    liftBan: (banId) => shown(client.liftBan(banId)),
    makeSeats: (request) => shown(client.makeSeats(request)),
    endSeats: (sheetId) => shown(client.endSeats(sheetId)),
    endSeat: (sheetId, number) => shown(client.endSeat(sheetId, number)),
    async openLog(jobId) {
      wanted = jobId;
      if (jobId === null) {
        log.value = { kind: "none" };
        return;
      }
      log.value = { kind: "fetching", jobId };
      const fetched = await client.jobLog(jobId).then(
        (view): OpenLog => ({ kind: "open", log: view }),
        (error: unknown): OpenLog => ({ kind: "failed", jobId, problem: (error as Error).message }),
      );
      // Somebody may have chosen another one meanwhile.
      if (wanted === jobId) log.value = fetched;
    },
    close: poll.stop,
  };
}

/** A cell that does not answer keeps its jobs to itself: all else is shown, for now above all somebody looks. @param known what stands until then */
async function askJobs(client: ParitabClient, known: readonly JobView[]) {
  try {
    return { jobs: await client.jobs(), problem: null };
  } catch (error) {
    if (!(error instanceof ParitabApiError) || error.code !== "cell-away") throw error;
    return { jobs: known, problem: error.message };
  }
}

/** @returns null: this coordinator needs none */
async function askTokens(client: ParitabClient): Promise<TokenView[] | null> {
  const { tokensNeeded } = await client.whoAmI();
  return tokensNeeded ? client.tokens() : null;
}
