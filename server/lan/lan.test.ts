/** Names of this machine on a network, and certificates as a TLS client sees them. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Certified, fingerprintOf, makeAuthority, makeLeaf, speaksFor } from "./lan-certificates.ts";
import { isPrivate, type LanNames, lanNames } from "./lan-names.ts";
import { lanWords } from "./lan-words.ts";
import { openLan } from "./open-lan.ts";

const DAY_MS = 86_400_000;
const NAMES: LanNames = { addresses: ["192.168.1.5", "203.0.113.9"], hostname: "lab.local" };

describe("names", () => {
  const at = (address: string, internal = false) => ({ address, internal });

  test("addresses of the network, private ones first; loopback, link-local ones and IPv6 are left out", () => {
    const interfaces = {
      lo: [at("127.0.0.1", true), at("::1", true)],
      eth0: [at("203.0.113.9"), at("fe80::1"), at("192.168.1.5")],
      wlan0: [at("10.0.0.3"), at("169.254.3.4"), at("192.168.1.5")],
      down: undefined,
    };
    expect(lanNames(interfaces, "Lab-PC.uni.example")).toEqual({
      addresses: ["192.168.1.5", "10.0.0.3", "203.0.113.9"],
      hostname: "lab-pc.local",
    });
    expect(lanNames({}, "")).toEqual({ addresses: [], hostname: "paritab.local" });
  });

  test("private ranges end where the standards say", () => {
    const inside = [
      "10.0.0.0",
      "10.255.255.255",
      "172.16.0.1",
      "172.31.255.255",
      "192.168.0.1",
      "100.64.0.1",
      "127.0.0.1",
    ];
    const outside = ["9.255.255.255", "11.0.0.0", "172.15.0.1", "172.32.0.0", "192.169.0.0", "100.128.0.0", "8.8.8.8"];
    expect(inside.filter((address) => !isPrivate(address))).toEqual([]);
    expect(outside.filter(isPrivate)).toEqual([]);
  });
});

/** @returns what a client that trusts `ca` says of a server with this certificate; null: it is content */
async function refusalOf({ certificate, key }: Certified, servername: string, ca?: string): Promise<string | null> {
  const server = createServer({ cert: certificate, key });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const isAddress = /^[\d.]+$/.test(servername);
  return new Promise<string | null>((resolve) => {
    const socket = connect({ port, host: "127.0.0.1", ...(isAddress ? {} : { servername }), ...(ca ? { ca } : {}) });
    const end = (refusal: string | null) => {
      socket.destroy();
      server.close(() => resolve(refusal));
    };
    socket.once("secureConnect", () => end(null));
    socket.once("error", (error: NodeJS.ErrnoException) => end(`${error.code} ${error.message}`));
  });
}

describe("certificates", () => {
  const now = Date.now();
  const authority = makeAuthority(NAMES, now);

  test("who trusts the authority is content with its certificate, by name and by address; nobody else is", async () => {
    const leaf = makeLeaf(authority, NAMES, now);
    expect(await refusalOf(leaf, "lab.local", authority.certificate)).toBeNull();
    expect(await refusalOf(leaf, "localhost", authority.certificate)).toBeNull();
    expect(await refusalOf(leaf, "127.0.0.1", authority.certificate)).toBeNull();
    expect(await refusalOf(leaf, "other.local", authority.certificate)).toMatch(/^ERR_TLS_CERT_ALTNAME_INVALID/);
    expect(await refusalOf(leaf, "lab.local")).not.toBeNull();
    expect(await refusalOf(leaf, "lab.local", makeAuthority(NAMES, now).certificate)).not.toBeNull();
  });

  test("whoever steals the authority's key cannot speak for other sites, nor for other addresses", async () => {
    const forged: LanNames[] = [
      { addresses: ["192.168.1.5"], hostname: "bank.example" },
      { addresses: ["8.8.8.8"], hostname: "lab.local" },
      { addresses: ["203.0.113.10"], hostname: "lab.local" },
    ];
    for (const names of forged) {
      const leaf = makeLeaf(authority, names, now);
      expect(await refusalOf(leaf, "localhost", authority.certificate)).toMatch(/permitted subtree violation/);
    }
    const own = makeLeaf(authority, { addresses: ["203.0.113.9"], hostname: "lab.local" }, now);
    expect(await refusalOf(own, "localhost", authority.certificate)).toBeNull();
  });

  test("it speaks for every private address, and for public ones that it was made with", () => {
    const with_ = (...addresses: string[]) => speaksFor(authority, { addresses, hostname: "lab.local" });
    expect([with_("10.1.2.3"), with_("10.1.2.3", "203.0.113.9"), with_("203.0.113.10")]).toEqual([true, true, false]);
  });
});

describe("kept in the data directory", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "paritab-lan-"));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  test("the same after a restart; another certificate where addresses changed or it ends soon, and the authority stays", async () => {
    const now = Date.now();
    const first = await openLan(directory, NAMES, now);
    expect(first.isNewAuthority).toBe(true);
    expect(statSync(join(directory, "lan.json")).mode & 0o777).toBe(0o600);
    expect(await openLan(directory, NAMES, now + DAY_MS)).toEqual({ ...first, isNewAuthority: false });
    const moved = await openLan(directory, { addresses: ["10.0.0.9"], hostname: "lab.local" }, now);
    expect([moved.authority, moved.isNewAuthority]).toEqual([first.authority, false]);
    expect(moved.certified).not.toEqual(first.certified);
    const later = await openLan(directory, moved.names, now + 370 * DAY_MS);
    expect(later.authority).toBe(first.authority);
    expect(later.certified).not.toEqual(moved.certified);
    const muchLater = await openLan(directory, moved.names, now + 3_640 * DAY_MS);
    expect(muchLater.isNewAuthority).toBe(true);
  });

  test("an address that the authority may not speak for makes another authority, and says so", async () => {
    await openLan(directory, NAMES, Date.now());
    const moved = await openLan(directory, { ...NAMES, addresses: ["198.51.100.7"] }, Date.now());
    expect(moved.isNewAuthority).toBe(true);
    expect(lanWords(moved, 8787)).toContain("is new: nobody trusts it yet");
  });

  test("a machine without a network is told so; a damaged file is an error, not another authority", async () => {
    await expect(openLan(directory, { addresses: [], hostname: "lab.local" }, 0)).rejects.toThrow(
      /expected an address of this machine on a network/,
    );
    await openLan(directory, NAMES, Date.now());
    const path = join(directory, "lan.json");
    writeFileSync(path, readFileSync(path, "utf8").slice(0, 500));
    await expect(openLan(directory, NAMES, Date.now())).rejects.toThrow();
  });

  test("what is printed has every address, a picture for phones and the fingerprint that devices show", async () => {
    const lan = await openLan(directory, NAMES, Date.now());
    const words = lanWords(lan, 8787);
    for (const host of ["192.168.1.5", "203.0.113.9", "lab.local"]) expect(words).toContain(`https://${host}:8787/`);
    expect(words).toContain(fingerprintOf(lan.authority));
    expect(fingerprintOf(lan.authority)).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    expect(words).toMatch(/█[▀▄█ ]+█/);
  });
});
