/** Another device under one's own name: a link that one's key signs, and what this browser was opened with. */

import { deviceStatement } from "../../shared/protocol/device-statement.ts";
import { DEVICE_LINK_MS } from "../../shared/protocol/limits.ts";
import { type DeviceLink, readDeviceLink, writeDeviceLink } from "../session/device-link.ts";
import type { VolunteerIdentity } from "../session/identity.ts";

const KEPT_AS = "paritab-device-link";

/** @returns an address that another device opens within the hour, to work under this volunteer's name */
export async function linkForDevice(identity: VolunteerIdentity, origin: string, nowMs: number): Promise<string> {
  const expiresMs = nowMs + DEVICE_LINK_MS;
  const signature = await identity.sign(deviceStatement(expiresMs));
  return `${origin}/#device=${writeDeviceLink({ publicKey: identity.publicKey, expiresMs, signature })}`;
}

/** The link that the page was opened with, or was before: until it is out of date, for the coordinator may have forgotten a key without work. */
export function keepDeviceLink(
  hash: string,
  memory: Pick<Storage, "getItem" | "setItem">,
  nowMs: number,
): DeviceLink | null {
  const text = new URLSearchParams(hash.replace(/^#/, "")).get("device");
  const brought = text === null ? null : readDeviceLink(text);
  try {
    if (brought !== null) memory.setItem(KEPT_AS, writeDeviceLink(brought));
  } catch {
    // A full or forbidden store: it holds for this visit.
  }
  const link = brought ?? readDeviceLink(memory.getItem(KEPT_AS) ?? "");
  return link !== null && link.expiresMs > nowMs ? link : null;
}
