import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { ConfigError, configWarnings, isAddressShared, readConfig, SETTINGS } from "./config.ts";

describe("settings", () => {
  it("without any, the coordinator listens on this machine alone and injects no faults", () => {
    expect(readConfig({}, [])).toEqual({
      port: 8787,
      host: "127.0.0.1",
      lan: false,
      classSeats: null,
      dataDirectory: resolve("data"),
      databaseUrl: null,
      cell: null,
      cellUrl: null,
      cellLeaseMs: 10_000,
      backupEveryMs: null,
      eventLogFile: null,
      publicUrl: null,
      operatedBy: null,
      tokensNeeded: false,
      allowedOrigins: [],
      logLevel: "info",
      numericsThreads: availableParallelism(),
      trustedProcesses: Math.max(2, availableParallelism()),
      auditShareMax: 4,
      noEffect: [],
      trustProxy: false,
      trustLoopback: false,
      allowFaults: false,
    });
  });

  it("flags win over the environment; an empty variable is none", () => {
    const environment = { PARITAB_PORT: "1", PARITAB_DATA_DIR: "/a", PARITAB_LOG_LEVEL: "", PARITAB_TRUST_PROXY: "1" };
    const config = readConfig(environment, ["--port", "0", "--data-dir=/b", "--allow-faults"]);
    expect(config).toMatchObject({
      port: 0,
      dataDirectory: "/b",
      allowFaults: true,
      logLevel: "info",
      trustProxy: true,
    });
  });

  it("--class begins a class of so many, and no other number", () => {
    expect(readConfig({}, ["--class", "30"]).classSeats).toBe(30);
    for (const seats of ["0", "201", "many"])
      expect(messageOf(() => readConfig({}, ["--class", seats]))).toContain(
        "--class: expected a number of seats from 1 to 200",
      );
  });

  it("--lan opens it to the network with tokens, and is told apart from an address that others bring", () => {
    expect(readConfig({}, ["--lan"])).toMatchObject({ lan: true, host: "0.0.0.0", tokensNeeded: true });
    expect(readConfig({ PARITAB_HOST: "192.168.1.5" }, ["--lan"])).toMatchObject({ host: "192.168.1.5" });
    expect(configWarnings(readConfig({}, ["--lan"]))).toEqual([]);
    const environment = { PARITAB_HOST: "127.0.0.1", PARITAB_PUBLIC_URL: "https://p.example" };
    const message = messageOf(() => readConfig(environment, ["--lan"]));
    for (const name of Object.keys(environment)) expect(message).toContain(`--lan: expected ${name} to be`);
  });

  it("one message lists everything that is wrong", () => {
    const environment = {
      PARITAB_PORT: "80a",
      PARITAB_HOST: "a b",
      PARITAB_PUBLIC_URL: "paritab.example.org",
      PARITAB_LOG_LEVEL: "loud",
      PARITAB_TRUST_PROXY: "yes",
      PARITAB_TRUST_LOOPBACK: "all",
      PARITAB_AUTH: "yes",
      PARITAB_NUMERICS_THREADS: "0",
      PARITAB_AUDIT_SHARE_MAX: "-1",
      PARITAB_DATABASE_URL: "mysql://u:p@h/d",
      PARITAB_CELL: "a/b",
      PARITAB_CELL_URL: "ftp://a",
      PARITAB_CELL_LEASE_MS: "500",
      PARITAB_BACKUP_EVERY_HOURS: "0.5",
      PARITAB_PUBLICURL: "https://paritab.example.org",
    };
    const message = messageOf(() => readConfig(environment, ["--prot", "1"]));
    expect(message.split("\n").length).toBe(17);
    expect(message).not.toContain("u:p");
    for (const name of [...Object.keys(environment), "--prot"]) expect(message).toContain(name);
  });

  it("settings that are gone are told by name, have no effect, and keep nothing from starting", () => {
    const environment = { PARITAB_ROW_LEDGER: "off", PARITAB_CROSS_CHECKS: "auto" };
    const warnings = configWarnings(readConfig(environment, []));
    for (const name of Object.keys(environment))
      expect(warnings.filter((warning) => warning.includes(name) && warning.includes("no effect"))).toHaveLength(1);
  });

  it("a public address is an origin: no path, no password, no other protocol", () => {
    expect(readConfig({}, []).operatedBy).toBeNull();
    expect(readConfig({ PARITAB_OPERATED_BY: " City archive " }, []).operatedBy).toBe("City archive");
    expect(() => readConfig({ PARITAB_OPERATED_BY: "x".repeat(201) }, [])).toThrow("PARITAB_OPERATED_BY");
    expect(readConfig({ PARITAB_PUBLIC_URL: "https://p.example:8443" }, []).publicUrl?.origin).toBe(
      "https://p.example:8443",
    );
    for (const bad of [
      "https://p.example/sub",
      "https://me:pw@p.example",
      "ftp://p.example",
      "https://p.example/?a=1",
    ]) {
      expect(messageOf(() => readConfig({ PARITAB_PUBLIC_URL: bad }, []))).toContain(bad);
    }
  });

  it("[AC8] tokens are needed as soon as somebody else can reach the coordinator, unless the operator says otherwise", () => {
    const tokensNeeded = (environment: Record<string, string>) => readConfig(environment, []).tokensNeeded;
    expect(tokensNeeded({})).toBe(false);
    expect(tokensNeeded({ PARITAB_HOST: "localhost" })).toBe(false);
    expect(tokensNeeded({ PARITAB_HOST: "::1" })).toBe(false);
    expect(tokensNeeded({ PARITAB_HOST: "0.0.0.0" })).toBe(true);
    expect(tokensNeeded({ PARITAB_HOST: "127.0.0.1.example.org" })).toBe(true);
    expect(tokensNeeded({ PARITAB_PUBLIC_URL: "https://p.example" })).toBe(true);
    expect(tokensNeeded({ PARITAB_AUTH: "on" })).toBe(true);
    expect(tokensNeeded({ PARITAB_AUTH: "off", PARITAB_PUBLIC_URL: "https://p.example" })).toBe(false);
  });

  it("[CC3] volunteers on this machine are strangers to each other where the operator says so, and no proxy is", () => {
    expect(readConfig({}, []).trustLoopback).toBe(false);
    expect(readConfig({ PARITAB_TRUST_LOOPBACK: "1" }, []).trustLoopback).toBe(true);
    const behindProxy = { PARITAB_TRUST_LOOPBACK: "1", PARITAB_PUBLIC_URL: "https://p.example" };
    expect(messageOf(() => readConfig(behindProxy, []))).toContain("PARITAB_TRUST_LOOPBACK");
  });

  it("what is hardly meant is said", () => {
    const warnings = (environment: Record<string, string>, flags: string[] = []) =>
      configWarnings(readConfig(environment, flags)).map((warning) => warning.split(/[ :]/)[0]);
    const publicUrl = { PARITAB_PUBLIC_URL: "https://p.example" };
    const shared = [publicUrl, { ...publicUrl, PARITAB_TRUST_PROXY: "1" }, {}].map((set) =>
      isAddressShared(readConfig(set, [])),
    );
    expect(shared).toEqual([true, false, false]);
    expect(warnings({})).toEqual([]);
    expect(warnings({ ...publicUrl, PARITAB_TRUST_PROXY: "1" })).toEqual([]);
    expect(warnings(publicUrl)).toEqual(["PARITAB_TRUST_PROXY"]);
    // A proxy on another machine: all tabs come from its address.
    expect(warnings({ ...publicUrl, PARITAB_HOST: "0.0.0.0" })).toEqual(["PARITAB_TRUST_PROXY"]);
    expect(warnings({ PARITAB_PUBLIC_URL: "http://p.example", PARITAB_TRUST_PROXY: "1" })).toEqual([
      "PARITAB_PUBLIC_URL",
    ]);
    expect(warnings({ PARITAB_HOST: "0.0.0.0", PARITAB_AUTH: "off" }, ["--allow-faults"])).toEqual([
      "PARITAB_AUTH=off",
      "PARITAB_HOST",
      "--allow-faults",
    ]);
  });

  it("the operator's page explains every setting, with what holds where nothing is set", () => {
    const page = readFileSync(fileURLToPath(new URL("../docs/run-a-coordinator.md", import.meta.url)), "utf8");
    for (const [name, byDefault] of Object.entries(SETTINGS)) {
      const [, shown] = new RegExp(`^\\| \`${name}\` \\| (.*?) \\|`, "m").exec(page) ?? [];
      expect([name, shown]).toEqual([name, byDefault === "" ? "nothing" : `\`${byDefault}\``]);
    }
    const named = new Set([...page.matchAll(/^\| `(PARITAB_[A-Z_]+)`/gm)].map((match) => match[1]));
    expect([...named].filter((name) => !Object.hasOwn(SETTINGS, name!))).toEqual([]);
  });

  it("ports end at 65535", () => {
    expect(readConfig({}, ["--port=65535"]).port).toBe(65_535);
    for (const bad of ["65536", "-1", "1e3", ""]) expect(() => readConfig({}, [`--port=${bad}`])).toThrow(ConfigError);
  });
});

function messageOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message;
  }
  throw new Error("expected a ConfigError, got none");
}

it("[PR45] origins that may use the API are whole, and want tokens", () => {
  const read = (PARITAB_ALLOWED_ORIGINS: string, PARITAB_AUTH = "on") =>
    readConfig({ PARITAB_ALLOWED_ORIGINS, PARITAB_AUTH }, []).allowedOrigins;
  expect(read("https://lab.example, http://localhost:3000")).toEqual(["https://lab.example", "http://localhost:3000"]);
  for (const wrong of [
    "*",
    "null",
    "lab.example",
    "https://lab.example/",
    "https://lab.example/a",
    "https://Lab.example",
    "ftp://a",
  ]) {
    expect(() => read(wrong), wrong).toThrow(/PARITAB_ALLOWED_ORIGINS: expected origins like/);
  }
  expect(() => read("https://lab.example", "off")).toThrow(/expected tokens to be needed/);
});
