/** Addresses of a sheet and its slips. After the `#` stands what opens them, so that it is in nobody's log. Pure. */

/** Back from a sheet. */
export const PANEL_HASH = "#seats";

/** @returns whose sheet the address opens; null: the operator's page itself */
export function printedSheet(hash: string): string | null {
  const sheetId = new URLSearchParams(hash.replace(/^#/, "")).get("seats");
  return sheetId === "" ? null : sheetId;
}

/** What the QR code of a slip opens. */
export const seatAddress = (origin: string, code: string): string => `${origin}/#seat=${code}`;
