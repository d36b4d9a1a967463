/** Products of matrices on the web. */
import type { MatmulJobView } from "../../../shared/kinds/matmul/job-view.ts";
import { encodeNpy } from "../../../shared/protocol/npy.ts";
import { ApiFailure } from "../../web/api-failure.ts";
import { file, jobParams, route } from "../../web/route.ts";
import { sendFile } from "../../web/send-file.ts";
import { jobOfKind, type Web, type WebKind } from "../../web/web-kind.ts";
import type { MatmulPort } from "./port.ts";

export const matmulWeb: WebKind<MatmulJobView, MatmulPort> = { addRoutes: addProductRoute, notStopped: null };

/** A times B, once the last slice is in: before that the file would hold zeros that are no answer. */
function addProductRoute({ app, port }: Web, desk: MatmulPort): void {
  const options = route(
    {
      name: "product",
      group: "products of matrices",
      about: "A times B, rows x columns float64, once it is whole.",
      scope: "read",
    },
    { params: jobParams, response: { 200: file("a .npy file") } },
  );
  app.get("/api/jobs/:jobId/product.npy", options, async ({ params }, reply) => {
    const { jobId, slices, slicesDone } = jobOfKind(port, params, "matmul", "a matrix job");
    const held = await desk.product(jobId);
    if (held === null) {
      const message = `job ${jobId}: expected one whose product is whole, got ${slicesDone} of ${slices} slices`;
      throw new ApiFailure(409, "no-product", message);
    }
    const npy = encodeNpy({ dtype: "F64", shape: [held.rows, held.columns], data: held.product });
    return sendFile(reply, `${jobId}-product.npy`, npy);
  });
}
