/**
 * What an address such as `https://…/#invite=…` brings: an invitation to a private job, or the operator's word that this volunteer is its
 * own (`#admit=…`). After the `#`, so that it is in nobody's log.
 */
import type { TabMemory } from "./reload-once.ts";

const TOKEN = /^[A-Za-z0-9_-]{22,64}$/;
const KEPT = { invite: "paritab-invitation", admit: "paritab-admission" } as const;

export function tokenIn(hash: string, what: keyof typeof KEPT): string | null {
  const token = new URLSearchParams(hash.replace(/^#/, "")).get(what);
  return token !== null && TOKEN.test(token) ? token : null;
}

/** The address's, or what this tab came with: links within the site do not carry it on. */
export function keepToken(hash: string, what: keyof typeof KEPT, memory: TabMemory): string | null {
  const token = tokenIn(hash, what);
  if (token !== null) memory.setItem(KEPT[what], token);
  return token ?? tokenIn(`#${what}=${memory.getItem(KEPT[what]) ?? ""}`, what);
}
