/** The headers that every response carries, pages and errors alike. */
import helmet from "@fastify/helmet";
import type { FastifyInstance } from "fastify";

const PERMISSIONS_DENIED = [
  "accelerometer",
  "autoplay",
  "browsing-topics",
  "camera",
  "clipboard-read",
  "display-capture",
  "encrypted-media",
  "fullscreen",
  "gamepad",
  "geolocation",
  "gyroscope",
  "hid",
  "local-fonts",
  "magnetometer",
  "microphone",
  "midi",
  "payment",
  "picture-in-picture",
  "publickey-credentials-get",
  "serial",
  "usb",
  "xr-spatial-tracking",
];
const PERMISSIONS_POLICY = PERMISSIONS_DENIED.map((feature) => `${feature}=()`).join(", ");

/** What helmet says depends on the host alone, and costs as much as all else that is done to a small request: it is kept for hosts that came lately. */
const HOSTS_KEPT_MAX = 16;

/**
 * Everything from this origin, scripts only as files, WebAssembly allowed; isolated (COOP and COEP), so that the tabs
 * have exact timers and shared memory.
 * @param isHttps people reach us by TLS: browsers are told to stay with it
 */
export async function addSecurityHeaders(app: FastifyInstance, isHttps: boolean): Promise<void> {
  await app.register(helmet, {
    global: false,
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        "default-src": ["'none'"],
        "script-src": ["'self'", "'wasm-unsafe-eval'"],
        "worker-src": ["'self'"],
        // Some browsers do not count a WebSocket to the own host as 'self'.
        "connect-src": ["'self'", (request) => socketSources(request.headers.host)],
        "img-src": ["'self'"],
        "manifest-src": ["'self'"],
        "style-src": ["'self'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "object-src": ["'none'"],
        // No text becomes markup or code; the one policy lets scripts of our own origin be started (own-scripts.ts).
        "require-trusted-types-for": ["'script'"],
        "trusted-types": ["default"],
      },
    },
    crossOriginOpenerPolicy: { policy: "same-origin" },
    crossOriginEmbedderPolicy: { policy: "require-corp" },
    crossOriginResourcePolicy: { policy: "same-origin" },
    referrerPolicy: { policy: "no-referrer" },
    strictTransportSecurity: isHttps ? { maxAge: 31_536_000, includeSubDomains: false } : false,
  });
  const madeFor = new Map<string, readonly (readonly [name: string, value: number | string | string[]])[]>();
  app.addHook("onRequest", async ({ headers: { host } }, reply) => {
    reply.header("permissions-policy", PERMISSIONS_POLICY);
    const sources = socketSources(host);
    const { raw } = reply;
    const made = madeFor.get(sources);
    if (made !== undefined) {
      for (const [name, value] of made) raw.setHeader(name, value);
      return;
    }
    const before = new Set(raw.getHeaderNames());
    reply.helmet();
    if (madeFor.size === HOSTS_KEPT_MAX) madeFor.clear();
    const names = raw.getHeaderNames().filter((name) => !before.has(name));
    madeFor.set(
      sources,
      names.map((name) => [name, raw.getHeader(name)!]),
    );
  });
}

function socketSources(host: string | undefined): string {
  // A header of the request goes into a header of the response: only what can be a host.
  return host !== undefined && /^[\w.:[\]-]{1,255}$/.test(host) ? `ws://${host} wss://${host}` : "'self'";
}
