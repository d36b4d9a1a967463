/** Settings of the coordinator: environment variables, then flags, which win. All errors are reported together. */
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import {
  AUDIT_SHARE_MAX,
  BACKUP_HOURS_MAX,
  CELL_LEASE_MS,
  CELL_LEASE_MS_MAX,
  CELL_LEASE_MS_MIN,
  OPERATED_BY_LENGTH_MAX,
  SEATS_PER_SHEET_MAX,
} from "../shared/protocol/limits.ts";
import { CELL_NAME } from "../shared/protocol/messages.ts";

const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
const AUTH = ["auto", "on", "off"] as const;
const HOUR_MS = 3_600_000;
const NUMERICS_THREADS_MAX = 64;
const TRUSTED_PROCESSES_MAX = 64;

export interface Config {
  readonly port: number;
  /** The address to listen on: loopback, unless the operator opens it. */
  readonly host: string;
  /** Others on the local network reach it by TLS, with a certificate of its own making. */
  readonly lan: boolean;
  /** A class of so many begins with the coordinator; null: none does. */
  readonly classSeats: number | null;
  /** Absolute. */
  readonly dataDirectory: string;
  /** postgres://... of the database; null: the embedded one, in the data directory. */
  readonly databaseUrl: string | null;
  /** Its name among the coordinators that share the database and the data directory; null: it has both for itself. */
  readonly cell: string | null;
  /** Where these reach it; null: where it listens. */
  readonly cellUrl: string | null;
  /** [CE1] Who has not renewed its lease for so long is taken over from; the same for all of them. */
  readonly cellLeaseMs: number;
  /** A backup is made once the latest is so old; null: by hand alone. */
  readonly backupEveryMs: number | null;
  /** Under which people reach the coordinator; null: only on this machine. */
  readonly publicUrl: URL | null;
  /** Who runs the coordinator and how to reach them, as volunteers read it before they start; null: not said. */
  readonly operatedBy: string | null;
  /** Whoever submits or reads must show a token. */
  readonly tokensNeeded: boolean;
  readonly logLevel: LogLevel;
  /** Whether X-Forwarded-For is written by a proxy of ours. */
  readonly trustProxy: boolean;
  /** Is each volunteer on this machine a stranger to the others? Else nobody on it is cross-checked. */
  readonly trustLoopback: boolean;
  /** Of the pool that encodes, compares and decodes. */
  readonly numericsThreads: number;
  /** That run models to check what tabs said; those of trials come on top. */
  readonly trustedProcesses: number;
  /** Rows that are recomputed at random for a job, at most, as a share of its queries. */
  readonly auditShareMax: number;
  /** Every event of the coordinator, a JSON line each, appended: replays to the same state. null: none is written. */
  readonly eventLogFile: string | null;
  /** Serves the swarm's page, whose tabs misbehave on purpose, and lets programs without an Origin connect. */
  readonly allowFaults: boolean;
  /** Of pages elsewhere that may use the API with a token. */
  readonly allowedOrigins: readonly string[];
  /** Settings of earlier versions that are set, and that nothing reads. */
  readonly noEffect: readonly string[];
}

/** What the coordinator reads; docs/run-a-coordinator.md explains each. The second is what holds where nothing is set. */
export const SETTINGS = {
  PARITAB_PORT: "8787",
  PARITAB_HOST: "127.0.0.1",
  PARITAB_DATA_DIR: "./data",
  PARITAB_DATABASE_URL: "",
  PARITAB_CELL: "",
  PARITAB_CELL_URL: "",
  PARITAB_CELL_LEASE_MS: String(CELL_LEASE_MS),
  PARITAB_BACKUP_EVERY_HOURS: "off",
  PARITAB_PUBLIC_URL: "",
  PARITAB_OPERATED_BY: "",
  PARITAB_AUTH: "auto",
  PARITAB_ALLOWED_ORIGINS: "",
  PARITAB_TRUST_PROXY: "0",
  PARITAB_TRUST_LOOPBACK: "0",
  PARITAB_LOG_LEVEL: "info",
  PARITAB_NUMERICS_THREADS: "auto",
  PARITAB_TRUSTED_PROCESSES: "auto",
  PARITAB_AUDIT_SHARE_MAX: String(AUDIT_SHARE_MAX),
  PARITAB_EVENT_LOG: "",
} as const;
type SettingName = keyof typeof SETTINGS;

/** Of the programs around the coordinator: the command line, the browser tests. */
const SETTINGS_OF_OTHERS = ["PARITAB_URL", "PARITAB_TOKEN", "PARITAB_CHROMIUM"];

/** Settings of earlier versions: a start that has one set warns that it does nothing. */
const SETTINGS_OF_BEFORE = ["PARITAB_ROW_LEDGER", "PARITAB_CROSS_CHECKS"];

/** Says everything that is wrong, one line each. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/**
 * @param environment process.env: what begins with PARITAB_ must be in SETTINGS, for a misspelt one would protect nothing
 * @param argv flags after the program's name: --port, --data-dir, --lan, --class, --allow-faults
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>, argv: readonly string[]): Config {
  const problems: string[] = [];
  const flags = parseFlags(argv, problems);
  const read = (name: SettingName): string => environment[name]?.trim() || SETTINGS[name];
  /** @returns what `parse` makes of the setting; where that is undefined, notes what was expected */
  function setting<T>(name: SettingName, expected: string, parse: (text: string) => T | undefined, flag?: string): T {
    const text = flag ?? read(name);
    const value = parse(text);
    const said = flag === undefined ? name : FLAG_OF[name];
    if (value === undefined) problems.push(`${said}: expected ${expected}, got "${text}"`);
    return value as T;
  }
  for (const name of unknownSettings(environment)) {
    problems.push(`${name}: expected one of ${Object.keys(SETTINGS).join(", ")}, got a setting that nothing reads`);
  }

  // 0 lets the system choose: tests do.
  const port = setting("PARITAB_PORT", "a port from 0 to 65535", (text) => wholeNumber(text, 0, 65_535), flags.port);
  const host = setting(
    "PARITAB_HOST",
    "an address or a host name",
    (text) => (/^[\w.:-]+$/.test(text) ? text : undefined),
    flags.lan && !environment.PARITAB_HOST?.trim() ? "0.0.0.0" : undefined,
  );
  const publicUrl = setting("PARITAB_PUBLIC_URL", "an address like https://paritab.example.org", (text) =>
    text === "" ? null : parsePublicUrl(text),
  );
  // Not repeated where it is wrong, for it may hold a password.
  const databaseUrl = parseDatabaseUrl(read("PARITAB_DATABASE_URL"));
  if (databaseUrl === undefined) {
    problems.push(
      "PARITAB_DATABASE_URL: expected an address like postgres://user:password@host:5432/paritab, got another",
    );
  }
  const cell = setting("PARITAB_CELL", "a name of letters, digits, - and _", (text) =>
    text === "" ? null : CELL_NAME.test(text) ? text : undefined,
  );
  const cellUrl = setting("PARITAB_CELL_URL", "an address like http://10.0.0.5:8787", (text) =>
    text === "" ? null : parsePublicUrl(text)?.origin,
  );
  if (cell && databaseUrl === null) {
    problems.push(
      "PARITAB_CELL: expected PARITAB_DATABASE_URL to be set, because an embedded database has one coordinator",
    );
  }
  const cellLeaseMs = setting(
    "PARITAB_CELL_LEASE_MS",
    `a whole number from ${CELL_LEASE_MS_MIN} to ${CELL_LEASE_MS_MAX}`,
    (text) => wholeNumber(text, CELL_LEASE_MS_MIN, CELL_LEASE_MS_MAX),
  );
  const backupEveryMs = setting(
    "PARITAB_BACKUP_EVERY_HOURS",
    `off, or a whole number from 1 to ${BACKUP_HOURS_MAX}`,
    (text) => {
      const hours = wholeNumber(text, 1, BACKUP_HOURS_MAX);
      return text === "off" ? null : hours && hours * HOUR_MS;
    },
  );
  const operatedBy = setting("PARITAB_OPERATED_BY", `at most ${OPERATED_BY_LENGTH_MAX} letters`, (text) =>
    text.length <= OPERATED_BY_LENGTH_MAX ? text.trim() || null : undefined,
  );
  const auth = setting("PARITAB_AUTH", AUTH.join(", "), (text) => AUTH.find((choice) => choice === text));
  const allowedOrigins = setting(
    "PARITAB_ALLOWED_ORIGINS",
    "origins like https://lab.example with commas between",
    parseOrigins,
  );
  const yesOrNo = (name: SettingName) =>
    setting(name, "0 or 1", (text) => (text === "0" || text === "1" ? text === "1" : undefined));
  const trustProxy = yesOrNo("PARITAB_TRUST_PROXY");
  const trustLoopback = yesOrNo("PARITAB_TRUST_LOOPBACK");
  const logLevel = setting("PARITAB_LOG_LEVEL", LOG_LEVELS.join(", "), (text) =>
    LOG_LEVELS.find((level) => level === text),
  );
  /** @param auto what suits this machine */
  const counted = (name: SettingName, most: number, auto: number) =>
    setting(name, `auto, or a whole number from 1 to ${most}`, (text) =>
      text === "auto" ? Math.min(auto, most) : wholeNumber(text, 1, most),
    );
  const cores = availableParallelism();
  const numericsThreads = counted("PARITAB_NUMERICS_THREADS", NUMERICS_THREADS_MAX, cores);
  const trustedProcesses = counted("PARITAB_TRUSTED_PROCESSES", TRUSTED_PROCESSES_MAX, Math.max(2, cores));
  const auditShareMax = setting("PARITAB_AUDIT_SHARE_MAX", `a number from 0 to ${AUDIT_SHARE_MAX}`, (text) =>
    /^\d+(\.\d+)?$/.test(text) && Number(text) <= AUDIT_SHARE_MAX ? Number(text) : undefined,
  );
  const isReachable = publicUrl !== null || !isLoopback(host);
  const tokensNeeded = auth === "on" || (auth === "auto" && isReachable);
  if (flags.lan && host !== undefined && isLoopback(host)) {
    problems.push(`--lan: expected PARITAB_HOST to be an address of the network, or unset, got "${host}"`);
  }
  if (flags.lan && publicUrl) {
    problems.push("--lan: expected PARITAB_PUBLIC_URL to be unset, because the address is one of this machine's own");
  }
  if (trustLoopback && publicUrl) {
    problems.push(
      "PARITAB_TRUST_LOOPBACK: expected PARITAB_PUBLIC_URL to be unset, because one visitor through a proxy on this machine would count as many strangers",
    );
  }
  if (allowedOrigins?.length && !tokensNeeded) {
    problems.push(
      "PARITAB_ALLOWED_ORIGINS: expected tokens to be needed (PARITAB_AUTH=on), because a page of another site must show one",
    );
  }
  const classSeats = flags.seats === undefined ? null : (wholeNumber(flags.seats, 1, SEATS_PER_SHEET_MAX) ?? null);
  if (flags.seats !== undefined && classSeats === null)
    problems.push(`--class: expected a number of seats from 1 to ${SEATS_PER_SHEET_MAX}, got "${flags.seats}"`);
  if (problems.length > 0) {
    throw new ConfigError(`settings:\n${problems.map((problem) => `  ${problem}`).join("\n")}`);
  }
  return {
    port,
    host,
    lan: flags.lan,
    classSeats,
    dataDirectory: resolve(flags.dataDirectory ?? read("PARITAB_DATA_DIR")),
    databaseUrl: databaseUrl ?? null,
    cell,
    cellUrl,
    cellLeaseMs,
    backupEveryMs,
    publicUrl,
    operatedBy,
    tokensNeeded,
    allowedOrigins,
    logLevel,
    trustProxy,
    trustLoopback,
    numericsThreads,
    trustedProcesses,
    auditShareMax,
    noEffect: SETTINGS_OF_BEFORE.filter((name) => environment[name] !== undefined),
    eventLogFile: read("PARITAB_EVENT_LOG") || null,
    allowFaults: flags.allowFaults,
  };
}

/** What is allowed and yet hardly meant, one sentence each. */
export function configWarnings({
  host,
  lan,
  publicUrl,
  tokensNeeded,
  trustProxy,
  allowFaults,
  noEffect,
}: Config): string[] {
  const warnings = noEffect.map((name) => `${name} has no effect any more: every job runs on the ledger of rows`);
  const isReachable = publicUrl !== null || !isLoopback(host);
  if (isReachable && !tokensNeeded) {
    warnings.push("PARITAB_AUTH=off: anybody who reaches this coordinator may submit, read and cancel everything");
  }
  if (publicUrl?.protocol === "http:" && !isLoopback(publicUrl.hostname)) {
    warnings.push(
      "PARITAB_PUBLIC_URL is http: tokens travel unencrypted, and browsers let no tab of this coordinator compute",
    );
  }
  if (isAddressShared({ publicUrl, host, trustProxy })) {
    warnings.push(
      "PARITAB_TRUST_PROXY is 0 though PARITAB_PUBLIC_URL is set: behind a proxy all visitors seem to have one address, limits by address do nothing, and no job is cross-checked; set it to 1 if your proxy writes X-Forwarded-For",
    );
  }
  if (publicUrl === null && !isLoopback(host) && !lan) {
    warnings.push(
      "PARITAB_HOST opens this coordinator to the network without TLS: tokens travel unencrypted; set PARITAB_PUBLIC_URL and put a proxy with TLS before it",
    );
  }
  if (allowFaults && isReachable) {
    warnings.push(
      "--allow-faults: a page whose tabs misbehave on purpose is open to anybody who reaches this coordinator",
    );
  }
  return warnings;
}

/** Names that begin with PARITAB_ and that nothing reads: misspelt. */
function unknownSettings(environment: Readonly<Record<string, string | undefined>>): string[] {
  const known = [...Object.keys(SETTINGS), ...SETTINGS_OF_OTHERS, ...SETTINGS_OF_BEFORE];
  return Object.keys(environment).filter((name) => name.startsWith("PARITAB_") && !known.includes(name));
}

/** Do strangers seem to have one address, for a proxy that is not trusted stands before the coordinator? Nothing but a proxy gives it TLS. */
export function isAddressShared({
  publicUrl,
  host,
  trustProxy,
}: Pick<Config, "publicUrl" | "host" | "trustProxy">): boolean {
  return publicUrl !== null && (isLoopback(host) || publicUrl.protocol === "https:") && !trustProxy;
}

export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host === "[::1]" || /^127(\.\d{1,3}){3}$/.test(host);
}

const FLAG_OF: Partial<Record<SettingName, string>> = { PARITAB_PORT: "--port" };

function parseFlags(argv: readonly string[], problems: string[]) {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        port: { type: "string" },
        "data-dir": { type: "string" },
        "allow-faults": { type: "boolean", default: false },
        lan: { type: "boolean", default: false },
        class: { type: "string" },
      },
    });
    const { port, lan, class: seats, "data-dir": dataDirectory, "allow-faults": allowFaults } = values;
    return { port, lan, seats, dataDirectory, allowFaults };
  } catch (error) {
    // Its first sentence says which flag; the rest is advice about quoting.
    const message = error instanceof Error ? error.message.split(". ")[0] : String(error);
    problems.push(`flags: expected --port, --data-dir, --lan, --class, --allow-faults; ${message}`);
    return { port: undefined, lan: false, seats: undefined, dataDirectory: undefined, allowFaults: false };
  }
}

function wholeNumber(text: string, least: number, most: number): number | undefined {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  return value >= least && value <= most ? value : undefined;
}

/** undefined: no address of a database; null: none is set. */
function parseDatabaseUrl(text: string): string | null | undefined {
  if (text === "") return null;
  if (!URL.canParse(text)) return undefined;
  const { protocol, pathname } = new URL(text);
  return /^postgres(ql)?:$/.test(protocol) && pathname.length > 1 ? text : undefined;
}

/** undefined: no address that a browser could open, or more than one: a path, a query, a password. */
function parsePublicUrl(text: string): URL | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const isWeb = url.protocol === "http:" || url.protocol === "https:";
  return isWeb && `${url.origin}/` === url.href ? url : undefined;
}

/** undefined: one of them is no origin, as browsers write it. */
function parseOrigins(text: string): string[] | undefined {
  const origins = text.split(",").map((origin) => origin.trim());
  if (text.trim() === "") return [];
  const isOrigin = (origin: string) =>
    /^https?:/.test(origin) && URL.canParse(origin) && new URL(origin).origin === origin;
  return origins.every(isOrigin) ? origins : undefined;
}
