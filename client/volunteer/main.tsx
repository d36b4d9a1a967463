import "../session/own-scripts.ts";
import { render } from "preact";
import { forcedBackendOf } from "./forced-backend.ts";
import { keepInvitation } from "./invitation.ts";
import { registerServiceWorker } from "./register-service-worker.ts";
import { VolunteerPage } from "./volunteer-page.tsx";
import { createVolunteerTab } from "./volunteer-tab.ts";

const forcedBackend = forcedBackendOf(location.search);
const invitation = keepInvitation(location.hash, sessionStorage);
const tab = createVolunteerTab({ forcedBackend, invitation });
// In a task of its own: no task of the page's thread is to take 50 ms, and reading the scripts takes half of that.
await new Promise<void>((resolve) => setTimeout(resolve));
render(
  <VolunteerPage tab={tab} forcedBackend={forcedBackend} isInvited={invitation !== null} />,
  document.getElementById("page")!,
);
registerServiceWorker();
