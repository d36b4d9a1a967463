/** Wires a coordinator together: store, numerics, core, HTTP, sockets. Starts only when called. */
import { readFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { hostname, networkInterfaces } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { LIBRARIES } from "../shared/compute/runtimes/runtimes.ts";
import { submissionSchema } from "../shared/kinds/kinds.ts";
import { CLOSE_MS_MAX, CONNECTIONS_HELD_MAX, DRAIN_MS_MAX } from "../shared/protocol/limits.ts";
import { seatSheetRequestSchema } from "../shared/protocol/seats-api.ts";
import { AccessTokens } from "./access/access-tokens.ts";
import { Belongings } from "./access/belongings.ts";
import type { Identity } from "./access/identity.ts";
import { Auditors } from "./auditors/auditors.ts";
import { CellDirectory } from "./cells/cell-directory.ts";
import { cellMark } from "./cells/cell-marks.ts";
import { CellWatch } from "./cells/cell-watch.ts";
import { EldestCell } from "./cells/eldest-cell.ts";
import { keepLease } from "./cells/keep-lease.ts";
import { WholeService } from "./cells/whole-service.ts";
import { CLASS_NAME, CLASS_SAMPLE } from "./class-words.ts";
import { spawnEngine } from "./coded/engine/spawn-engine.ts";
import { type Config, configWarnings, isAddressShared } from "./config.ts";
import { SETTINGS_DEFAULT } from "./coordinator/state.ts";
import { openModelIntake } from "./intake/model-intake.ts";
import { createSampleSource } from "./kinds/inference/sample-source.ts";
import { lanNames } from "./lan/lan-names.ts";
import { lanAddresses } from "./lan/lan-words.ts";
import type { Lan } from "./lan/open-lan.ts";
import { secretRandom, secretText } from "./numerics/secret-random.ts";
import { type Compute, openCompute, type SubmitterOf } from "./open-compute.ts";
import { handIn } from "./openai/other-folders.ts";
import { AUDIT_LOG_NAME, type AuditLog, openAuditLog } from "./operator/audit-log.ts";
import { Bans } from "./operator/bans.ts";
import { DiskWatch } from "./operator/disk-watch.ts";
import { openEventLog } from "./operator/event-log.ts";
import { House } from "./operator/house.ts";
import { IntakePause } from "./operator/intake-pause.ts";
import { JobLogFiles } from "./operator/job-log-files.ts";
import { createLogger } from "./operator/logger.ts";
import { Operator } from "./operator/operator.ts";
import { type HeldSheet, Seats } from "./operator/seats.ts";
import { ReceiptKeys } from "./receipts/receipt-keys.ts";
import { createRegressionSample } from "./samples/regression-sample.ts";
import { sha256Hex } from "./sha256-hex.ts";
import { systemClock } from "./shell/clock.ts";
import { CoordinatorShell } from "./shell/coordinator-shell.ts";
import { type OpenedStore, openStore, ownDirectory } from "./store/open-store.ts";
import type { PostgresStore } from "./store/postgres-store.ts";
import type { LeaseLostError } from "./store/store.ts";
import type { SharedList } from "./store/transact.ts";
import type { TrustedTimes } from "./trusted/trusted-times.ts";
import { createApi } from "./web/api.ts";
import { uploadComparison } from "./web/compare-upload.ts";
import { isProblem } from "./web/coordinator-port.ts";
import { createGateway } from "./web/gateway.ts";
import { createHostRules } from "./web/host-rules.ts";
import { openConnections } from "./web/open-connections.ts";

const TOKEN_BYTES = 18;
/** After a restart in this process, children that another thread was just starting can hold the old port so long. */
const PORT_BUSY_MS_MAX = 500;
const PORT_LOOK_MS = 50;

/** [WC3] Is it the operator's, for volunteers of its own? */
function mayCheck(identity: Identity | null): boolean {
  return identity?.scopes.some((scope) => scope === "check" || scope === "admin") === true;
}

export interface RunningCoordinator {
  /** Where it listens, for instance http://127.0.0.1:8787 */
  readonly url: string;
  /** The first administrator's token, where tokens are needed and none could administer; it is told this once. */
  readonly adminToken: string | null;
  /** How others on the network reach it; null: it was not asked for. */
  readonly lan: Lan | null;
  /** Processor time that models took here, by whoever caused it. */
  readonly trustedTimes: TrustedTimes;
  /** [CE2] Why it may do nothing any more: another coordinator has taken over. It is to be closed, and may be started anew; where nobody can it never resolves. */
  readonly lost: Promise<string>;
  /** What close waits for just now, by name; null: for nothing. */
  readonly ending: string | null;
  /** [VS1] Seats for a class, and the sample as its job. */
  beginClass(seats: number): Promise<HeldSheet>;
  /** Tells the tabs, lets writes under way finish, and lets everything go. */
  close(): Promise<void>;
  /** As close, but first sends nothing new out and waits a while for what tabs have in hand. */
  drainAndClose(): Promise<void>;
}

/**
 * @param compute what computes; by default threads and processes of its own, which end with it
 * @param opened the store; by default the one that the settings name
 * @throws where the port is taken, the store cannot be opened, or the client has not been built
 */
export async function startCoordinator(
  config: Config,
  compute?: (submitterOf: SubmitterOf) => Compute,
  opened?: OpenedStore,
): Promise<RunningCoordinator> {
  const logger = createLogger(config.logLevel);
  for (const warning of configWarnings(config)) logger.warn(warning);
  const clientDirectory = fileURLToPath(new URL("../build/client/", import.meta.url));
  const swarmDirectory = fileURLToPath(new URL("../build/swarm/", import.meta.url));
  const buildHash = await builtClientHash(clientDirectory);
  const { store, shared } = opened ?? (await openStore(config));
  const stopKeeping = shared === null ? () => {} : keepLease(shared.cell);
  const own = ownDirectory(config);
  const v1Directory = join(config.dataDirectory, "v1");
  if (config.cell !== null) await handIn(config.dataDirectory, config.cell, v1Directory);
  const lan = config.lan ? await openedLan(config.dataDirectory) : null;
  const onProblem = (message: string, error: unknown) => logger.error({ err: error }, message);
  const audit = await openAuditLog(join(own, AUDIT_LOG_NAME), Date.now, onProblem);
  const jobLogs = await JobLogFiles.open(join(own, "job-logs"), onProblem);
  const tokens = config.tokensNeeded ? await AccessTokens.open(store.submitters) : null;
  const belongings = await Belongings.open(store.submitters);
  const disk = await DiskWatch.open(config.dataDirectory);
  const intakePause = await IntakePause.open(store.operator, own, Date.now);
  const directory = shared === null ? null : new CellDirectory(() => shared.cell.others());
  const eldest = shared === null ? null : new EldestCell(() => shared.cell.eldest(), shared.cell.epoch);
  const house = new House({
    dataDirectory: config.dataDirectory,
    store,
    disk,
    audit,
    intake: intakePause,
    nowMs: Date.now,
    schedule:
      config.backupEveryMs === null
        ? null
        : {
            everyMs: config.backupEveryMs,
            isMine: async () => shared === null || (shared.cell.isHeld && (await eldest!.addressOfOther()) === null),
            onProblem,
          },
  });
  const bans = await Bans.open(store.operator, config.dataDirectory, Date.now);
  const seats = await Seats.open(store.seats, Date.now);
  const partyOf = (jobId: string) => belongings.partyOf(jobId);
  const submitterOf = (jobId: string) => partyOf(jobId) ?? belongings.ownerOf(jobId) ?? "administrator";
  const onLost = (why: string) => logger.warn(`a process that ran a model was ended: ${why}`);
  // Where no tokens are needed anybody could be an auditor, and say what the coordinator believes.
  const auditors =
    tokens === null
      ? null
      : new Auditors({
          random: secretRandom,
          makeId: () => secretText(TOKEN_BYTES),
          nowMs: Date.now,
          onChanged: (what, { name, rows, dismissedFor }) =>
            audit.note(`auditor-${what}`, { name, rows, dismissedFor }),
          endToken: (tokenId) =>
            void tokens.revoke(tokenId).catch((error) => onProblem("a dismissed auditor's token was not ended", error)),
          onWronglyConfirmed: (jobIds) => audit.note("auditor-confirmed-wrong-rows", { jobIds }),
        });
  const elsewhere = auditors ?? undefined;
  const { modelRuns, executor } = compute?.(submitterOf) ?? openCompute({ ...config, submitterOf, onLost, elsewhere });
  const intake = await openModelIntake(join(own, "coming-models"));
  const eventLog = config.eventLogFile === null ? null : await openEventLog(config.eventLogFile, onProblem);
  const ownMark = shared === null ? undefined : cellMark(shared.cell.epoch);
  const shell: CoordinatorShell = new CoordinatorShell({
    clock: systemClock(),
    store,
    executor,
    rowMs: (modelSha256) => modelRuns.rowMs(modelSha256),
    secretRandom,
    receiptSigner: await ReceiptKeys.open(config.dataDirectory, Date.now),
    // No minus in front: job ids are made of it, and a command line would take it for a flag.
    makeToken: () => secretText(TOKEN_BYTES).replace(/^-/, "_"),
    ...(ownMark === undefined ? {} : { tokenMark: ownMark }),
    ...(shared === null || !config.trustProxy ? {} : { placingKey: shared.cell.placingKey }),
    isAddressShared: isAddressShared(config),
    ...(shared === null ? {} : { livingCells: async () => (await shared.cell.others()).length + 1 }),
    resolveSample: createSampleSource(store),
    regressionSample: createRegressionSample(store),
    openEngine: spawnEngine,
    buildHash,
    faultsAllowed: config.allowFaults,
    trustLoopback: config.trustLoopback,
    operatedBy: config.operatedBy,
    settings: {
      ...SETTINGS_DEFAULT,
      auditShareMax: config.auditShareMax,
    },
    onProblem,
    partyOf,
    onEvidence: (jobId, sent, rows) => operator.evidence(jobId, sent, rows),
    sinks: [...(eventLog === null ? [] : [eventLog]), { stepped: (record) => operator.stepped(record) }],
  });
  const service = new WholeService({
    name: config.cell ?? "",
    version: buildHash,
    own() {
      const { connected, ready, volunteers, jobs } = shell.load();
      return { tabs: connected, tabsReady: ready, volunteersReady: volunteers, jobs };
    },
    shared: shared?.cell ?? null,
  });
  const operator = new Operator({
    state: shell.state,
    store,
    belongings,
    disk,
    audit,
    jobLogs,
    log: logger,
    modelRuns,
    house,
    bans,
    seats,
    lease: shared?.cell ?? null,
    service,
  });
  audit.note("started", { buildHash, tokensNeeded: tokens !== null, faults: config.allowFaults });
  await shell.restore(shared === null ? null : new Set(await shared.cell.takeOver()));
  let cellWatch: CellWatch | null = null;
  const hostRules = createHostRules(
    config.publicUrl,
    config.host,
    config.allowedOrigins,
    lan === null ? [] : [...lan.names.addresses, lan.names.hostname],
  );
  const app = await createApi({
    port: shell,
    store,
    hostRules,
    directories: { client: clientDirectory, swarm: config.allowFaults ? swarmDirectory : null },
    lan,
    // Of a certificate of our own making no browser is told to insist on it: it would not let people past its warning.
    isHttps: config.publicUrl?.protocol === "https:",
    logger,
    access: { tokens, belongings },
    auditors,
    operator,
    intake,
    v1Directory,
    later: { mark: ownMark },
    service,
    trustProxy: config.trustProxy,
    onChangeAsked: (change) => operator.changeAsked(change),
    onUploadComes: () => modelRuns.expectJob(),
    rowMsHere: (modelSha256) => modelRuns.rowMs(modelSha256),
    compareUpload: uploadComparison({ store, runs: modelRuns }),
    otherCells: shared && {
      get isHeld() {
        return shared.cell.isHeld;
      },
      isOwn: (jobId) => shell.state.jobsAtWork.has(jobId),
      ownerOf: (jobId) => shared.cell.ownerOf(jobId),
      ownersOf: (jobIds) => shared.cell.ownersOf(jobIds),
      takeParts: async () => cellWatch?.takeParts(),
      takePart: async (jobId) => cellWatch?.takePart(jobId),
      catchUp: async () => cellWatch?.catchUp(),
      others: () => directory!.others(),
      // Without a proxy in front tabs stay where they are.
      tabs: async () => (config.trustProxy ? directory!.tabs() : 0),
      addressOfEldest: () => eldest!.addressOfOther(),
      addressOf: async (mark) => (mark === ownMark ? null : directory!.addressOfMark(mark)),
    },
  });
  const cutOff = openConnections(app.server);
  const gateway = createGateway(app.server, {
    tabs: shell.tabs,
    hostRules,
    buildHash,
    trustProxy: config.trustProxy,
    overload: () => operator.noNewTabs(),
    allowMissingOrigin: config.allowFaults,
    admits: (token) => mayCheck(tokens?.identify(token) ?? null),
    refusalOf: (comer) => bans.refusalOf(comer),
    seats,
    ...(config.cell === null ? {} : { ownCell: config.cell }),
    cellOfInvitation:
      shared && config.trustProxy
        ? (invitation) => shared.cell.cellOfInvitation(sha256Hex(invitation)).catch(() => null)
        : null,
    // [CE8] A cell that believes no X-Forwarded-For would take whom it is handed for one that comes from the cell before it.
    addressOfCell:
      directory && config.trustProxy
        ? (name) => (name === config.cell ? Promise.resolve(null) : directory.addressOfName(name))
        : null,
  });
  bans.whenAdded(() => gateway.lookAgain());
  seats.whenEnded(() => gateway.lookAgain());
  let tellLost: (why: string) => void = () => {};
  const lost = new Promise<string>((resolve) => {
    tellLost = resolve;
  });
  let ending: string | null = null;
  async function close(): Promise<void> {
    stopKeeping();
    cellWatch?.close();
    // Whoever waits for one hears at once that there will be none.
    const noBackup = house.close();
    operator.close();
    seats.close();
    auditors?.close();
    shell.close();
    await inTurn([
      ["receipts", () => shell.receipts?.close()],
      ["connections of tabs", () => gateway.close()],
      ["HTTP", closeHttp],
      ["models and numerics", () => executor.close()],
      ["models that come", () => intake.close()],
      ["a backup", () => noBackup],
      ["the store", () => store.close()],
      ["logs of jobs", () => jobLogs.close()],
      ["the event log", () => eventLog?.close()],
    ]);
    audit.note("stopped");
    await audit.close();
  }
  async function inTurn(steps: readonly (readonly [name: string, end: () => Promise<void> | undefined])[]) {
    for (const [name, end] of steps) {
      ending = name;
      await end();
    }
    ending = null;
  }
  async function closeHttp(): Promise<void> {
    const tooLong = setTimeout(cutOff, CLOSE_MS_MAX);
    await app.close();
    clearTimeout(tooLong);
  }
  try {
    await listenPatiently(app, config);
  } catch (error) {
    await close();
    throw error;
  }
  const adminToken = tokens === null || tokens.hasAdmin() ? null : await firstAdminToken(tokens, audit);
  void operator.housekeeping.look();
  const { port } = app.server.address() as AddressInfo;
  const host = config.host.includes(":") ? `[${config.host}]` : config.host;
  const url = lan === null ? `http://${host}:${port}` : lanAddresses(lan.names, port)[0]!;
  if (shared !== null) {
    await shared.cell.announce(config.cellUrl ?? url, config.cell ?? "", buildHash);
    const lists = { tokens, owners: belongings, uploads: belongings, bans, intake: intakePause, seats };
    cellWatch = watchCell(shared, shell, { lists, mayPoint: config.trustProxy, onProblem }, (error) => {
      // Nothing that it holds is applied, and nobody is told anything any more.
      shell.close();
      tellLost(error.message);
    });
    stopKeeping();
  }
  logger.info({ url, dataDirectory: config.dataDirectory, faults: config.allowFaults }, "coordinator listens");
  return {
    url,
    lan,
    adminToken,
    trustedTimes: modelRuns.times,
    lost,
    get ending() {
      return ending;
    },
    async beginClass(count) {
      const request = seatSheetRequestSchema.parse({ name: CLASS_NAME, seats: count });
      const [sheet, job] = [await seats.add(request), await shell.submit(submissionSchema.parse(CLASS_SAMPLE))];
      for (const made of [sheet, job]) if (isProblem(made)) throw new Error(`a class: ${made.message}`);
      return sheet as HeldSheet;
    },
    close,
    async drainAndClose() {
      operator.drain();
      // [CE8] Its tabs are at home elsewhere from now on.
      await shared?.cell
        .announce(config.cellUrl ?? url)
        .catch((error) => onProblem("could not tell the others", error));
      gateway.refuseNew({ code: "shutting-down", message: "the coordinator is stopping" });
      const cameIn = await shell.drain(Date.now() + DRAIN_MS_MAX);
      logger.info({ cameIn }, "drained");
      await close();
    },
  };
}

/** Certificates are made by a library that only this needs. */
async function openedLan(dataDirectory: string): Promise<Lan> {
  const { openLan } = await import("./lan/open-lan.ts");
  return openLan(dataDirectory, lanNames(networkInterfaces(), hostname()), Date.now());
}

/** Renews the lease, and goes on with what others leave. */
function watchCell(
  store: PostgresStore,
  shell: CoordinatorShell,
  { lists, mayPoint, onProblem }: Heard,
  onLost: (error: LeaseLostError) => void,
): CellWatch {
  return new CellWatch({
    cell: store.cell,
    changesElsewhere: () => store.changesElsewhere(),
    volunteersElsewhere: () => store.volunteersElsewhere(),
    takeJobs: (jobIds) => shell.takeJobs(jobIds),
    load: () => shell.load(),
    // Where tabs stay where they are a part would wait for tabs that never come.
    partsSpent: () => (mayPoint || shell.load().tabs > 0 ? shell.partsSpent() : null),
    hearOfCells: mayPoint ? (named) => shell.hearOfCells(named) : null,
    hearOfVolunteers: (volunteers) => shell.hearOfVolunteers(volunteers),
    hearOfAccounts: (accounts) => shell.hearOfAccounts(accounts),
    listChanged: async (list) => lists[list]?.reload(),
    onLost,
    onProblem,
  });
}

interface Heard {
  /** [CE8] Without a proxy in front a tab has a coordinator's own address, and stays there. */
  readonly mayPoint: boolean;
  /** [CE4] What others may have changed; null: it is not kept here. */
  readonly lists: Readonly<Record<SharedList, { reload(): Promise<void> } | null>>;
  readonly onProblem: (message: string, error: unknown) => void;
}

async function listenPatiently(app: Awaited<ReturnType<typeof createApi>>, { port, host }: Config): Promise<void> {
  for (const end = performance.now() + PORT_BUSY_MS_MAX; ; await sleep(PORT_LOOK_MS)) {
    try {
      await app.listen({ port, host, backlog: CONNECTIONS_HELD_MAX });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE" || performance.now() > end) throw error;
    }
  }
}

/** Whoever starts the coordinator administers it: as notebook servers do, it tells a token of its own making once. */
async function firstAdminToken(tokens: AccessTokens, audit: AuditLog): Promise<string> {
  const { token, tokenId } = await tokens.create({ submitter: "administrator", scopes: ["admin"], days: null });
  audit.note("first-admin-token", { tokenId });
  return token;
}

const BUILD = "run `npm run build`, or start with `npm start`, which does";

async function builtClientHash(clientDirectory: string): Promise<string> {
  let built: { readonly buildHash: string; readonly libraries?: readonly string[] };
  try {
    built = JSON.parse(await readFile(join(clientDirectory, "build.json"), "utf8")) as typeof built;
  } catch (error) {
    throw new Error(`the pages have not been built: ${BUILD}`, { cause: error });
  }
  // [PC10] Rows of tabs and rows of this process are compared in every bit.
  const theirs = built.libraries ?? ["other libraries"];
  if (!theirs.every((library) => LIBRARIES.includes(library))) {
    const [built, here] = [theirs.join(" and "), LIBRARIES.join(" and ")];
    throw new Error(`the pages were built with ${built}, this coordinator has ${here}: ${BUILD}`);
  }
  return built.buildHash;
}
