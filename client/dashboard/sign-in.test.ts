import { beforeEach, describe, expect, test } from "vitest";
import { createSignIn, type SignIn } from "./sign-in.ts";

const GOOD = "ptb_good";

let kept: Map<string, string>;
let seen: { url: string; authorization: string | null }[];
let tokensNeeded: boolean;
let answers: (url: string, token: string | null) => Response | null;
let signIn: SignIn;

const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status });
const refused = () => json({ error: { code: "bad-token", message: "an unknown token" } }, 401);

/** The coordinator's side of it, as far as a token goes. */
const coordinator: typeof fetch = async (input, init) => {
  const url = String(input);
  const authorization = new Headers(init?.headers).get("authorization");
  seen.push({ url, authorization });
  const token = authorization?.replace("Bearer ", "") ?? null;
  const special = answers(url, token);
  if (special !== null) return special;
  if (!tokensNeeded) return json({ tokensNeeded, submitter: "", scopes: ["read"], jobId: null });
  if (token === null) return json({ tokensNeeded, submitter: "", scopes: [], jobId: null });
  return token === GOOD ? json({ tokensNeeded, submitter: "ada", scopes: ["read"], jobId: null }) : refused();
};

beforeEach(() => {
  kept = new Map();
  seen = [];
  tokensNeeded = true;
  answers = () => null;
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
  signIn = createSignIn("http://localhost", storage, coordinator);
});

describe("signing in", () => {
  test("a coordinator that wants no tokens is open, and gets none", async () => {
    tokensNeeded = false;
    await signIn.look();
    expect(signIn.access.value).toEqual({ kind: "open" });
    expect(seen).toEqual([{ url: "http://localhost/api/whoami", authorization: null }]);
  });

  test("a good token is kept for this tab and sent in a header, never in an address", async () => {
    await signIn.look();
    expect(signIn.access.value).toEqual({ kind: "token-wanted", problem: null });
    await signIn.signIn(` ${GOOD}\n`);
    expect(signIn.access.value).toEqual({ kind: "signed-in", submitter: "ada", jobId: null });
    expect([...kept.values()]).toEqual([GOOD]);
    await signIn.fetch("http://localhost/api/jobs/j/answers.csv");
    expect(seen.at(-1)?.authorization).toBe(`Bearer ${GOOD}`);
    expect(seen.map(({ url }) => url).join()).not.toContain(GOOD);
  });

  test("a wrong token is said and not kept", async () => {
    await signIn.signIn("ptb_wrong");
    expect(signIn.access.value).toEqual({ kind: "token-wanted", problem: "an unknown token" });
    expect(kept.size).toBe(0);
  });

  test("a token that is revoked meanwhile asks for another; signing out forgets", async () => {
    await signIn.signIn(GOOD);
    answers = (url) => (url.endsWith("/api/jobs") ? refused() : null);
    await expect(signIn.client.jobs()).rejects.toMatchObject({ status: 401 });
    expect(signIn.access.value).toMatchObject({
      kind: "token-wanted",
      problem: expect.stringMatching(/no longer valid/),
    });
    expect(kept.size).toBe(0);
    await signIn.signIn(GOOD);
    signIn.signOut();
    expect([signIn.access.value, kept.size]).toEqual([{ kind: "token-wanted", problem: null }, 0]);
  });

  test("a coordinator that does not answer is said, and the token stays", async () => {
    await signIn.signIn(GOOD);
    answers = () => {
      throw new TypeError("failed to fetch");
    };
    await signIn.look();
    expect(signIn.access.value).toMatchObject({ kind: "unknown", problem: expect.stringMatching(/cannot be reached/) });
    expect(kept.size).toBe(1);
  });
});
