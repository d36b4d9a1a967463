import { useEffect, useState } from "preact/hooks";
import { encode } from "uqr";
import { volunteer } from "../ui/texts.ts";
import { phoneAddressOf } from "./phone-address.ts";

const texts = volunteer.phone;

/** A QR code of this page's address where another device can use it, and a plain sentence where it cannot. */
export function BringPhone() {
  const phone = phoneAddressOf(location.origin, isSecureContext);
  return (
    <section class="panel phone" aria-labelledby="phone-title">
      <h2 id="phone-title">{texts.title}</h2>
      {phone.kind === "reachable" ? (
        <>
          <QrCode address={phone.address} />
          <p class="hint">
            {texts.text} <a href={phone.address}>{phone.address}</a>
          </p>
        </>
      ) : (
        <p class="hint">{texts[phone.kind]}</p>
      )}
      <InstallButton />
    </section>
  );
}

function QrCode({ address }: { address: string }) {
  // The quiet zone of four modules is part of the code: scanners look for it.
  const { data, size } = encode(address, { border: 4 });
  const path = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : []))).join("");
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={texts.picture(address)}>
      <rect width={size} height={size} class="qr-light" />
      <path d={path} class="qr-dark" shapeRendering="crispEdges" />
    </svg>
  );
}

/** Chromium's event; other browsers have the same in their menus. */
interface InstallPrompt extends Event {
  prompt(): Promise<unknown>;
}

function InstallButton() {
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
