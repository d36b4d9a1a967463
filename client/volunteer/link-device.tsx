/** Under "Bring your phone": a link by which another device works under this volunteer's name. */
import { useState } from "preact/hooks";
import { useAction } from "../ui/jobs/use-action.ts";
import { Problem } from "../ui/problem.tsx";
import { QrCode } from "../ui/qr-code.tsx";
import { volunteerTexts } from "./texts/texts.ts";

export function LinkDevice({ owner, isReachable }: { owner: string | null; isReachable: boolean }) {
  const texts = volunteerTexts().devices;
  const [address, setAddress] = useState<string | null>(null);
  const { busy, problem, act } = useAction();

  async function make(): Promise<void> {
    // Loaded when it is asked for: nothing of it is needed before Start.
    const [{ loadIdentity }, { linkForDevice }] = await Promise.all([
      import("../session/identity.ts"),
      import("./own-devices.ts"),
    ]);
    setAddress(await linkForDevice(await loadIdentity(), location.origin, Date.now()));
  }

  return (
    <div class="link-device">
      <h3>{texts.title}</h3>
      {owner !== null && (
        <p class="note" role="status">
          {texts.under(owner)}
        </p>
      )}
      <p class="hint">{texts.text}</p>
      {address === null ? (
        <button type="button" class="small" disabled={busy} onClick={() => act(make)}>
          {texts.make}
        </button>
      ) : (
        <>
          {isReachable && <QrCode address={address} label={texts.picture} />}
          <p>
            <button type="button" class="small" onClick={() => act(() => navigator.clipboard.writeText(address))}>
              {texts.copy}
            </button>{" "}
            <span class="hint">{texts.until}</span>
          </p>
          <code class="block device-link">{address}</code>
        </>
      )}
      <Problem message={problem} say={texts.failed} />
    </div>
  );
}
