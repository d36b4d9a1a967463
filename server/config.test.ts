import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { ConfigError, readConfig } from "./config.ts";

describe("settings", () => {
  it("without any, the coordinator listens on this machine alone and injects no faults", () => {
    expect(readConfig({}, [])).toEqual({
      port: 8787,
      host: "127.0.0.1",
      dataDirectory: resolve("data"),
      eventLogFile: null,
      publicUrl: null,
      logLevel: "info",
      trustProxy: false,
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

  it("one message lists everything that is wrong", () => {
    const environment = {
      PARITAB_PORT: "80a",
      PARITAB_HOST: "a b",
      PARITAB_PUBLIC_URL: "paritab.example.org",
      PARITAB_LOG_LEVEL: "loud",
      PARITAB_TRUST_PROXY: "yes",
    };
    const message = messageOf(() => readConfig(environment, ["--prot", "1"]));
    expect(message.split("\n").length).toBe(7);
    for (const name of [...Object.keys(environment), "--prot"]) expect(message).toContain(name);
  });

  it("a public address is an origin: no path, no password, no other protocol", () => {
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
