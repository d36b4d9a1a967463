/**
 * What an address such as `https://…/#invite=…` brings: an invitation to a private job, the operator's word that this volunteer is its
 * own (`#admit=…`), or a code from a sheet of seats (`#seat=…`). After the `#`, so that it is in nobody's log.
 */
import { seatCodeOf } from "../../shared/protocol/seat-codes.ts";
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

const SEAT_KEPT = "paritab-seat";

/** The address's code for a seat, or what this tab came with, or was told. In the form that is printed. */
export function keepSeatCode(hash: string, memory: TabMemory): string | null {
  const code = seatCodeOf(new URLSearchParams(hash.replace(/^#/, "")).get("seat") ?? "");
  if (code !== null) keepTypedCode(code, memory);
  return code ?? seatCodeOf(memory.getItem(SEAT_KEPT) ?? "");
}

/** For this visit: later its key is known by its seat. */
export function keepTypedCode(code: string, memory: TabMemory): void {
  memory.setItem(SEAT_KEPT, code);
}
