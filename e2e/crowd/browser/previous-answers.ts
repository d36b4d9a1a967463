/** What a tab sent in the round before: what `replay` sends again. */
export interface PreviousAnswers<Answer> {
  /**
   * Takes down this round's answer. A round that is asked again is still the same round.
   * @param what answers to different things have different rounds before
   * @returns the last answer of the round before; null in the first
   */
  before(what: string, round: number, answer: Answer): Answer | null;
}

export function createPreviousAnswers<Answer>(): PreviousAnswers<Answer> {
  const latest = new Map<string, { round: number; answer: Answer; previous: Answer | null }>();
  return {
    before(what, round, answer) {
      const last = latest.get(what);
      const previous = last === undefined ? null : last.round === round ? last.previous : last.answer;
      latest.set(what, { round, answer, previous });
      return previous;
    },
  };
}
