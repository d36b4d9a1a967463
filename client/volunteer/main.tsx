import "../session/own-scripts.ts";
import { effect } from "@preact/signals";
import { render } from "preact";
import { ALL_BACKEND_NAMES, type BackendName } from "../../shared/compute/model-runtime.ts";
import { keepSeatCode, keepToken } from "./invitation.ts";
import { keepDeviceLink } from "./own-devices.ts";
import { speakAsWanted, speech } from "./texts/texts.ts";
import { VolunteerPage } from "./volunteer-page.tsx";
import { createVolunteerTab } from "./volunteer-tab.ts";
import { followWork } from "./work-stream.ts";

const forcedBackend = forcedBackendOf(location.search);
const invitation = keepToken(location.hash, "invite", sessionStorage);
const admission = keepToken(location.hash, "admit", sessionStorage);
const seatCode = keepSeatCode(location.hash, sessionStorage);
const deviceLink = keepDeviceLink(location.hash, localStorage, Date.now());
const memoryGib = memoryOf(location.search);
// Before anything is computed: a page that could not be drawn would have no Stop. What follows is a task of its own: no task of the page's
// thread is to take 50 ms, and reading the scripts takes half of that.
await speakAsWanted();
const tab = createVolunteerTab({ forcedBackend, memoryGib, invitation, seatCode, admission, deviceLink });
render(
  <VolunteerPage tab={tab} forcedBackend={forcedBackend} isInvited={invitation !== null} />,
  document.getElementById("page")!,
);
effect(() => registerServiceWorker(speech().address));
followWork();

/** `?backend=webgl|wasm|cpu` leaves just that one to try. Anything else is as if it were not there. */
function forcedBackendOf(search: string): BackendName | null {
  const wanted = new URLSearchParams(search).get("backend");
  return ALL_BACKEND_NAMES.find((name) => name === wanted) ?? null;
}

/** `?memory=2`: gigabytes that one model may take of this tab. Anything else is as if it were not there. */
function memoryOf(search: string): number | null {
  const wanted = new URLSearchParams(search).get("memory") ?? "";
  return /^\d+(\.\d+)?$/.test(wanted) && Number(wanted) > 0 ? Number(wanted) : null;
}

/**
 * Where there is no secure context there are no service workers; the page works without one all the same.
 * @param texts address of the file of texts, which the page's HTML does not name
 */
function registerServiceWorker(texts: string): void {
  if (!("serviceWorker" in navigator)) return;
  const address = `/service-worker.js?${new URLSearchParams({ texts: new URL(texts).pathname })}`;
  // After everything that the page itself needs.
  const register = () => void navigator.serviceWorker.register(address).catch(() => undefined);
  if (document.readyState === "complete") register();
  else addEventListener("load", register, { once: true });
}
