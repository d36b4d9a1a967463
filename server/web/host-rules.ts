/**
 * Which Host and Origin headers are ours. A foreign Host is DNS rebinding; a foreign Origin is another site's page that
 * uses a visitor's browser to reach a coordinator on their machine or network.
 */

export interface HostRules {
  isAllowedHost(host: string | undefined): boolean;
  /** @param host the request's Host header */
  isAllowedOrigin(origin: string, host: string | undefined): boolean;
  /** Another site's page that may use the API with a token; see cross-origin.ts. */
  isOtherAllowedOrigin(origin: string): boolean;
  readonly hasOtherOrigins: boolean;
}

const LOOPBACK_NAMES = ["localhost", "127.0.0.1", "[::1]"];
const WILDCARD_ADDRESSES = ["0.0.0.0", "::", ""];

/**
 * @param publicUrl under which people reach the coordinator, behind a proxy or on a network; null on one machine
 * @param bindHost the address it listens on; a name for itself unless it means every address
 * @param ownNames other names and addresses of this machine
 * @param otherOrigins of PARITAB_ALLOWED_ORIGINS
 */
export function createHostRules(
  publicUrl: URL | null,
  bindHost: string,
  otherOrigins: readonly string[] = [],
  ownNames: readonly string[] = [],
): HostRules {
  const hostnames = new Set([...LOOPBACK_NAMES, ...ownNames]);
  if (publicUrl !== null) hostnames.add(publicUrl.hostname);
  if (!WILDCARD_ADDRESSES.includes(bindHost)) hostnames.add(bindHost.includes(":") ? `[${bindHost}]` : bindHost);

  const isAllowedHost = (host: string | undefined): boolean => {
    const url = hostUrl(host);
    return url !== null && hostnames.has(url.hostname);
  };
  return {
    isAllowedHost,
    isOtherAllowedOrigin: (origin) => otherOrigins.includes(origin),
    hasOtherOrigins: otherOrigins.length > 0,
    isAllowedOrigin(origin, host) {
      if (publicUrl !== null && origin === publicUrl.origin) return true;
      // The page came from this very host and port; another port of localhost is another site.
      const from = originUrl(origin);
      return from !== null && isAllowedHost(host) && from.host === hostUrl(host, from.protocol)?.host;
    },
  };
}

function hostUrl(host: string | undefined, protocol = "http:"): URL | null {
  if (host === undefined || !/^[a-z0-9.-]+(:\d{1,5})?$|^\[[0-9a-f:.]+\](:\d{1,5})?$/i.test(host)) return null;
  return URL.canParse(`${protocol}//${host}`) ? new URL(`${protocol}//${host}`) : null;
}

function originUrl(origin: string): URL | null {
  if (!URL.canParse(origin)) return null;
  const url = new URL(origin);
  return (url.protocol === "http:" || url.protocol === "https:") && url.origin === origin ? url : null;
}
