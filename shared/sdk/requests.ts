import type { ApiError } from "../protocol/api-error.ts";
import { SDK_NOTICE_MS, SDK_NOTICE_MS_MIN } from "../protocol/limits.ts";
import { plainJson, plainLines, plainText } from "../protocol/plain-text.ts";
import { ParitabApiError } from "./paritab-api-error.ts";
import type { Asker } from "./patience.ts";

export interface Requester extends Asker {
  readonly baseUrl: string;
  readonly fetch: typeof fetch;
  /** Sent as `Authorization: Bearer`, never in an address. */
  readonly token?: string | undefined;
  /** Set by the first answer, whatever it says: from then on a long silence is the coordinator's work. */
  wasHeard?: boolean;
}

export interface Request {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: BodyInit;
  readonly signal?: AbortSignal | undefined;
  /** [PR104] The coordinator may take minutes for it: the answer is asked for until it is there. */
  readonly mayTakeLong?: boolean;
}

/** The header that makes a repeated submission the same job. */
export function keyHeader(key: string | undefined): Record<string, string> {
  return key === undefined ? {} : { "idempotency-key": key };
}

/**
 * As it comes, its texts as plain text: ask-as.ts parses what it asks for.
 * @throws ParitabApiError on any answer that is no success, on none, and on a success that is no JSON
 */
export async function askJson<T>(requester: Requester, path: string, request: Request): Promise<T> {
  const response = await ask(requester, path, request);
  const text = await whole(requester, request, () => response.text());
  try {
    return plainJson(text) as T;
  } catch {
    throw new ParitabApiError(response.status, "bad-answer", `${path}: expected JSON, got something else`);
  }
}

/** @throws ParitabApiError as askJson does */
export async function askBytes(requester: Requester, path: string, request: Request): Promise<Uint8Array<ArrayBuffer>> {
  const response = await ask(requester, path, request);
  return new Uint8Array(await whole(requester, request, () => response.arrayBuffer()));
}

/** What comes piece by piece. Reading it throws ParitabApiError where the connection is lost on the way. */
export async function* askPieces(
  requester: Requester,
  path: string,
  request: Request,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { body, status } = await ask(requester, path, request);
  if (body === null) throw new ParitabApiError(status, "bad-answer", `${path}: expected a body, got none`);
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await whole(requester, request, () => reader.read());
      if (done) return;
      yield value;
    }
  } finally {
    // Whoever has had enough, or was cut off: nothing more is to come.
    await reader.cancel().catch(() => undefined);
  }
}

/** A connection may be lost in the middle of an answer as well. */
async function whole<T>(requester: Requester, { signal }: Request, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    signal?.throwIfAborted();
    throw lost(requester, error);
  }
}

async function ask(requester: Requester, path: string, request: Request): Promise<Response> {
  const { baseUrl, fetch, token } = requester;
  const { signal, mayTakeLong: _mayTakeLong, ...given } = request;
  const rest =
    token === undefined ? given : { ...given, headers: { ...given.headers, authorization: `Bearer ${token}` } };
  let response: Response;
  const silence = noticeSilence(requester, rest.body !== undefined);
  try {
    const straight = bytesOf(rest.body) < SENT_STRAIGHT_BYTES ? {} : STRAIGHT;
    response = await fetch(new URL(path, baseUrl), {
      ...rest,
      ...straight,
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw lost(requester, error);
  } finally {
    silence.end();
  }
  requester.wasHeard = true;
  if (!response.ok) throw await apiError(response, path);
  return response;
}

/**
 * Node's fetch keeps all that it has sent, for a redirect might want it again. A model of a gigabyte goes without: where the address leads
 * elsewhere, that is said.
 */
const STRAIGHT = { redirect: "error", window: null } as const;
const SENT_STRAIGHT_BYTES = 16 * 1024 * 1024;

function bytesOf(body: BodyInit | undefined): number {
  if (body instanceof Blob) return body.size;
  if (!(body instanceof FormData)) return 0;
  let sum = 0;
  for (const part of body.values()) sum += part instanceof Blob ? part.size : 0;
  return sum;
}

/** An address may swallow what it is sent, without a word: that is told before the connection is given up. */
function noticeSilence({ baseUrl, onWaiting, wasHeard }: Requester, hasBody: boolean): { end(): void } {
  if (onWaiting === undefined || wasHeard) return { end: () => {} };
  const reason = hasBody
    ? `the request to the coordinator at ${baseUrl} has no answer yet`
    : `the coordinator at ${baseUrl} has not answered yet`;
  let waitedMs = SDK_NOTICE_MS_MIN;
  const tell = () => {
    onWaiting({ reason, waitedMs, leftMs: null });
    waitedMs += SDK_NOTICE_MS;
    timer = setTimeout(tell, SDK_NOTICE_MS);
  };
  let timer = setTimeout(tell, SDK_NOTICE_MS_MIN);
  return { end: () => clearTimeout(timer) };
}

/** @returns of what passes "unreachable"; a certificate that is not trusted does not pass, nor does an address without TLS */
function lost({ baseUrl }: Requester, error: unknown): ParitabApiError {
  if (isUntrusted(error)) {
    const advice = "on a local network save its /ca.crt and set NODE_EXTRA_CA_CERTS to that file (docs/lan.md)";
    const message = `the certificate of ${baseUrl} is not trusted here (${reasonOf(error)}): ${advice}`;
    return new ParitabApiError(0, "untrusted-certificate", message);
  }
  if (codeOf(error) === NOT_TLS) {
    const message = `${baseUrl} does not speak https: if its address begins with http://, say so`;
    return new ParitabApiError(0, "not-https", message);
  }
  if (reasonOf(error) === "unexpected redirect") {
    const message = `${baseUrl} leads elsewhere, and what is as large is sent to where the coordinator is: name that address`;
    return new ParitabApiError(0, "redirected", message);
  }
  return new ParitabApiError(0, "unreachable", `the coordinator at ${baseUrl} cannot be reached: ${reasonOf(error)}`);
}

async function apiError(response: Response, path: string): Promise<ParitabApiError> {
  const body: unknown = await response.json().catch(() => null);
  return refusalIn(body, path, response.status, retryAfterMsOf(response));
}

/** @param body of an answer that is no success */
export function refusalIn(body: unknown, path: string, status: number, retryAfterMs: number | null): ParitabApiError {
  const { code, message } = (body as Partial<ApiError> | null)?.error ?? {};
  // A proxy in between answers in its own way.
  if (code === undefined || message === undefined) {
    return new ParitabApiError(status, "bad-answer", `${path}: got status ${status} without a reason`);
  }
  return new ParitabApiError(status, plainText(String(code)), plainLines(String(message)), retryAfterMs);
}

/** Seconds alone: this coordinator says no dates. */
function retryAfterMsOf({ headers }: Response): number | null {
  const seconds = headers.get("retry-after");
  return seconds !== null && /^\d+$/.test(seconds) ? 1000 * Number(seconds) : null;
}

/** As OpenSSL and Node name what they do not trust. */
const UNTRUSTED = /^(ERR_TLS_CERT_|CERT_|UNABLE_TO_|SELF_SIGNED_CERT_|DEPTH_ZERO_)/;

const NOT_TLS = "ERR_SSL_WRONG_VERSION_NUMBER";

function isUntrusted(error: unknown): boolean {
  return UNTRUSTED.test(codeOf(error));
}

/** Node's name of what is wrong with the connection; empty: it has none. */
function codeOf(error: unknown): string {
  const { cause } = error as { cause?: { code?: unknown } };
  return typeof cause?.code === "string" ? cause.code : "";
}

/** Node's fetch says "fetch failed" and keeps the reason as the cause. */
function reasonOf(error: unknown): string {
  const { cause, message } = error as Error;
  return cause instanceof Error && cause.message !== "" ? cause.message : message;
}
