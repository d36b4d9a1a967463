/** Products of matrices on the web. */
import type { MatmulJobView } from "../../../shared/kinds/matmul/job-view.ts";
import { encodeNpy } from "../../../shared/protocol/npy.ts";
import { ApiFailure } from "../../web/api-failure.ts";
import { jobOfKind, type Web, type WebKind } from "../../web/web-kind.ts";
import type { MatmulPort } from "./port.ts";

export const matmulWeb: WebKind<MatmulJobView, MatmulPort> = { addRoutes: addProductRoute, notStopped: null };

/** A times B, once the last slice is in: before that the file would hold zeros that are no answer. */
function addProductRoute({ app, port }: Web, desk: MatmulPort): void {
  app.get("/api/jobs/:jobId/product.npy", async (request, reply) => {
    const { jobId, slices, slicesDone } = jobOfKind(port, request.params, "matmul", "a matrix job");
    const held = await desk.product(jobId);
    if (held === null) {
      const message = `job ${jobId}: expected one whose product is whole, got ${slicesDone} of ${slices} slices`;
      throw new ApiFailure(409, "no-product", message);
    }
    const file = encodeNpy({ dtype: "F64", shape: [held.rows, held.columns], data: held.product });
    return reply
      .type("application/octet-stream")
      .header("content-disposition", `attachment; filename="${jobId}-product.npy"`)
      .send(Buffer.from(file.buffer));
  });
}
