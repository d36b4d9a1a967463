/**
 * The submitter's token, where the coordinator wants one: kept for this tab of the browser alone (sessionStorage), sent in a
 * header and nowhere else, gone when the tab is closed.
 */
import { type ReadonlySignal, signal } from "@preact/signals";
import type { WhoAmI } from "../../shared/protocol/access-api.ts";
import { ParitabApiError } from "../../shared/sdk/paritab-api-error.ts";
import { createParitabClient, type ParitabClient } from "../../shared/sdk/paritab-client.ts";

export type Access =
  /** Not asked yet, or the coordinator does not answer. */
  | { readonly kind: "unknown"; readonly problem: string | null }
  /** problem: why the last token was not taken */
  | { readonly kind: "token-wanted"; readonly problem: string | null }
  | { readonly kind: "open" }
  /** jobId: by a link to that job alone; null: with a token of one's own */
  | { readonly kind: "signed-in"; readonly submitter: string; readonly jobId: string | null };

export interface SignIn {
  readonly access: ReadonlySignal<Access>;
  /** Asks in the name of whoever is signed in. */
  readonly client: ParitabClient;
  /** A file of the coordinator, with the token where one is wanted. */
  fetch(url: string): Promise<Response>;
  /** Asks what the token that is kept opens. */
  look(): Promise<void>;
  signIn(token: string): Promise<void>;
  /** What the token opens is asked next. */
  keep(token: string): void;
  signOut(): void;
}

const KEY = "paritab-token";

/** @param keep where the token is kept: sessionStorage */
export function createSignIn(
  baseUrl: string,
  keep: Pick<Storage, "getItem" | "setItem" | "removeItem">,
  ask: typeof fetch = fetch,
): SignIn {
  const access = signal<Access>({ kind: "unknown", problem: null });

  const fetchWithToken: typeof fetch = async (input, init) => {
    const token = keep.getItem(KEY);
    const headers = new Headers(init?.headers);
    if (token !== null) headers.set("authorization", `Bearer ${token}`);
    const response = await ask(input, { ...init, headers });
    // It was revoked, or has expired, while somebody looked.
    if (response.status === 401 && access.value.kind === "signed-in") forget("The token is no longer valid.");
    return response;
  };
  const client = createParitabClient({ baseUrl, fetch: fetchWithToken });

  function forget(problem: string | null): void {
    keep.removeItem(KEY);
    access.value = { kind: "token-wanted", problem };
  }

  async function look(): Promise<void> {
    try {
      access.value = accessOf(await client.whoAmI());
    } catch (error) {
      if (error instanceof ParitabApiError && error.status === 401) forget(error.message);
      else access.value = { kind: "unknown", problem: (error as Error).message };
    }
  }

  return {
    access,
    client,
    fetch: (url) => fetchWithToken(url),
    look,
    async signIn(token) {
      keep.setItem(KEY, token.trim());
      await look();
    },
    keep(token) {
      keep.setItem(KEY, token.trim());
      access.value = { kind: "unknown", problem: null };
    },
    signOut: () => forget(null),
  };
}

function accessOf({ tokensNeeded, submitter, scopes, jobId }: WhoAmI): Access {
  if (!tokensNeeded) return { kind: "open" };
  return scopes.length === 0 ? { kind: "token-wanted", problem: null } : { kind: "signed-in", submitter, jobId };
}
