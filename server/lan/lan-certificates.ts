/**
 * A certificate authority for one coordinator's local network, and the certificate that it gives the coordinator. Who trusts the authority
 * trusts whoever holds its key: so it may speak for private addresses, for .local and for the coordinator's own addresses, and for nothing
 * else (RFC 5280, 4.2.1.10, name constraints), whoever steals it.
 */
import { createHash, generateKeyPairSync, randomBytes, X509Certificate } from "node:crypto";
import forge from "node-forge";
import { isPrivate, type LanNames, PRIVATE_RANGES } from "./lan-names.ts";

export interface Certified {
  /** PEM */
  readonly certificate: string;
  /** PEM */
  readonly key: string;
}

export interface Authority extends Certified {
  /** Addresses outside of private ranges that it may speak for. */
  readonly publicAddresses: readonly string[];
}

const { asn1, pki, md } = forge;
const DAY_MS = 86_400_000;
const AUTHORITY_DAYS = 3_650;
/** Browsers take no longer ones: Safari's limit. */
const LEAF_DAYS = 397;
const KEY_BITS = 2_048;
/** Clocks of other devices may be behind. */
const BACKDATED_MS = DAY_MS;

export function makeAuthority({ addresses, hostname }: LanNames, nowMs: number): Authority {
  const publicAddresses = addresses.filter((address) => !isPrivate(address));
  const { certificate, key } = unsigned(
    `Paritab on ${hostname} ${randomBytes(3).toString("hex")}`,
    nowMs,
    AUTHORITY_DAYS,
  );
  certificate.setIssuer(certificate.subject.attributes);
  certificate.setExtensions([
    { name: "basicConstraints", critical: true, cA: true, pathLenConstraint: 0 },
    { name: "keyUsage", critical: true, keyCertSign: true },
    { name: "subjectKeyIdentifier" },
    { id: "2.5.29.30", critical: true, value: nameConstraints(publicAddresses) },
  ]);
  return { ...signed(certificate, key, key), publicAddresses };
}

/** Does it speak for all of these? */
export const speaksFor = ({ publicAddresses }: Authority, { addresses }: LanNames): boolean =>
  addresses.every((address) => isPrivate(address) || publicAddresses.includes(address));

export function makeLeaf(authority: Authority, names: LanNames, nowMs: number): Certified {
  const { certificate, key } = unsigned("Paritab", nowMs, LEAF_DAYS);
  const issuer = pki.certificateFromPem(authority.certificate);
  certificate.setIssuer(issuer.subject.attributes);
  const altNames = [
    ...["localhost", names.hostname].map((value) => ({ type: 2, value })),
    ...["127.0.0.1", ...names.addresses].map((ip) => ({ type: 7, ip })),
  ];
  certificate.setExtensions([
    { name: "basicConstraints", critical: true, cA: false },
    { name: "keyUsage", critical: true, digitalSignature: true, keyEncipherment: true },
    { name: "extKeyUsage", serverAuth: true },
    { name: "subjectAltName", altNames },
    { name: "subjectKeyIdentifier" },
    { name: "authorityKeyIdentifier", keyIdentifier: issuer.generateSubjectKeyIdentifier().getBytes() },
  ]);
  return signed(certificate, key, authority.key);
}

/** SHA-256 as browsers and phones show it: pairs of digits with colons between. */
export function fingerprintOf(certificate: string): string {
  const digest = createHash("sha256").update(new X509Certificate(certificate).raw).digest("hex").toUpperCase();
  return digest.match(/../g)!.join(":");
}

export const endsMs = (certificate: string): number => Date.parse(new X509Certificate(certificate).validTo);

function unsigned(name: string, nowMs: number, days: number) {
  // Made by Node: the library's own keys take a second.
  const pair = generateKeyPairSync("rsa", {
    modulusLength: KEY_BITS,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  const certificate = pki.createCertificate();
  certificate.publicKey = pki.publicKeyFromPem(pair.publicKey);
  // Positive, as the standard asks.
  certificate.serialNumber = `01${randomBytes(15).toString("hex")}`;
  certificate.validity.notBefore = new Date(nowMs - BACKDATED_MS);
  certificate.validity.notAfter = new Date(nowMs - BACKDATED_MS + days * DAY_MS);
  certificate.setSubject([{ name: "commonName", value: name }]);
  return { certificate, key: pair.privateKey };
}

function signed(certificate: forge.pki.Certificate, key: string, signerKey: string): Certified {
  certificate.sign(pki.privateKeyFromPem(signerKey), md.sha256.create());
  return { certificate: pki.certificateToPem(certificate), key };
}

/** Permitted subtrees alone: names of other kinds and all other names are excluded by it. */
function nameConstraints(publicAddresses: readonly string[]): forge.asn1.Asn1 {
  const dns = ["local", "localhost"].map((name) => generalName(2, name));
  const ranges = [...PRIVATE_RANGES, ...publicAddresses.map((address) => [address, 32] as const)];
  const addresses = ranges.map(([address, bits]) => generalName(7, octets(address) + octets(maskOf(bits))));
  const subtrees = [...dns, ...addresses].map((name) =>
    asn1.create(asn1.Class.UNIVERSAL, asn1.Type.SEQUENCE, true, [name]),
  );
  return asn1.create(asn1.Class.UNIVERSAL, asn1.Type.SEQUENCE, true, [
    asn1.create(asn1.Class.CONTEXT_SPECIFIC, 0, true, subtrees),
  ]);
}

const generalName = (tag: number, value: string) => asn1.create(asn1.Class.CONTEXT_SPECIFIC, tag, false, value);
const octets = (address: string) => String.fromCharCode(...address.split(".").map(Number));
const maskOf = (bits: number) =>
  [0, 8, 16, 24].map((at) => 256 - 2 ** (8 - Math.min(8, Math.max(0, bits - at)))).join(".");
