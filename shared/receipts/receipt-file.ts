import { utf8 } from "./bytes.ts";
import { canonical } from "./canonical.ts";
import type { SealedReceipt } from "./sealed-receipt.ts";
import type { SealedWhole } from "./whole-receipt.ts";

/** The file as it is kept: one line. */
export function receiptFile(sealed: SealedReceipt | SealedWhole): Uint8Array<ArrayBuffer> {
  return utf8(`${canonical(sealed)}\n`);
}
