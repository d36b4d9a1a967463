/**
 * Who a volunteer is: a P-256 key pair made in this browser. The private key cannot be exported, not even by this page;
 * it lies in IndexedDB and signs the coordinator's nonce. No account, no name.
 */

export interface VolunteerIdentity {
  /** The raw uncompressed point, 65 bytes. */
  readonly publicKey: Uint8Array;
  /** @returns ECDSA with SHA-256 in IEEE P1363 form, 64 bytes */
  sign(statement: Uint8Array): Promise<Uint8Array>;
}

/** Keys, locks and isolation exist only on https:// and on localhost. */
export class InsecureContextError extends Error {
  override readonly name = "InsecureContextError";
  constructor() {
    super("identity: expected a secure context (https:// or localhost), got a plain http:// address");
  }
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256" } as const;
const DATABASE_NAME = "paritab";
const KEY_STORE = "keys";

/**
 * Finds the key pair of that name, or makes one.
 * @param keyName one identity each; the worker page always uses "volunteer"
 * @throws InsecureContextError where the browser gives this page no cryptography
 */
export async function loadIdentity(keyName = "volunteer"): Promise<VolunteerIdentity> {
  if (!globalThis.isSecureContext || globalThis.crypto?.subtle === undefined) throw new InsecureContextError();
  const keys = await loadKeys(keyName);
  const publicKey = new Uint8Array(await crypto.subtle.exportKey("raw", keys.publicKey));
  return {
    publicKey,
    async sign(statement) {
      const signature = await crypto.subtle.sign(
        { name: "ECDSA", hash: "SHA-256" },
        keys.privateKey,
        statement as Uint8Array<ArrayBuffer>,
      );
      return new Uint8Array(signature);
    },
  };
}

async function loadKeys(keyName: string): Promise<CryptoKeyPair> {
  const database = await openDatabase();
  try {
    const found = await settled<CryptoKeyPair | undefined>(keysOf(database, "readonly").get(keyName));
    if (found !== undefined) return found;
    const made = await crypto.subtle.generateKey(ALGORITHM, false, ["sign", "verify"]);
    try {
      await settled(keysOf(database, "readwrite").add(made, keyName));
      return made;
    } catch (error) {
      // Another tab was quicker: its pair is the volunteer's.
      const theirs = await settled<CryptoKeyPair | undefined>(keysOf(database, "readonly").get(keyName));
      if (theirs === undefined) throw error;
      return theirs;
    }
  } finally {
    database.close();
  }
}

function openDatabase(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE_NAME, 1);
  request.onupgradeneeded = () => void request.result.createObjectStore(KEY_STORE);
  return settled(request);
}

function keysOf(database: IDBDatabase, mode: IDBTransactionMode): IDBObjectStore {
  return database.transaction(KEY_STORE, mode).objectStore(KEY_STORE);
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
