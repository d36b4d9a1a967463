import "../session/own-scripts.ts";
import { render } from "preact";
import { ALL_BACKEND_NAMES, type BackendName } from "../../shared/compute/model-runtime.ts";
import { keepToken } from "./invitation.ts";
import { keepDeviceLink } from "./own-devices.ts";
import { VolunteerPage } from "./volunteer-page.tsx";
import { createVolunteerTab } from "./volunteer-tab.ts";
import { followWork } from "./work-stream.ts";

const forcedBackend = forcedBackendOf(location.search);
const invitation = keepToken(location.hash, "invite", sessionStorage);
const admission = keepToken(location.hash, "admit", sessionStorage);
const deviceLink = keepDeviceLink(location.hash, localStorage, Date.now());
const memoryGib = memoryOf(location.search);
const tab = createVolunteerTab({ forcedBackend, memoryGib, invitation, admission, deviceLink });
// In a task of its own: no task of the page's thread is to take 50 ms, and reading the scripts takes half of that.
await new Promise<void>((resolve) => setTimeout(resolve));
render(
  <VolunteerPage tab={tab} forcedBackend={forcedBackend} isInvited={invitation !== null} />,
  document.getElementById("page")!,
);
registerServiceWorker();
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

/** Where there is no secure context there are no service workers; the page works without one all the same. */
function registerServiceWorker(): void {
  if (!("serviceWorker" in navigator)) return;
  // After everything that the page itself needs.
  const register = () => void navigator.serviceWorker.register("/service-worker.js").catch(() => undefined);
  if (document.readyState === "complete") register();
  else addEventListener("load", register, { once: true });
}
