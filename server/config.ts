/** Settings of the coordinator: environment variables, then flags, which win. Everything wrong is said at once. */
import { resolve } from "node:path";
import { parseArgs } from "node:util";

export const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface Config {
  readonly port: number;
  /** The address to listen on: loopback, unless the operator opens it. */
  readonly host: string;
  /** Absolute. */
  readonly dataDirectory: string;
  /** Under which people reach the coordinator; null: only on this machine. */
  readonly publicUrl: URL | null;
  readonly logLevel: LogLevel;
  /** Whether X-Forwarded-For is written by a proxy of ours. */
  readonly trustProxy: boolean;
  /** Every event of the coordinator, a JSON line each, appended: replays to the same state. null: none is written. */
  readonly eventLogFile: string | null;
  /** Serves the swarm's page, whose tabs misbehave on purpose, and lets programs without an Origin connect. */
  readonly allowFaults: boolean;
}

/** Says everything that is wrong, one line each. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/**
 * @param environment process.env: PARITAB_PORT, _HOST, _DATA_DIR, _PUBLIC_URL, _LOG_LEVEL, _TRUST_PROXY, _EVENT_LOG
 * @param argv flags after the program's name: --port, --data-dir, --allow-faults
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>, argv: readonly string[]): Config {
  const problems: string[] = [];
  const flags = parseFlags(argv, problems);
  const read = (name: string, fallback: string): string => environment[name]?.trim() || fallback;

  const portName = flags.port === undefined ? "PARITAB_PORT" : "--port";
  const portText = flags.port ?? read("PARITAB_PORT", "8787");
  const port = /^\d{1,5}$/.test(portText) ? Number(portText) : Number.NaN;
  // 0 lets the system choose: tests do.
  if (!(port <= 65_535)) problems.push(`${portName}: expected a port from 0 to 65535, got "${portText}"`);

  const host = read("PARITAB_HOST", "127.0.0.1");
  if (!/^[\w.:-]+$/.test(host)) problems.push(`PARITAB_HOST: expected an address or a host name, got "${host}"`);

  const publicUrlText = read("PARITAB_PUBLIC_URL", "");
  const publicUrl = publicUrlText === "" ? null : parsePublicUrl(publicUrlText);
  if (publicUrl === undefined) {
    problems.push(`PARITAB_PUBLIC_URL: expected an address like https://paritab.example.org, got "${publicUrlText}"`);
  }

  const logLevelText = read("PARITAB_LOG_LEVEL", "info");
  const logLevel = LOG_LEVELS.find((level) => level === logLevelText);
  if (logLevel === undefined) {
    problems.push(`PARITAB_LOG_LEVEL: expected ${LOG_LEVELS.join(", ")}, got "${logLevelText}"`);
  }

  const trustProxyText = read("PARITAB_TRUST_PROXY", "0");
  if (!["0", "1"].includes(trustProxyText)) {
    problems.push(`PARITAB_TRUST_PROXY: expected 0 or 1, got "${trustProxyText}"`);
  }

  if (problems.length > 0 || logLevel === undefined || publicUrl === undefined) {
    throw new ConfigError(`settings:\n${problems.map((problem) => `  ${problem}`).join("\n")}`);
  }
  return {
    port,
    host,
    dataDirectory: resolve(flags.dataDirectory ?? read("PARITAB_DATA_DIR", "./data")),
    publicUrl,
    logLevel,
    trustProxy: trustProxyText === "1",
    eventLogFile: read("PARITAB_EVENT_LOG", "") || null,
    allowFaults: flags.allowFaults,
  };
}

function parseFlags(argv: readonly string[], problems: string[]) {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        port: { type: "string" },
        "data-dir": { type: "string" },
        "allow-faults": { type: "boolean", default: false },
      },
    });
    return { port: values.port, dataDirectory: values["data-dir"], allowFaults: values["allow-faults"] };
  } catch (error) {
    // Its first sentence says which flag; the rest is advice about quoting.
    const message = error instanceof Error ? error.message.split(". ")[0] : String(error);
    problems.push(`flags: expected --port, --data-dir, --allow-faults; ${message}`);
    return { port: undefined, dataDirectory: undefined, allowFaults: false };
  }
}

/** undefined: no address that a browser could open, or more than one: a path, a query, a password. */
function parsePublicUrl(text: string): URL | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const isWeb = url.protocol === "http:" || url.protocol === "https:";
  return isWeb && `${url.origin}/` === url.href ? url : undefined;
}
