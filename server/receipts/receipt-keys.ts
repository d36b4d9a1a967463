/**
 * The coordinator's keys: the Ed25519 pairs that sign receipts, each vouched for by the one before, and a master secret that the
 * secrets of jobs derive from, so that none has to be stored. One file in the data directory, readable by its owner alone, backed up
 * with it: whoever has it can sign in this coordinator's name and knows which rows will be checked.
 */
import { createPrivateKey, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { constants } from "node:fs";
import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { bytesOfHex, utf8 } from "../../shared/receipts/bytes.ts";
import { base64Of, bytesOfBase64 } from "../../shared/receipts/ed25519.ts";
import { JOB_SECRET_BYTES } from "../../shared/receipts/job-draws.ts";
import { type KeyLink, keyIdOf, keyLinkSchema, keyMessage } from "../../shared/receipts/sealed-receipt.ts";
import { hmacSha256 } from "../../shared/receipts/sha256.ts";
import { replaceDurably } from "../durable-files.ts";

export const RECEIPT_KEYS_NAME = "receipt-keys.json";

const fileSchema = z.strictObject({
  /** 32 bytes in hex. */
  secret: z.string().length(2 * JOB_SECRET_BYTES),
  keys: z
    .array(z.strictObject({ ...keyLinkSchema.shape, privateKey: z.string().describe("PKCS #8, DER in base64.") }))
    .min(1),
});
type KeyFile = z.infer<typeof fileSchema>;

export interface Signature {
  readonly keyId: string;
  /** base64 */
  readonly signature: string;
}

/** What signs, and what draws of jobs derive from. */
export interface ReceiptSigner {
  /** Of all keys, the first one first; the last one signs. */
  links(): Promise<KeyLink[]>;
  /** @param messageOf what is signed may name the key */
  sign(messageOf: (keyId: string) => Uint8Array): Promise<Signature>;
  /** 32 bytes, the same whenever it is asked for. */
  jobSecret(jobId: string): Uint8Array;
}

/** Keys of a file. It is read again for each signature: a rotation holds from the next one on, without a restart. */
export class ReceiptKeys implements ReceiptSigner {
  readonly #read: () => Promise<KeyFile>;
  readonly #secret: Uint8Array;

  private constructor(read: () => Promise<KeyFile>, { secret }: KeyFile) {
    this.#read = read;
    this.#secret = bytesOfHex(secret);
  }

  /**
   * Made where there is none.
   * @throws Error where the file is there and is none of keys: nothing is made in its place
   */
  static async open(dataDirectory: string, nowMs: () => number): Promise<ReceiptKeys> {
    const path = join(dataDirectory, RECEIPT_KEYS_NAME);
    if (!(await isThere(path))) {
      await writeKeys(path, { secret: randomBytes(JOB_SECRET_BYTES).toString("hex"), keys: [newKey(nowMs(), null)] });
    }
    const read = () => readKeys(path);
    return new ReceiptKeys(read, await read());
  }

  /** For tests and simulations: gone with the process. */
  static inMemory(nowMs: () => number, secret: string = randomBytes(JOB_SECRET_BYTES).toString("hex")): ReceiptKeys {
    const file = { secret, keys: [newKey(nowMs(), null)] };
    return new ReceiptKeys(async () => file, file);
  }

  async links(): Promise<KeyLink[]> {
    return (await this.#read()).keys.map(({ privateKey: _secret, ...link }) => link);
  }

  async sign(messageOf: (keyId: string) => Uint8Array): Promise<Signature> {
    const { publicKey, privateKey } = (await this.#read()).keys.at(-1)!;
    const keyId = keyIdOf(bytesOfBase64(publicKey));
    return { keyId, signature: signed(messageOf(keyId), privateKey) };
  }

  jobSecret(jobId: string): Uint8Array {
    return hmacSha256(this.#secret, utf8(`job:${jobId}`));
  }
}

/**
 * A new key signs from now on; the one before vouches for it.
 * @param isLost the one before is not to be trusted, or is gone: nobody vouches for the new one
 * @returns the id of the new key
 */
export async function rotateKey(dataDirectory: string, nowMs: number, isLost = false): Promise<string> {
  const path = join(dataDirectory, RECEIPT_KEYS_NAME);
  const { secret, keys } = await readKeys(path);
  const key = newKey(nowMs, isLost ? null : keys.at(-1)!);
  await writeKeys(path, { secret, keys: [...keys, key] });
  return keyIdOf(bytesOfBase64(key.publicKey));
}

/** Public parts of the keys of a folder. */
export async function readKeyLinks(dataDirectory: string): Promise<KeyLink[]> {
  const { keys } = await readKeys(join(dataDirectory, RECEIPT_KEYS_NAME));
  return keys.map(({ privateKey: _secret, ...link }) => link);
}

/** @param before vouches for it; null: nobody does */
function newKey(nowMs: number, before: KeyFile["keys"][number] | null): KeyFile["keys"][number] {
  const pair = generateKeyPairSync("ed25519");
  // The last 32 bytes of the DER form are the key itself (RFC 8410).
  const raw = pair.publicKey.export({ format: "der", type: "spki" }).subarray(-32);
  const privateKey = pair.privateKey.export({ format: "der", type: "pkcs8" }).toString("base64");
  const link = {
    publicKey: base64Of(raw),
    fromMs: Math.round(nowMs),
    before: before === null ? null : keyIdOf(bytesOfBase64(before.publicKey)),
  };
  return { ...link, signature: signed(keyMessage(link), (before ?? { privateKey }).privateKey), privateKey };
}

function signed(message: Uint8Array, privateKey: string): string {
  const key = createPrivateKey({ key: Buffer.from(privateKey, "base64"), format: "der", type: "pkcs8" });
  return sign(null, message, key).toString("base64");
}

async function isThere(path: string): Promise<boolean> {
  return access(path, constants.F_OK).then(
    () => true,
    () => false,
  );
}

async function readKeys(path: string): Promise<KeyFile> {
  const parsed = fileSchema.safeParse(JSON.parse(await readFile(path, "utf8")));
  if (parsed.success) return parsed.data;
  const { path: place, message } = parsed.error.issues[0]!;
  throw new Error(`${path}: ${place.join(".")}: ${message}; put back the file of your last backup`);
}

/** Whole or not at all, and durable: a signature whose key is lost cannot be vouched for. */
async function writeKeys(path: string, keys: KeyFile): Promise<void> {
  await replaceDurably(path, `${JSON.stringify(keys, null, 2)}\n`, 0o600);
}
