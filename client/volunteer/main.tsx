import { render } from "preact";
import { forcedBackendOf } from "./forced-backend.ts";
import { VolunteerPage } from "./volunteer-page.tsx";
import { createVolunteerTab } from "./volunteer-tab.ts";

const forcedBackend = forcedBackendOf(location.search);
const tab = createVolunteerTab({ forcedBackend });
render(<VolunteerPage tab={tab} forcedBackend={forcedBackend} />, document.getElementById("page")!);
