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
render(
  <VolunteerPage tab={tab} forcedBackend={forcedBackend} isInvited={invitation !== null} />,
  document.getElementById("page")!,
);
registerServiceWorker();
