/** A sheet to print: a slip for each seat, to be cut apart and handed out. Nobody's name is on it. */
import type { SeatSheetView } from "../../shared/protocol/seats-api.ts";
import { operatorTexts } from "../ui/operator-texts.ts";
import { phoneAddressOf } from "../ui/phone-address.ts";
import { QrCode } from "../ui/qr-code.tsx";
import { PANEL_HASH, seatAddress } from "./seat-address.ts";

const texts = operatorTexts.seats.sheet;

export function SeatSlips({ sheet: { name, untilMs, seats } }: { sheet: SeatSheetView }) {
  const { kind } = phoneAddressOf(location.origin, isSecureContext);
  return (
    <section class="slips-page" aria-labelledby="slips-title">
      <div class="buttons no-print">
        <button type="button" class="primary" onClick={() => print()}>
          {texts.print}
        </button>
        <a class="button" href={PANEL_HASH}>
          {texts.back}
        </a>
      </div>
      {kind !== "reachable" && <p class="note warn no-print">{texts[kind]}</p>}
      <h2 id="slips-title">{texts.title(name)}</h2>
      <p class="hint">{texts.how(untilMs)}</p>
      <ol class="slips">
        {seats.map(({ number, code }) => (
          <li key={number} class="slip">
            <QrCode address={seatAddress(location.origin, code)} label={texts.picture(number)} />
            <div>
              <h3>{texts.seat(number)}</h3>
              <p>
                {texts.open} <span class="slip-address">{location.host}</span>
              </p>
              <p>
                {texts.code} <code class="slip-code">{code}</code>
              </p>
              <p>{texts.start}</p>
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}
