/** What a coordinator that has started says on its terminal: where it listens, and where its pages are for people. */

/** @param publicUrl how others reach it, through a proxy; null: where it listens */
export function pageWords(url: string, publicUrl: URL | null): string {
  const base = publicUrl?.origin ?? url;
  return `Paritab listens on ${url}\n  volunteers: ${base}/\n  submitters: ${base}/dashboard\n  operator:   ${base}/operator`;
}
