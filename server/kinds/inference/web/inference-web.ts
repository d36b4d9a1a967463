/** Inference jobs on the web. */
import type { InferenceJobView } from "../../../../shared/kinds/inference/job-view.ts";
import type { WebKind } from "../../../web/web-kind.ts";
import type { InferencePort } from "../port.ts";
import { addAnswerEvents } from "./answer-events.ts";
import { Readers } from "./answer-readers.ts";
import { addAnswerRoutes } from "./answer-routes.ts";
import { addQueryRoutes } from "./query-routes.ts";
import { addRedoRoute } from "./redo-route.ts";
import { addStreamRoutes } from "./stream-routes.ts";
import { addUncheckedRoute } from "./unchecked-route.ts";
import { addWholes } from "./wholes/whole-routes.ts";

export const inferenceWeb: WebKind<InferenceJobView, InferencePort> = {
  addRoutes(web, port) {
    const readers = new Readers();
    addWholes(web, port, readers);
    addAnswerRoutes(web.app, port);
    addQueryRoutes(web, port);
    addStreamRoutes(web, port);
    addAnswerEvents(web, port, readers);
    addUncheckedRoute(web, port);
    addRedoRoute(web, port);
  },
  notStopped({ jobId, stream }) {
    const got = stream === undefined ? "a job that ends by itself; cancel it instead" : "one that is closed already";
    return { status: 409, code: "not-open", message: `job ${jobId}: expected a stream that is open, got ${got}` };
  },
};
