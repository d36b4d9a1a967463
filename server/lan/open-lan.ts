/** What a coordinator on a local network needs: its names, its certificate, and the authority that others are to trust. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { replaceDurably } from "../durable-files.ts";
import {
  type Authority,
  type Certified,
  endsMs,
  fingerprintOf,
  makeAuthority,
  makeLeaf,
  speaksFor,
} from "./lan-certificates.ts";
import type { LanNames } from "./lan-names.ts";

const LAN_NAME = "lan.json";
const RENEWED_BEFORE_MS = 30 * 86_400_000;

const certifiedSchema = z.object({ certificate: z.string(), key: z.string() });
const heldSchema = z.object({
  authority: certifiedSchema.extend({ publicAddresses: z.array(z.string()).readonly() }),
  leaf: certifiedSchema,
  names: z.object({ addresses: z.array(z.string()).readonly(), hostname: z.string() }),
});
type Held = z.infer<typeof heldSchema>;

export interface Lan {
  readonly names: LanNames;
  /** For the server. */
  readonly certified: Certified;
  /** PEM of the authority: what other devices are to trust. */
  readonly authority: string;
  readonly fingerprint: string;
  /** Nobody can trust it yet: it was made now. */
  readonly isNewAuthority: boolean;
}

/**
 * The authority stays the same for as long as it speaks for all addresses; the certificate is made anew where addresses changed, and
 * before it ends. Both lie in lan.json of the data directory, for its owner alone.
 * @throws Error where this machine has no address that others could reach
 */
export async function openLan(dataDirectory: string, names: LanNames, nowMs: number): Promise<Lan> {
  if (names.addresses.length === 0) {
    throw new Error("--lan: expected an address of this machine on a network, got none: connect it to one first");
  }
  const path = join(dataDirectory, LAN_NAME);
  const held = await readHeld(path);
  const kept = held !== null && isGood(held.authority.certificate, nowMs) && speaksFor(held.authority, names);
  const authority: Authority = kept ? held.authority : makeAuthority(names, nowMs);
  const isSame = kept && JSON.stringify(held.names) === JSON.stringify(names) && isGood(held.leaf.certificate, nowMs);
  const leaf = isSame ? held.leaf : makeLeaf(authority, names, nowMs);
  if (!isSame) {
    const text = JSON.stringify({ authority, leaf, names } satisfies Held);
    await replaceDurably(path, `${text}\n`, 0o600);
  }
  return {
    names,
    certified: leaf,
    authority: authority.certificate,
    fingerprint: fingerprintOf(authority.certificate),
    isNewAuthority: !kept,
  };
}

const isGood = (certificate: string, nowMs: number): boolean => endsMs(certificate) - nowMs > RENEWED_BEFORE_MS;

/** @returns null where there is none. @throws where the file holds something else */
async function readHeld(path: string): Promise<Held | null> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  return text === null ? null : heldSchema.parse(JSON.parse(text));
}
