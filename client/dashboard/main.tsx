import { render } from "preact";
import { createParitabClient } from "../../shared/sdk/paritab-client.ts";
import { DashboardPage } from "./dashboard-page.tsx";
import { createDashboardStore } from "./dashboard-store.ts";

const store = createDashboardStore(createParitabClient({ baseUrl: location.origin }));
render(<DashboardPage store={store} />, document.getElementById("page")!);
