import type { DialQuestion, DialSetting } from "../../scheme-definition.ts";

const STRAGGLERS_MAX = 2;

/**
 * What is kept for who is late. K = 1: copies. Else backups, which cost nothing until they are needed; and mixtures, of use
 * where estimates may stand (bench waiting).
 */
export function systematicDialSettings(question: DialQuestion): DialSetting[] {
  const { queriesPerGroup, volunteers, liars, usesMixtures } = question;
  const all: DialSetting[] = [{ stragglers: 0, liars: 0, spares: "backups" }];
  for (let stragglers = 1; stragglers <= STRAGGLERS_MAX; stragglers++) {
    if (queriesPerGroup === 1) {
      if (stragglers < volunteers) all.push({ stragglers, liars: 0, spares: "parities" });
      continue;
    }
    if (stragglers < queriesPerGroup) all.push({ stragglers, liars: 0, spares: "backups" });
    const isRoom = queriesPerGroup + stragglers + liars <= volunteers;
    if (usesMixtures && isRoom) all.push({ stragglers, liars, spares: "parities" });
  }
  return all;
}
