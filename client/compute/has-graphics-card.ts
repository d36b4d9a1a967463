/** Processors that draw in a card's place, as they call themselves. */
const IN_ITS_PLACE = /swiftshader|llvmpipe|softpipe|basic render|software/i;

/**
 * Does WebGL run on a graphics card here? A processor that draws in its place answers right and is never the faster one, but takes
 * a second of a newcomer's first minute to be tried.
 * @returns true where nobody can tell: trying it says more then
 */
export function hasGraphicsCard(): boolean {
  if (typeof OffscreenCanvas === "undefined") return true;
  const context = new OffscreenCanvas(1, 1).getContext("webgl2", { failIfMajorPerformanceCaveat: true });
  if (context === null) return false;
  const facts = context.getExtension("WEBGL_debug_renderer_info");
  const renderer = String(context.getParameter(facts?.UNMASKED_RENDERER_WEBGL ?? context.RENDERER));
  context.getExtension("WEBGL_lose_context")?.loseContext();
  return !IN_ITS_PLACE.test(renderer);
}
