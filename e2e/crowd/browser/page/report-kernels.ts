import * as tf from "@tensorflow/tfjs";
import type { ComputeThreadApi } from "../../../../shared/compute/compute-thread-api.ts";
import type { BackendName } from "../../../../shared/compute/model-runtime.ts";
import type { KernelReport } from "./swarm-messages.ts";

/** Runs each batch under tfjs's own profiler, and tells which back-end's implementation of each kernel was called. */
export function withKernelReports(inner: ComputeThreadApi, report: (report: KernelReport) => void): ComputeThreadApi {
  let calls: string[] = [];
  let drawCalls = 0;
  const countDraw = () => {
    drawCalls++;
  };
  return {
    ...inner,
    async start(forced, lifeLockName) {
      const calibration = await inner.start(forced, lifeLockName);
      watchKernels(calibration.backend, (name) => calls.push(name));
      watchDrawCalls(countDraw);
      return calibration;
    },
    async run(task) {
      if (task.isProbe) return inner.run(task);
      calls = [];
      drawCalls = 0;
      let outcome: Awaited<ReturnType<ComputeThreadApi["run"]>>;
      const { kernels } = await tf.profile(async () => {
        outcome = await inner.run(task);
        return [];
      });
      // Operations of several kernels are listed beside these, as name__op.
      const names = kernels.map(({ name }) => name).filter((name) => !name.endsWith("__op"));
      const implementationOf = (name: string) => calls.find((call) => call.endsWith(`:${name}`)) ?? `nobody:${name}`;
      report({ names: names.map(implementationOf), drawCalls });
      return outcome!;
    },
  };
}

/** The library looks its implementations up in this registry at each call. */
function watchKernels(backend: BackendName, onCall: (name: string) => void): void {
  for (const kernel of tf.getKernelsForBackend(backend)) {
    const { kernelFunc, kernelName } = kernel;
    kernel.kernelFunc = (parameters) => {
      onCall(`${backend}:${kernelName}`);
      return kernelFunc(parameters);
    };
  }
}

function watchDrawCalls(onDraw: () => void): void {
  const context = WebGL2RenderingContext.prototype;
  const { drawElements } = context;
  context.drawElements = function (...parameters) {
    onDraw();
    drawElements.apply(this, parameters);
  };
}
