import { useEffect, useState } from "preact/hooks";
import { phoneAddressOf } from "../ui/phone-address.ts";
import { QrCode } from "../ui/qr-code.tsx";
import { LinkDevice } from "./link-device.tsx";
import { volunteerTexts } from "./texts/texts.ts";

/**
 * A QR code of this page's address where another device can use it, and a plain sentence where it cannot.
 * @param owner the name that this device works under, where it is another's; null: its own
 */
export function BringPhone({ owner }: { owner: string | null }) {
  const texts = volunteerTexts().phone;
  const phone = phoneAddressOf(location.origin, isSecureContext);
  return (
    <section class="panel phone" aria-labelledby="phone-title">
      <h2 id="phone-title">{texts.title}</h2>
      {phone.kind === "reachable" ? (
        <>
          <QrCode address={phone.address} label={texts.picture(phone.address)} />
          <p class="hint">
            {texts.text} <a href={phone.address}>{phone.address}</a>
          </p>
        </>
      ) : (
        <p class="hint">{texts[phone.kind]}</p>
      )}
      <LinkDevice owner={owner} isReachable={phone.kind === "reachable"} />
      <InstallButton />
    </section>
  );
}

/** Chromium's event; other browsers have the same in their menus. */
interface InstallPrompt extends Event {
  prompt(): Promise<unknown>;
}

function InstallButton() {
  const texts = volunteerTexts().phone;
  const [prompt, setPrompt] = useState<InstallPrompt | null>(null);
  useEffect(() => {
    const onPrompt = (event: Event) => {
      event.preventDefault();
      setPrompt(event as InstallPrompt);
    };
    const onInstalled = () => setPrompt(null);
    addEventListener("beforeinstallprompt", onPrompt);
    addEventListener("appinstalled", onInstalled);
    return () => {
      removeEventListener("beforeinstallprompt", onPrompt);
      removeEventListener("appinstalled", onInstalled);
    };
  }, []);
  if (prompt === null) return null;
  return (
    <>
      <button type="button" class="wide" onClick={() => void prompt.prompt()}>
        {texts.install}
      </button>
      <p class="hint">{texts.installHint}</p>
    </>
  );
}
