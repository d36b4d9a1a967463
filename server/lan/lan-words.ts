/** What `npm start -- --lan` prints: addresses for others, a picture of the first one for phones, and how a device trusts it. */
import { renderUnicodeCompact } from "uqr";
import type { Lan } from "./open-lan.ts";

/** @param port that the coordinator listens on */
export function lanWords({ names, fingerprint, isNewAuthority }: Lan, port: number): string {
  const addresses = lanAddresses(names, port);
  const [first] = addresses;
  return [
    "  on this network:",
    ...addresses.map((address) => `    ${address}/`),
    "",
    renderUnicodeCompact(`${first}/`, { border: 2 }),
    "",
    "  A browser that does not know this coordinator's certificate warns first. Either go on past the warning (Advanced, Proceed): tabs",
    `  compute then, but cannot be installed. Or open ${first}/ca.crt there once and trust it:`,
    "    Windows, macOS, Linux with Chrome or Edge: import it as a trusted root authority (settings, security, certificates)",
    "    Firefox: settings, privacy, certificates, authorities, import, trust for websites",
    "    iPhone, iPad: install the profile, then settings, general, about, certificate trust",
    "    Android: settings, security, install a certificate, CA certificate",
    `  It must have this SHA-256 fingerprint${isNewAuthority ? ", and is new: nobody trusts it yet" : ""}:`,
    `    ${fingerprint}`,
  ].join("\n");
}

/** The first is the one to hand on. */
export function lanAddresses({ addresses, hostname }: Lan["names"], port: number): string[] {
  return [...addresses, hostname].map((host) => `https://${host}:${port}`);
}
