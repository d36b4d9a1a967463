/** What happened in a job, in words, the latest first. Pure. */
import type { CodedHistory } from "../../shared/coded/run-view.ts";
import { codedTexts } from "./coded-texts.ts";
import type { CodedWords } from "./coded-words.ts";

const texts = codedTexts.events;

export interface JobEvent {
  readonly kind: "liar" | "code";
  readonly when: string;
  readonly text: string;
}

/** @param isVerified a checked result never reaches what comes out; others may have */
export function jobEvents(
  { step, result }: CodedWords,
  { liars, codeChanges }: Pick<CodedHistory, "liars" | "codeChanges">,
  isVerified: boolean,
): JobEvent[] {
  const events: (JobEvent & { at: number })[] = [
    // Within a step; those before it are counted.
    ...liars.map(({ iteration, nickname }) => ({
      at: iteration + 0.5,
      kind: "liar" as const,
      when: texts.within(step, iteration + 1),
      text: isVerified ? texts.liar(result, nickname) : texts.liarBelieved(nickname),
    })),
    ...codeChanges.map(({ iteration, generation, blockCount, reason }) => ({
      at: iteration,
      kind: "code" as const,
      when: texts.after(iteration),
      text: texts.code(blockCount, generation, reason),
    })),
  ];
  return events.sort((a, b) => b.at - a.at).map(({ at: _at, ...event }) => event);
}

/** Who keeps others waiting now; null: nobody. */
export function slowNow({ volunteers }: Pick<CodedHistory, "volunteers">): string | null {
  const slow = volunteers.filter(({ isSlow, isPresent, isLiar }) => isSlow && isPresent && !isLiar);
  return slow.length === 0 ? null : texts.slow(slow.map(({ nickname }) => nickname));
}
