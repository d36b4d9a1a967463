interface ProblemProps {
  /** null: there is none */
  readonly message: string | null;
  /** Puts it into a sentence. */
  say?(message: string): string;
}

/** What went wrong, told at once to whoever does not see it. */
export function Problem({ message, say = (text) => text }: ProblemProps) {
  if (message === null) return null;
  return (
    <p class="note error" role="alert">
      {say(message)}
    </p>
  );
}
