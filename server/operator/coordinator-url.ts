/** PARITAB_URL, else where a coordinator with this environment listens. */
export function coordinatorUrl(environment: Readonly<Record<string, string | undefined>>): string {
  return environment.PARITAB_URL ?? `http://localhost:${environment.PARITAB_PORT || 8787}`;
}
