/** How those come in who sit there already: the address, without a code. */
import { phoneAddressOf } from "../ui/phone-address.ts";
import { QrCode } from "../ui/qr-code.tsx";
import { classTexts as texts } from "./class-texts.ts";

export function JoinCard() {
  const phone = phoneAddressOf(location.origin, isSecureContext);
  return (
    <section class="join" aria-labelledby="join-title">
      {phone.kind === "reachable" && <QrCode address={phone.address} label={texts.picture(phone.address)} />}
      <div>
        <h2 id="join-title">{texts.join}</h2>
        <p>{phone.kind === "reachable" ? texts.joinText : texts[phone.kind]}</p>
        <p class="join-address">{location.host}</p>
      </div>
    </section>
  );
}
