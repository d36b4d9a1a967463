/** A thin layer over a WebGL2 context: integer textures of four channels, and programs that write one. */
import { FieldError } from "../../field/field-error.ts";
import type { GpuDevice, GpuPlaced, GpuProduct, GpuSizes } from "./gpu-device.ts";
import { COVER_PROGRAM, WEBGL_PROGRAMS } from "./webgl-programs.ts";

const CHANNELS = 4;

export interface Texels extends GpuPlaced {
  readonly texture: WebGLTexture;
  /** Texels a row of the texture. */
  readonly side: number;
}

export class WebglDevice implements GpuDevice<Texels> {
  readonly backend = "webgl";
  readonly #gl: WebGL2RenderingContext;
  readonly #sideMax: number;
  readonly #programs = new Map<GpuProduct, WebGLProgram>();

  constructor(gl: WebGL2RenderingContext) {
    this.#gl = gl;
    this.#sideMax = gl.getParameter(gl.MAX_TEXTURE_SIZE) as number;
    // No vertex buffers, but WebGL wants an array object bound when it draws.
    gl.bindVertexArray(gl.createVertexArray());
    gl.disable(gl.DITHER);
  }

  /** Padded with zeros to a full rectangle. */
  upload(values: Uint32Array): Texels {
    const gl = this.#gl;
    const { side, height } = this.#rectangle(values.length / CHANNELS);
    const padded = new Uint32Array(side * height * CHANNELS);
    padded.set(values);
    const texture = this.#texture(side, height);
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, side, height, gl.RGBA_INTEGER, gl.UNSIGNED_INT, padded);
    this.#requireNoError("upload");
    return { texture, side, bytes: padded.byteLength };
  }

  free({ texture }: Texels): void {
    this.#gl.deleteTexture(texture);
  }

  run(product: GpuProduct, matrix: Texels, factor: Texels, texelCount: number, sizes: GpuSizes): Uint32Array {
    const gl = this.#gl;
    const program = this.#programOf(product);
    const { side, height } = this.#rectangle(texelCount);
    const target = this.#texture(side, height);
    const frame = gl.createFramebuffer();
    gl.bindFramebuffer(gl.FRAMEBUFFER, frame);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, target, 0);
    gl.viewport(0, 0, side, height);
    // Programs come before textures: binding a unit is what they share.
    gl.useProgram(program);
    [matrix, factor].forEach(({ texture }, unit) => {
      gl.activeTexture(gl.TEXTURE0 + unit);
      gl.bindTexture(gl.TEXTURE_2D, texture);
    });
    const all = {
      ...sizes,
      matrix: 0,
      factor: 1,
      matrixSide: matrix.side,
      factorSide: factor.side,
      outputSide: side,
    };
    for (const [name, value] of Object.entries(all)) gl.uniform1i(gl.getUniformLocation(program, name), value);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
    const output = new Uint32Array(side * height * CHANNELS);
    gl.readPixels(0, 0, side, height, gl.RGBA_INTEGER, gl.UNSIGNED_INT, output);
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    gl.deleteFramebuffer(frame);
    gl.deleteTexture(target);
    this.#requireNoError("run");
    return output.subarray(0, texelCount * CHANNELS);
  }

  dispose(): void {
    this.#gl.getExtension("WEBGL_lose_context")?.loseContext();
  }

  #rectangle(texelCount: number): { side: number; height: number } {
    const side = Math.min(this.#sideMax, Math.max(1, Math.ceil(Math.sqrt(texelCount))));
    const height = Math.ceil(texelCount / side);
    if (height <= this.#sideMax) return { side, height };
    const most = this.#sideMax ** 2 * CHANNELS;
    throw new FieldError(`webgl: expected at most ${most} entries, got ${texelCount * CHANNELS}`);
  }

  #texture(width: number, height: number): WebGLTexture {
    const gl = this.#gl;
    const texture = gl.createTexture();
    if (texture === null) throw new FieldError("webgl: expected a texture, got none");
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.texStorage2D(gl.TEXTURE_2D, 1, gl.RGBA32UI, width, height);
    // Integer textures have no filter, and without saying so they read as zero.
    for (const filter of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) {
      gl.texParameteri(gl.TEXTURE_2D, filter, gl.NEAREST);
    }
    return texture;
  }

  #programOf(product: GpuProduct): WebGLProgram {
    const held = this.#programs.get(product);
    if (held !== undefined) return held;
    const gl = this.#gl;
    const program = gl.createProgram();
    for (const [kind, text] of [
      [gl.VERTEX_SHADER, COVER_PROGRAM],
      [gl.FRAGMENT_SHADER, WEBGL_PROGRAMS[product]],
    ] as const) {
      const shader = gl.createShader(kind);
      if (shader === null) throw new FieldError("webgl: expected a shader, got none");
      gl.shaderSource(shader, text);
      gl.compileShader(shader);
      if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) {
        throw new FieldError(`webgl: expected a shader that compiles, got ${gl.getShaderInfoLog(shader)}`);
      }
      gl.attachShader(program, shader);
      gl.deleteShader(shader);
    }
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS)) {
      throw new FieldError(`webgl: expected a program that links, got ${gl.getProgramInfoLog(program)}`);
    }
    this.#programs.set(product, program);
    return program;
  }

  /** Out of memory and lost contexts do not throw by themselves, and reads give zeros then. */
  #requireNoError(who: string): void {
    // getError tells of a lost context once; from then on it knows no error.
    if (this.#gl.isContextLost()) throw new FieldError(`webgl ${who}: expected a context, got a lost one`);
    const code = this.#gl.getError();
    if (code !== this.#gl.NO_ERROR) throw new FieldError(`webgl ${who}: expected no error, got code ${code}`);
  }
}
