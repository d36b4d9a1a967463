/**
 * Does WebGL run on a graphics card here? A processor that draws in its place answers right and is never the faster one, but takes
 * a second of a newcomer's first minute to be tried.
 * @returns true where nobody can tell: trying it says more then
 */
export function hasGraphicsCard(): boolean {
  if (typeof OffscreenCanvas === "undefined") return true;
  const canvas = new OffscreenCanvas(1, 1);
  // Browsers refuse this one where a processor would draw.
  const context = canvas.getContext("webgl2", { failIfMajorPerformanceCaveat: true });
  context?.getExtension("WEBGL_lose_context")?.loseContext();
  return context !== null;
}
