import type { SeatSheetView } from "../../shared/protocol/seats-api.ts";
import { loadedLater } from "../ui/loaded-later.tsx";
import { operatorTexts } from "../ui/operator-texts.ts";
import { PANEL_HASH } from "./seat-address.ts";

const texts = operatorTexts.seats.sheet;

/** Who prints nothing loads no QR codes. */
const Slips = loadedLater(async () => (await import("./seat-slips.tsx")).SeatSlips);

interface PrintedSheetProps {
  readonly sheetId: string;
  /** null: not known yet */
  readonly sheets: readonly SeatSheetView[] | null;
}

/** In the place of the operator's page: the sheet that the address names. */
export function PrintedSheet({ sheetId, sheets }: PrintedSheetProps) {
  const sheet = sheets?.find((one) => one.sheetId === sheetId);
  if (sheet !== undefined) return <Slips sheet={sheet} />;
  return (
    <p class="hint" role="status">
      {sheets === null ? texts.looking : texts.gone} <a href={PANEL_HASH}>{texts.back}</a>
    </p>
  );
}
