/// <reference types="@webgpu/types" />
/** A thin layer over a WebGPU device: buffers of whole numbers, and programs that write one. */
import { FieldError } from "../../field/field-error.ts";
import type { GpuDevice, GpuPlaced, GpuProduct, GpuSizes } from "./gpu-device.ts";
import { WEBGPU_PROGRAMS, WORKGROUP_SIZE } from "./webgpu-programs.ts";

const STEP_BYTES = 16;
const SIZES_BYTES = 32;

export interface PlacedBuffer extends GpuPlaced {
  readonly buffer: GPUBuffer;
}

/** @throws FieldError where there is no adapter or no device */
export async function openWebgpuDevice(): Promise<WebgpuDevice> {
  const gpu = (globalThis.navigator as Navigator | undefined)?.gpu;
  if (gpu === undefined) throw new FieldError("webgpu: expected WebGPU, got none");
  const adapter = await gpu.requestAdapter();
  if (adapter === null) throw new FieldError("webgpu: expected an adapter, got none");
  const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
  const device = await adapter.requestDevice({ requiredLimits: { maxBufferSize, maxStorageBufferBindingSize } });
  return new WebgpuDevice(device);
}

export class WebgpuDevice implements GpuDevice<PlacedBuffer> {
  readonly backend = "webgpu";
  readonly #device: GPUDevice;
  readonly #pipelines = new Map<GpuProduct, GPUComputePipeline>();
  #lost: string | null = null;

  constructor(device: GPUDevice) {
    this.#device = device;
    void device.lost.then(({ message }) => {
      this.#lost = message || "no reason given";
    });
  }

  upload(values: Uint32Array): PlacedBuffer {
    this.#requireDevice("upload");
    const size = Math.max(STEP_BYTES, values.byteLength);
    const { maxBufferSize, maxStorageBufferBindingSize } = this.#device.limits;
    const most = Math.min(maxBufferSize, maxStorageBufferBindingSize);
    if (size > most) throw new FieldError(`webgpu: expected at most ${most} bytes in a buffer, got ${size}`);
    const buffer = this.#device.createBuffer({ size, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST });
    this.#device.queue.writeBuffer(buffer, 0, values.buffer, values.byteOffset, values.byteLength);
    return { buffer, bytes: size };
  }

  free({ buffer }: PlacedBuffer): void {
    buffer.destroy();
  }

  async run(
    product: GpuProduct,
    matrix: PlacedBuffer,
    factor: PlacedBuffer,
    stepCount: number,
    sizes: GpuSizes,
  ): Promise<Uint32Array> {
    this.#requireDevice("run");
    const device = this.#device;
    device.pushErrorScope("validation");
    device.pushErrorScope("out-of-memory");
    const bytes = stepCount * STEP_BYTES;
    const output = device.createBuffer({ size: bytes, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC });
    const readable = device.createBuffer({ size: bytes, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
    const uniform = device.createBuffer({ size: SIZES_BYTES, usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST });
    try {
      const groups = Math.ceil(stepCount / WORKGROUP_SIZE);
      const across = Math.min(groups, device.limits.maxComputeWorkgroupsPerDimension);
      const { outputCount, segmentLength, stride, other } = sizes;
      const values = [outputCount, segmentLength, stride, other, stepCount, across * WORKGROUP_SIZE];
      device.queue.writeBuffer(uniform, 0, Uint32Array.from(values));
      const pipeline = this.#pipelineOf(product);
      const bindings = [matrix.buffer, factor.buffer, output, uniform].map((buffer, binding) => ({
        binding,
        resource: { buffer },
      }));
      const commands = device.createCommandEncoder();
      const pass = commands.beginComputePass();
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries: bindings }));
      pass.dispatchWorkgroups(across, Math.ceil(groups / across));
      pass.end();
      commands.copyBufferToBuffer(output, 0, readable, 0, bytes);
      device.queue.submit([commands.finish()]);
      const problems = [await device.popErrorScope(), await device.popErrorScope()];
      const problem = problems.find((error) => error !== null);
      if (problem) throw new FieldError(`webgpu: expected no error, got ${problem.message}`);
      await readable.mapAsync(GPUMapMode.READ);
      const result = new Uint32Array(readable.getMappedRange().slice(0));
      this.#requireDevice("run");
      return result;
    } finally {
      for (const buffer of [output, readable, uniform]) buffer.destroy();
    }
  }

  dispose(): void {
    this.#device.destroy();
  }

  #pipelineOf(product: GpuProduct): GPUComputePipeline {
    const held = this.#pipelines.get(product);
    if (held !== undefined) return held;
    const module = this.#device.createShaderModule({ code: WEBGPU_PROGRAMS[product] });
    const pipeline = this.#device.createComputePipeline({ layout: "auto", compute: { module, entryPoint: "main" } });
    this.#pipelines.set(product, pipeline);
    return pipeline;
  }

  /** A lost device does not throw by itself: reads never come, or give zeros. */
  #requireDevice(who: string): void {
    if (this.#lost !== null) throw new FieldError(`webgpu ${who}: expected a device, got a lost one (${this.#lost})`);
  }
}
